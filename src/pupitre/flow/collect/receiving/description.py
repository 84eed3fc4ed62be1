"""What the collector takes and answers, in OpenAPI: for those who write senders, and for fuzzers.

Put together from the routes, the bounds and the closed lists that the code itself goes by.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.receiving import limits, routes
from pupitre.flow.collect.receiving.requests import Route, Turn
from pupitre.lake.contracts import EventType

Json = dict[str, Any]

PATH = "/v1/openapi.json"
_ENGINES_KEEP = "^[^\\u0000\\ufffd]*$"
_NEEDS = {
    EventType.TRACK: ("event",),
    EventType.GROUP: ("groupId",),
    EventType.ALIAS: ("previousId", "userId"),
}
_KB = 1024
ABOUT = f"""\
Segment's HTTP tracking API, so that existing SDKs work unmodified. JSON is read whatever the
content type says; gzip is taken. At most {limits.MAX_EVENT_BYTES // _KB} KB an event,
{limits.MAX_BODY_BYTES // _KB} KB and {limits.MAX_BATCH_EVENTS} events a request, expanded.
200 says that what came is on the disk; where some of a batch was refused it rests in quarantine,
with the reason. 400, 401, 403 and 413 are final; 408 and 503 ask to send again."""


def _text(most: int, least: int = 0) -> Json:
    bounds = {"minLength": least} if least else {}
    return {"type": "string", "maxLength": most, "pattern": _ENGINES_KEEP, **bounds}


def _identifier() -> Json:
    return {"anyOf": [_text(limits.MAX_IDENTIFIER_CHARACTERS, 1), {"type": "number"}]}


def _instant() -> Json:
    return {
        "description": "ISO 8601, or seconds or milliseconds since 1970. Without offset: UTC.",
        "anyOf": [{"type": "string", "format": "date-time"}, {"type": "number"}],
    }


def _event(kind: EventType | None) -> Json:
    """One event; of the type that its address says, or that it says itself."""
    fields: Json = {
        "messageId": _text(limits.MAX_MESSAGE_ID_CHARACTERS),
        **{name: _identifier() for name in ("userId", "anonymousId", "previousId", "groupId")},
        "event": _text(limits.MAX_NAME_CHARACTERS, 1),
        "name": _text(limits.MAX_NAME_CHARACTERS),
        **{name: _instant() for name in ("timestamp", "originalTimestamp", "sentAt")},
        **{name: {"type": "object"} for name in ("properties", "traits", "context")},
        "writeKey": {"type": "string"},
    }
    needs = list(_NEEDS.get(kind, ())) if kind else ["type"]
    if kind is None:
        fields["type"] = {"enum": [one.value for one in EventType]}
    else:
        fields["type"] = {"type": "string"}
    either = [{"required": [name]} for name in ("userId", "anonymousId")]
    schema: Json = {"type": "object", "properties": fields, "required": needs}
    return schema if kind is EventType.ALIAS else {**schema, "anyOf": either}


def _batch() -> Json:
    return {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {
                "type": "array",
                "maxItems": limits.MAX_BATCH_EVENTS,
                "items": {"$ref": "#/components/schemas/event"},
            },
            "sentAt": _instant(),
            "context": {"type": "object", "description": "merges into that of each event"},
            "integrations": {"type": "object"},
            "writeKey": {"type": "string"},
        },
    }


def _schemas() -> Json:
    codes = sorted({*(turn.value for turn in Turn), *(reason.value for reason in Refusal)})
    return {
        "event": _event(None),
        **{kind.value: _event(kind) for kind in EventType},
        "batch": _batch(),
        "either": {
            "anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("batch", "event")]
        },
        "accepted": {
            "type": "object",
            "required": ["success"],
            "properties": {"success": {"const": True}},
            "additionalProperties": False,
        },
        "refusal": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"enum": codes}, "message": {"type": "string"}},
            "additionalProperties": False,
        },
    }


def _answer(what: str, schema: str = "refusal") -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": what, "content": content}


_FINAL = {
    "400": _answer("Nothing of it was let in: no JSON, or its only event was refused."),
    "401": _answer("No write key, or one that opens no source."),
    "403": _answer("The source does not take events from pages of that origin."),
    "413": _answer("Too large, or too many events."),
}
_LATER = {
    "408": _answer("The body was too slow to come. Send it again."),
    "503": {
        **_answer("More comes than can be kept just now. Send it again."),
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
    },
}
_KEY_IN_QUERY = {"name": "writeKey", "in": "query", "schema": {"type": "string"}}
_KEYED: list[Json] = [{"basic": []}, {}]  # or in the body, or in the query


def _posted(route: Route) -> Json:
    schema = {"$ref": f"#/components/schemas/{route.type or route.kind}"}
    return {
        "summary": f"Send {'events' if route.kind != 'event' else f'one {route.type}'}",
        "security": _KEYED,
        "parameters": [_KEY_IN_QUERY],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": _answer("Kept.", "accepted"), **_FINAL, **_LATER},
    }


def _pixel(route: Route) -> Json:
    image = {"image/gif": {"schema": {"type": "string", "format": "binary"}}}
    fields = ("userId", "anonymousId", "event", "name", "properties.subject")
    about = "The event as JSON in base64; or one parameter for each of its fields."
    return {
        "summary": f"Send one {route.type} by loading an image",
        "parameters": [
            _KEY_IN_QUERY,
            {"name": "data", "in": "query", "description": about, "schema": {"type": "string"}},
            *({"name": name, "in": "query", "schema": {"type": "string"}} for name in fields),
        ],
        "responses": {
            "200": {"description": "An image of one pixel, whatever became of it."} | _as(image),
            "503": {"description": "Send it again."} | _as(image),
        },
    }


def _as(content: Json) -> Json:
    return {"content": content}


def _metrics() -> Json:
    return {
        "summary": "What a browser SDK tells about itself: thanked, not kept",
        "requestBody": {"content": {"application/json": {"schema": {}}}},
        "responses": {"200": _answer("Thank you.", "accepted")},
    }


def _boot(summary: str, parameters: list[Json], unknown: str) -> Json:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": "Where to send, and to nobody else."} | _as(content),
            unknown: _answer("No source has this write key."),
            "503": _LATER["503"],
        },
    }


def _paths() -> Json:
    paths: Json = {path: {"post": _posted(route)} for path, route in routes.POSTED.items()}
    paths |= {path: {"get": _pixel(route)} for path, route in routes.PIXELS.items()}
    paths |= {path: {"post": _metrics()} for path in sorted(routes.METRICS)}
    key = {"name": "writeKey", "in": "path", "required": True, "schema": {"type": "string"}}
    start, end = routes.SEGMENT_BOOT
    about = "What Segment's browser SDK asks for before it begins"
    paths[f"{start}{{writeKey}}{end}"] = {"get": _boot(about, [key], "404")}
    for path in sorted(routes.RUDDER_BOOT):
        about = "What RudderStack's SDKs ask for before they begin"
        told = _boot(about, [_KEY_IN_QUERY], "401")
        paths[path] = {"get": told | {"security": _KEYED}}
    anything = {"application/json": {"schema": {"type": "object"}}}
    told = {"description": "OpenAPI."} | _as(anything)
    paths[PATH] = {"get": {"summary": "This description", "responses": {"200": told}}}
    return paths


def description() -> Json:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pupitre's collector", "version": "1", "description": ABOUT},
        "servers": [{"url": "/"}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The write key as the user name, without a password. It may "
                    "also stand in the body, or in the query, as writeKey.",
                }
            },
        },
    }


DESCRIPTION = msgspec.json.encode(description())
