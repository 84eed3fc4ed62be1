"""What the collector lends to the other rooms: sources, refusals, and what one event brings."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from pupitre.lake.contracts import Channel


class Refusal(enum.StrEnum):
    """Why an event was not let in. A closed list: each is counted, shown, and has its test."""

    TOO_LARGE = "too_large"  # over 32 KB
    NOT_AN_OBJECT = "not_an_object"
    UNREADABLE = "unreadable"  # no JSON, or text that no engine can keep
    UNKNOWN_TYPE = "unknown_type"
    NO_IDENTIFIER = "no_identifier"  # neither userId nor anonymousId
    NO_EVENT = "no_event"  # a track without its event
    NO_PREVIOUS_ID = "no_previous_id"  # an alias without previousId or userId
    NO_GROUP_ID = "no_group_id"
    WRONG_TYPE = "wrong_type"  # a field of the envelope that is not of its type
    MESSAGE_ID_TOO_LONG = "message_id_too_long"  # over 100 characters
    IDENTIFIER_TOO_LONG = "identifier_too_long"
    NAME_TOO_LONG = "name_too_long"  # of an event, a page or a screen
    BAD_TIME = "bad_time"  # a timestamp that no calendar has
    TOO_OLD = "too_old"
    IN_THE_FUTURE = "in_the_future"
    TOO_DEEP = "too_deep"  # nested beyond what engines read
    NOT_PLANNED = "not_planned"  # the source's tracking plan is enforced, and does not have it
    BAD_ROW = "bad_row"  # a line of a file that could not be mapped


# Outcomes of an event, beside its refusals and treatments, as they are counted.
ACCEPTED = "accepted"
DUPLICATE = "duplicate"  # its message id had been seen in its source


class Treatment(enum.StrEnum):
    """What was done to an event that was let in all the same. Counted, like refusals."""

    MENDED = "mended"  # NUL, half a surrogate pair or broken UTF-8 in it became U+FFFD
    CLAMPED = "clamped"  # it claimed to come from a little ahead of now: stands at its reception
    LATE = "late"  # it happened more than a month before it came
    UNPLANNED = "unplanned"  # the source's tracking plan, which only warns, does not have it


class PlanMode(enum.StrEnum):
    """What is done with an event that the tracking plan does not expect."""

    OFF = "off"  # no plan: everything is let in, and learnt from
    WARN = "warn"  # let in and counted
    ENFORCE = "enforce"  # refused: Refusal.NOT_PLANNED


@dataclass(frozen=True, slots=True)
class PlannedProperty:
    name: str
    type: str  # "string", "number", "boolean", "object", "array" or "any"
    required: bool = False


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """One expected event: a track by its name, or a whole type where the name is empty."""

    type: str  # EventType
    name: str
    properties: tuple[PlannedProperty, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source as the collector knows it."""

    id: int
    key: str  # "web-shop"; what the lake calls it
    name: str
    channel: Channel
    open: bool
    allowed_origins: tuple[str, ...] = ()  # of browsers; empty: any
    plan_mode: PlanMode = PlanMode.OFF
    plan: tuple[PlannedEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyView:
    """A write key, of which only the hash is kept."""

    sha256: bytes  # of the key's text
    source_id: int
    until: datetime | None = None  # after a rotation: until when the old one is still taken
