"""What the lake must hold of what passed on the wire, told from Segment's specification alone.

Nothing here is taken from the collector: it is written a second time, the plain and slow way.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.sdks.proxy import Passed

OWN_COLUMNS = {
    "type", "event", "name", "messageId", "userId", "anonymousId", "previousId", "groupId",
    "timestamp", "originalTimestamp", "sentAt", "properties", "traits", "context", "writeKey",
}  # fmt: skip
MILLISECOND = timedelta(milliseconds=1)
_TYPES = {letter[0]: letter for letter in ("identify", "track", "page", "screen", "group", "alias")}

Message = dict[str, Any]


def copies_sent(passed: Iterable[Passed]) -> dict[str, list[tuple[Message, Passed]]]:
    """Message id → each of its copies that reached the collector, with its batch's word in it."""
    found: dict[str, list[tuple[Message, Passed]]] = {}
    for request in passed:
        assert request.status == 200, (request.path, request.status, request.body[:300])
        for message in _messages(request):
            found.setdefault(message["messageId"], []).append((message, request))
    return found


def the_one_kept(
    copies: Iterable[tuple[Message, Passed]], row: Mapping[str, Any]
) -> tuple[Message, Passed]:
    """The copy that was under way when the row says that it was received.

    Any may be kept: two web processes write two journals, and their order is not the clock's.
    """
    at = row["received_at"].replace(tzinfo=UTC)
    for message, request in copies:
        if request.began - MILLISECOND <= at <= request.ended + MILLISECOND:
            return message, request
    raise AssertionError(f"no copy was under way at {at}")


def _messages(request: Passed) -> Iterable[Message]:
    said = request.json()
    if "batch" not in said:
        last = request.path.partition("?")[0].rsplit("/", 1)[-1]
        yield {**said, "type": _TYPES.get(last, last)}
        return
    for message in said["batch"]:
        context = {**said.get("context", {}), **message.get("context", {})}
        sent_at = message.get("sentAt", said.get("sentAt"))
        yield {**message, "context": context, "sentAt": sent_at}


def compare(message: Message, row: Mapping[str, Any]) -> None:
    """Field by field. Fails with the field that differs."""
    kind = message["type"]
    named = {"track": "event", "page": "name", "screen": "name"}.get(kind)
    plain = {
        "message_id": message["messageId"],
        "type": kind,
        "name": (message.get(named) or None) if named else None,
        "user_id": _id(message.get("userId")),
        "anonymous_id": _id(message.get("anonymousId")),
        "previous_id": _id(message.get("previousId")),
        "group_id": _id(message.get("groupId")),
        "identity": _identity(message),
        "channel": "web",
    }
    assert {name: row[name] for name in plain} == plain
    for name in ("properties", "traits", "context"):
        assert json.loads(row[name]) == (message.get(name) or {}), name
    assert json.loads(row["extra"]) == _others(message, named)
    _compare_times(message, row)
    _compare_money(kind, message.get("properties") or {}, row)


def _id(said: object) -> str | None:
    return None if said in (None, "") else str(said)


def _identity(message: Message) -> str:
    if message.get("userId"):
        return f"user_id:{message['userId']}"
    return f"anonymous_id:{message['anonymousId']}"


def _others(message: Message, named: str | None) -> Message:
    """Whatever has no column of its own: an event of what is no track, too."""
    own = OWN_COLUMNS - ({"event", "name"} - {named})
    return {name: value for name, value in message.items() if name not in own}


def _compare_times(message: Message, row: Mapping[str, Any]) -> None:
    original = instant(message.get("originalTimestamp") or message.get("timestamp"))
    sent = instant(message.get("sentAt"))
    assert original is not None, "every SDK says when it happened"
    received = row["received_at"].replace(tzinfo=UTC)
    assert row["original_at"] == original.replace(tzinfo=None)
    assert row["sent_at"] == (sent and sent.replace(tzinfo=None))
    corrected = min(received, received - (sent - original) if sent else original)
    assert row["corrected_at"] == corrected.replace(tzinfo=None)


def instant(said: str | None) -> datetime | None:
    if not said:
        return None
    at = datetime.fromisoformat(said)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _compare_money(kind: str, properties: Message, row: Mapping[str, Any]) -> None:
    revenue = properties.get("revenue") if kind == "track" else None
    assert row["amount"] == (None if revenue is None else Decimal(str(revenue)))
    assert row["currency"] == (None if revenue is None else properties["currency"].upper())
