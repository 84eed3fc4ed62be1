"""Step 1: whose request is this? The write key may stand in four places."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from urllib.parse import urlsplit

import msgspec

from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.receiving.limits import MAX_KEY_CHARACTERS
from pupitre.flow.collect.receiving.requests import Known, Received, Turn, TurnedAway


class _Keyed(msgspec.Struct, gc=False):
    write_key: str | None = msgspec.field(default=None, name="writeKey")


class _KeyedEvents(msgspec.Struct, gc=False):
    batch: list[_Keyed] = []


KEYS_AT_HAND = 1024  # headers whose key is remembered: a source sends the same ever again
_of_body = msgspec.json.Decoder(_Keyed)
_of_events = msgspec.json.Decoder(_KeyedEvents)
NO_KEY = TurnedAway(
    Turn.NO_KEY,
    401,
    "No write key: give it by Basic authentication, as writeKey in the body, or in the query.",
)
UNKNOWN_KEY = TurnedAway(Turn.UNKNOWN_KEY, 401, "This write key opens no source, or does no more.")
WRONG_ORIGIN = TurnedAway(
    Turn.WRONG_ORIGIN, 403, "This source does not take events from pages of that origin."
)


def authenticate(received: Received) -> Known | TurnedAway:
    key = key_of(received)
    if not key:
        return NO_KEY
    source = received.book.find(key, at=received.at) if len(key) <= MAX_KEY_CHARACTERS else None
    if source is None:
        return UNKNOWN_KEY
    if received.origin and not allows(source, received.origin):
        return WRONG_ORIGIN
    return Known(received, source)


def key_of(received: Received) -> str:
    """By Basic authentication, else in the body, else in the query. Bearer leaves it to those."""
    given = basic_key(received.authorization)
    if not given and received.body:
        given = _body_key(received.body)
    return given or received.query.get("writeKey", "")


@lru_cache(maxsize=KEYS_AT_HAND)
def basic_key(authorization: str) -> str:
    """The user name of Basic authentication, with or without the colon after it."""
    scheme, _, coded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    coded = coded.strip()
    try:
        # Some SDKs leave the padding out.
        said = base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return said.partition(":")[0].strip()


def _body_key(body: bytes) -> str:
    try:
        return _of_body.decode(body).write_key or _key_of_events(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return ""


def _key_of_events(body: bytes) -> str:
    """A batch may carry its key in each of its events: the first speaks for all."""
    events = _of_events.decode(body).batch
    return (events[0].write_key or "") if events else ""


def allows(source: SourceView, origin: str) -> bool:
    """Whether a page of that origin may send. A source that names no origin takes any."""
    if not source.allowed_origins:
        return True
    return _plain(origin) in {_plain(allowed) for allowed in source.allowed_origins}


def _plain(origin: str) -> str:
    """An origin, in the one form in which two of them can be compared."""
    try:
        parts = urlsplit(origin.strip().lower().rstrip("/"))
        port = parts.port
    except ValueError:
        return origin
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    tail = "" if port in (None, usual) else f":{port}"
    return f"{parts.scheme}://{parts.hostname or ''}{tail}"
