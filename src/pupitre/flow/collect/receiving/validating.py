"""Step 3: which events are let in, and as what; which are not, and why."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from pupitre.flow.collect.contracts import PlanMode, Refusal, SourceView, Treatment
from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.records import Parcel, Record, Refused, refused
from pupitre.flow.collect.receiving import planning
from pupitre.flow.collect.receiving.aside import put_aside
from pupitre.flow.collect.receiving.limits import (
    AHEAD,
    LATE,
    MAX_DEPTH,
    MAX_EVENT_BYTES,
    MAX_IDENTIFIER_CHARACTERS,
    MAX_MESSAGE_ID_CHARACTERS,
    MAX_NAME_CHARACTERS,
    TOO_OLD,
)
from pupitre.flow.collect.receiving.parsing import raw_events
from pupitre.flow.collect.receiving.requests import ABSENT, Message, Parsed, RichMessage, Sorted
from pupitre.flow.collect.receiving.times import (
    EARLIEST_US,
    SECOND_US,
    NotLetIn,
    happened,
    sent,
)
from pupitre.flow.collect.receiving.unpacking import REPLACEMENT
from pupitre.flow.collect.sources.book import SourceBook
from pupitre.lake.contracts import EventType

Shared = Mapping[str, msgspec.Raw] | None
_TYPES = frozenset(kind.value for kind in EventType)
_AHEAD_US = round(AHEAD.total_seconds()) * SECOND_US
_LATE_US = round(LATE.total_seconds()) * SECOND_US
_TOO_OLD_US = round(TOO_OLD.total_seconds()) * SECOND_US
# An envelope may hold four identifiers, two names and times beside its objects: where the objects
# alone come near the bound, the event is weighed as it came.
_WEIGHED_FROM_CHARACTERS = MAX_EVENT_BYTES // 2
SHALLOW_CHARACTERS = 2 * MAX_DEPTH  # what is shorter cannot be too deep
_EXTRAS = (
    ("category", "category"),
    ("channel", "channel"),
    ("version", "version"),
    ("_metadata", "metadata"),
    ("receivedAt", "received_at"),
)
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(slots=True)
class _Setting:
    """What all events of one request share."""

    source: SourceView
    book: SourceBook
    forced_type: str
    received_us: int
    sent_us: int | None
    history: bool
    mended: bool
    context: Shared
    integrations: Shared
    treated: Counter[str]


def validate(parsed: Parsed) -> Sorted:
    received = parsed.known.received
    setting = _Setting(
        source=parsed.known.source,
        book=received.book,
        forced_type=received.route.type,
        received_us=received.at_us,
        sent_us=sent(parsed.sent_at),
        history=received.route.history,
        mended=received.mended,
        context=parsed.shared_context,
        integrations=parsed.shared_integrations,
        treated=Counter(),
    )
    records: list[Record] = []
    bad: list[Refused] = list(parsed.refused)
    may_be_heavy = len(received.body) > MAX_EVENT_BYTES
    raws: tuple[msgspec.Raw | bytes, ...] | None = None
    for index, message in enumerate(parsed.messages):
        try:
            record = let_in(message, setting)
            if may_be_heavy and _weight(record) > _WEIGHED_FROM_CHARACTERS:
                raws = raws or raw_events(parsed)
                _weigh(raws[index])
            records.append(record)
        except NotLetIn as no:
            raws = raws or raw_events(parsed)
            bad.append(refused(no.reason, no.detail, raws[index]))
    if bad:
        bad = put_aside(bad, parsed, type_=setting.forced_type, sent_us=setting.sent_us)
    if setting.mended and records:
        setting.treated[Treatment.MENDED] += len(records)
    parcel = Parcel(
        setting.source.key,
        setting.source.channel.value,
        received.at_us,
        records,
        bad,
        dict(setting.treated),
        b"".join(fingerprints(setting.source.key, [one.message_id for one in records])),
    )
    return Sorted(parcel, parsed.whole)


def _weight(record: Record) -> int:
    return len(record.properties) + len(record.context) + len(record.traits) + len(record.extra)


def _weigh(raw: msgspec.Raw | bytes) -> None:
    weight = len(memoryview(raw))
    if weight > MAX_EVENT_BYTES:
        found = detail(Wrong.EVENT_TOO_LARGE, bytes=weight, most=MAX_EVENT_BYTES)
        raise NotLetIn(Refusal.TOO_LARGE, found)


def let_in(message: Message, setting: _Setting) -> Record:
    """One event as the journal keeps it. Raises NotLetIn."""
    kind = setting.forced_type or message.type
    if kind not in _TYPES:
        said = repr(str(message.type)[:60])
        raise NotLetIn(Refusal.UNKNOWN_TYPE, detail(Wrong.UNKNOWN_TYPE, said=said))
    user, anonymous = message.user_id, message.anonymous_id
    if user is not None:
        user = _identifier(user, "userId", setting)
    if anonymous is not None:
        anonymous = _identifier(anonymous, "anonymousId", setting)
    if user is None and anonymous is None:
        raise NotLetIn(Refusal.NO_IDENTIFIER, detail(Wrong.NO_IDENTIFIER))
    previous = group = None
    if message.previous_id is not None:
        previous = _identifier(message.previous_id, "previousId", setting)
    if message.group_id is not None:
        group = _identifier(message.group_id, "groupId", setting)
    _completeness(kind, message, user, previous, group)
    name = _name(kind, message, setting)
    original_us, sent_us, corrected_us = _times(message, setting)
    record = Record(
        _message_id(message.message_id, setting),
        kind,
        name,
        user,
        anonymous,
        previous,
        group,
        original_us,
        sent_us,
        corrected_us,
        _object(message.properties, "properties"),
        _object(message.traits, "traits"),
        _merged(setting.context, message.context, "context"),
        _extra(kind, message, setting),
    )
    if setting.source.plan_mode is not PlanMode.OFF:
        _as_planned(record, setting)
    return record


def _completeness(
    kind: str, message: Message, user: str | None, previous: str | None, group: str | None
) -> None:
    if kind == "track":
        if not message.event:
            raise NotLetIn(Refusal.NO_EVENT, detail(Wrong.NO_EVENT))
    elif kind == "alias":
        if previous is None or user is None:
            raise NotLetIn(Refusal.NO_PREVIOUS_ID, detail(Wrong.NO_PREVIOUS_ID))
    elif kind == "group" and group is None:
        raise NotLetIn(Refusal.NO_GROUP_ID, detail(Wrong.NO_GROUP_ID))


def _identifier(said: str | int | float, field: str, setting: _Setting) -> str | None:
    """As text: a number is taken for its digits, an empty one is none."""
    if said.__class__ is not str:
        said = str(int(said)) if isinstance(said, float) and said.is_integer() else str(said)
    text: str = said
    if len(text) > MAX_IDENTIFIER_CHARACTERS:
        most = MAX_IDENTIFIER_CHARACTERS
        found = detail(Wrong.FIELD_TOO_LONG, field=field, length=len(text), most=most)
        raise NotLetIn(Refusal.IDENTIFIER_TOO_LONG, found)
    if setting.mended:
        _unmended(text, field)
    return text or None


def _unmended(text: str, field: str) -> None:
    """What was mended may stand in a text, but not in what tells one thing from another."""
    if REPLACEMENT in text:
        raise NotLetIn(Refusal.UNREADABLE, detail(Wrong.FIELD_NOT_KEPT, field=field))


def _message_id(said: str | int | None, setting: _Setting) -> str:
    if said is None or said == "":
        return f"assigned-{os.urandom(16).hex()}"
    text = said if said.__class__ is str else str(said)
    if len(text) > MAX_MESSAGE_ID_CHARACTERS:
        raise NotLetIn(
            Refusal.MESSAGE_ID_TOO_LONG,
            detail(Wrong.MESSAGE_ID_TOO_LONG, most=MAX_MESSAGE_ID_CHARACTERS),
        )
    if setting.mended:
        _unmended(text, "messageId")
    return text


def _name(kind: str, message: Message, setting: _Setting) -> str | None:
    if kind == "track":
        name = message.event
    elif kind in ("page", "screen"):
        name = message.name
    else:
        return None
    if not name:
        return None
    if len(name) > MAX_NAME_CHARACTERS:
        found = detail(Wrong.NAME_TOO_LONG, length=len(name), most=MAX_NAME_CHARACTERS)
        raise NotLetIn(Refusal.NAME_TOO_LONG, found)
    if setting.mended:
        _unmended(name, "name")
    return name


def _times(message: Message, setting: _Setting) -> tuple[int | None, int | None, int]:
    """Original, sent and corrected. A clock that is wrong by a constant cancels out of the last."""
    received_us = setting.received_us
    sent_us = setting.sent_us
    if message.sent_at is not None:
        sent_us = sent(message.sent_at)
    said, field = message.original_timestamp, "originalTimestamp"
    if said is None or said == "":
        said, field = message.timestamp, "timestamp"
    if said is None or said == "":
        return None, sent_us, received_us
    original_us = happened(said, field)
    corrected_us = original_us
    if sent_us is not None:
        corrected_us = received_us - (sent_us - original_us)
    if corrected_us > received_us:
        if corrected_us > received_us + _AHEAD_US:
            seconds = (corrected_us - received_us) // SECOND_US
            found = detail(Wrong.IN_THE_FUTURE, field=field, seconds=seconds)
            raise NotLetIn(Refusal.IN_THE_FUTURE, found)
        if corrected_us > received_us + SECOND_US:
            setting.treated[Treatment.CLAMPED] += 1
        corrected_us = received_us
    elif corrected_us < received_us - _LATE_US:
        _old(corrected_us, field, setting)
    return original_us, sent_us, corrected_us


def _old(corrected_us: int, field: str, setting: _Setting) -> None:
    if setting.history:
        if corrected_us < EARLIEST_US:
            raise NotLetIn(Refusal.BAD_TIME, detail(Wrong.NO_CALENDAR, field=field))
        return
    if corrected_us < setting.received_us - _TOO_OLD_US:
        days = (setting.received_us - corrected_us) // (86_400 * SECOND_US)
        raise NotLetIn(Refusal.TOO_OLD, detail(Wrong.TOO_OLD, field=field, days=days))
    setting.treated[Treatment.LATE] += 1


def _object(raw: msgspec.Raw, field: str) -> str:
    """A JSON object as text, as it came. Nothing and null are an empty one."""
    if raw is ABSENT:
        return "{}"
    text = str(raw, "utf-8")
    if text[0] != "{":
        if text == "null":
            return "{}"
        raise NotLetIn(Refusal.WRONG_TYPE, detail(Wrong.FIELD_NO_OBJECT, field=field))
    if len(text) > SHALLOW_CHARACTERS:
        _shallow(text, field)
    return text


def _shallow(text: str, field: str) -> None:
    if text.count("{") + text.count("[") > MAX_DEPTH and depth(text) > MAX_DEPTH:
        raise NotLetIn(Refusal.TOO_DEEP, detail(Wrong.FIELD_TOO_DEEP, field=field, most=MAX_DEPTH))


def depth(text: str) -> int:
    """How many objects and arrays stand within each other, at most. The text is JSON."""
    deepest = level = 0
    within = escaped = False
    for character in text:
        if within:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                within = False
        elif character == '"':
            within = True
        elif character in "{[":
            level += 1
            deepest = max(deepest, level)
        elif character in "}]":
            level -= 1
    return deepest


def _merged(shared: Shared, raw: msgspec.Raw, field: str) -> str:
    """What the batch says for all, and over it what the event says."""
    text = _object(raw, field)
    if shared is None:
        return text
    whole = _written({**shared, **_fields.decode(text)})
    _shallow(whole, field)
    return whole


def _written(fields: Mapping[str, msgspec.Raw]) -> str:
    return msgspec.json.encode(fields).decode()


def _extra(kind: str, message: Message, setting: _Setting) -> str:
    """Whatever else the message says, as one JSON object."""
    parts: list[str] = []
    own = message.integrations
    if setting.integrations is not None:
        said = _fields.decode(own) if own is not ABSENT and bytes(own)[:1] == b"{" else {}
        parts.append(f'"integrations":{_written({**setting.integrations, **said})}')
    elif own is not ABSENT:
        parts.append(f'"integrations":{str(own, "utf-8")}')
    if (
        message.category is not ABSENT
        or message.channel is not ABSENT
        or message.version is not ABSENT
        or message.metadata is not ABSENT
        or message.received_at is not ABSENT
    ):
        for field, name in _EXTRAS:
            raw = getattr(message, name)
            if raw is not ABSENT:
                parts.append(f'"{field}":{str(raw, "utf-8")}')
    if kind != "track" and message.event is not None:
        parts.append(f'"event":{msgspec.json.encode(message.event).decode()}')
    if message.name is not None and kind not in ("page", "screen"):
        parts.append(f'"name":{msgspec.json.encode(message.name).decode()}')
    if isinstance(message, RichMessage):
        inside = str(message.others, "utf-8")[1:-1]
        parts.append(inside)
    if not parts:
        return "{}"
    text = "{" + ",".join(parts) + "}"
    if len(text) > SHALLOW_CHARACTERS:
        _shallow(text, "extra")
    return text


def _as_planned(record: Record, setting: _Setting) -> None:
    planned = setting.book.planned(setting.source.id, record.type, record.name or "")
    found = planning.unexpected(
        planned,
        type_=record.type,
        name=record.name,
        properties=record.properties,
        traits=record.traits,
    )
    if found is None:
        return
    if setting.source.plan_mode is PlanMode.ENFORCE:
        raise NotLetIn(Refusal.NOT_PLANNED, found)
    setting.treated[Treatment.UNPLANNED] += 1
