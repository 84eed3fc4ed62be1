"""Step 2: from a body to typed messages.

Well-formed requests, nearly all, are read by one call into msgspec. What does not fit its types is
read again event by event and field by field, to say which one is wrong and to let the others in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail
from pupitre.flow.collect.intake.records import Refused, refused
from pupitre.flow.collect.receiving.limits import (
    MAX_BATCH_EVENTS,
    MAX_EVENT_BYTES,
)
from pupitre.flow.collect.receiving.requests import (
    Known,
    Message,
    Parsed,
    RichMessage,
    Turn,
    TurnedAway,
)

Fields = dict[str, msgspec.Raw]
Time = str | int | float | None


class Batch(msgspec.Struct, gc=False):
    """The envelope of many events."""

    batch: list[Message]
    sent_at: Time = msgspec.field(default=None, name="sentAt")
    context: msgspec.Raw = msgspec.Raw()
    integrations: msgspec.Raw = msgspec.Raw()


class RawBatch(msgspec.Struct, gc=False):
    """The same, with each event as it came."""

    batch: list[msgspec.Raw]
    sent_at: Any = msgspec.field(default=None, name="sentAt")
    context: msgspec.Raw = msgspec.Raw()
    integrations: msgspec.Raw = msgspec.Raw()


class _HasBatch(msgspec.Struct, gc=False):
    batch: msgspec.Raw


_batch = msgspec.json.Decoder(Batch)
raw_batch = msgspec.json.Decoder(RawBatch)
_message = msgspec.json.Decoder(Message)
_fields = msgspec.json.Decoder(Fields)
_has_batch = msgspec.json.Decoder(_HasBatch)
_ENCODED = {f.encode_name: (f.name, f.type) for f in msgspec.structs.fields(Message)}
_READ = {
    name: msgspec.json.Decoder(kind) for name, kind in _ENCODED.values() if kind is not msgspec.Raw
}
# What msgspec raises on text that is no JSON, or JSON nested beyond what it descends into.
UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def parse(known: Known) -> Parsed:
    """The messages of a request. What cannot be read at all goes to quarantine as a whole."""
    received = known.received
    kind = received.route.kind
    if kind == "either":
        kind = "batch" if _is_batch(received.body) else "event"
    try:
        return _many(known) if kind == "batch" else _one(known)
    except UNREADABLE as error:
        wrong = detail(Wrong.NO_JSON, engine=str(error))
        return _nothing(known, Refusal.UNREADABLE, wrong, 400, Turn.UNREADABLE)


def _is_batch(body: bytes) -> bool:
    try:
        _has_batch.decode(body)
    except UNREADABLE:
        return False
    return True


def _nothing(known: Known, reason: Refusal, wrong: Detail, status: int, turn: Turn) -> Parsed:
    kept = refused(reason, wrong, known.received.body)
    answer = TurnedAway(turn, status, wrong.english, code=reason.value)
    return Parsed(known, (), (), (kept,), whole=answer)


def _one(known: Known) -> Parsed:
    body = known.received.body
    if len(body) > MAX_EVENT_BYTES:
        wrong = detail(Wrong.EVENT_TOO_LARGE, bytes=len(body), most=MAX_EVENT_BYTES)
        return _nothing(known, Refusal.TOO_LARGE, wrong, 413, Turn.TOO_LARGE)
    try:
        message: Message | Refused = _message.decode(body)
    except msgspec.ValidationError:
        message = read_with_care(body)
    if isinstance(message, Refused):
        return Parsed(known, (), (), (message,))
    return Parsed(known, (message,), (body,))


def _many(known: Known) -> Parsed:
    body = known.received.body
    try:
        batch: Batch | RawBatch = _batch.decode(body)
    except msgspec.ValidationError:
        try:
            batch = raw_batch.decode(body)
        except msgspec.ValidationError as error:
            wrong = detail(Wrong.NO_BATCH, engine=str(error))
            return _nothing(known, Refusal.NOT_AN_OBJECT, wrong, 400, Turn.UNREADABLE)
    if len(batch.batch) > MAX_BATCH_EVENTS:
        wrong = detail(Wrong.BATCH_TOO_LONG, events=len(batch.batch), most=MAX_BATCH_EVENTS)
        return _nothing(known, Refusal.TOO_LARGE, wrong, 413, Turn.TOO_MANY)
    context, integrations = _shared(batch.context), _shared(batch.integrations)
    if isinstance(batch, Batch):
        messages = tuple(batch.batch)
        return Parsed(known, messages, (), (), batch.sent_at, context, integrations, batch=True)
    messages, raws, bad = _each(batch.batch)
    sent_at = batch.sent_at if isinstance(batch.sent_at, str | int | float) else None
    return Parsed(known, messages, raws, bad, sent_at, context, integrations, batch=True)


def _shared(raw: msgspec.Raw) -> Mapping[str, msgspec.Raw] | None:
    """What a batch says once for all of its events; nothing where it is no object."""
    if len(memoryview(raw)) <= len("{}"):
        return None
    try:
        return _fields.decode(raw) or None
    except msgspec.ValidationError:
        return None


def _each(
    raws: list[msgspec.Raw],
) -> tuple[tuple[Message, ...], tuple[msgspec.Raw, ...], tuple[Refused, ...]]:
    messages, kept, bad = [], [], []
    for raw in raws:
        message = read_with_care(raw)
        if isinstance(message, Refused):
            bad.append(message)
        else:
            messages.append(message)
            kept.append(raw)
    return tuple(messages), tuple(kept), tuple(bad)


def read_with_care(raw: msgspec.Raw | bytes) -> Message | Refused:
    """One event, field by field."""
    try:
        fields = _fields.decode(raw)
    except msgspec.ValidationError:
        return refused(Refusal.NOT_AN_OBJECT, detail(Wrong.NOT_AN_OBJECT), raw)
    values: dict[str, Any] = {}
    others = []
    for field, text in fields.items():
        if field not in _ENCODED:
            others.append(f"{msgspec.json.encode(field).decode()}:{str(text, 'utf-8')}")
            continue
        name, _ = _ENCODED[field]
        try:
            values[name] = _READ[name].decode(text) if name in _READ else text
        except msgspec.ValidationError as error:
            wrong = detail(Wrong.FIELD_NOT_READ, field=field, engine=str(error))
            return refused(Refusal.WRONG_TYPE, wrong, raw)
    if others:
        return RichMessage(**values, others=msgspec.Raw("{" + ",".join(others) + "}"))
    return Message(**values)


def raw_events(parsed: Parsed) -> tuple[msgspec.Raw | bytes, ...]:
    """Each message as it came. Read again only where one of them must go to quarantine."""
    if parsed.raws or not parsed.messages:
        return parsed.raws
    return tuple(raw_batch.decode(parsed.known.received.body).batch)
