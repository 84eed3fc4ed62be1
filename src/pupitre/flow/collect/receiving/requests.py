"""A request, read once: what the steps of the collector hand to each other.

Each request makes one of each: structs of msgspec cost a tenth of frozen dataclasses to make.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.intake.records import Parcel, Record, Refused
from pupitre.flow.collect.sources.book import SourceBook


class Turn(enum.StrEnum):
    """Why a whole request was turned away. A closed list: its value is the code answered."""

    NO_KEY = "no_write_key"
    UNKNOWN_KEY = "unknown_write_key"
    WRONG_ORIGIN = "origin_not_allowed"
    NOT_FOUND = "not_found"
    WRONG_METHOD = "method_not_allowed"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many_events"
    NOTHING_LET_IN = "refused"
    OVERLOADED = "overloaded"
    TOO_SLOW = "too_slow"


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """The refusal of a whole request: what is answered."""

    turn: Turn
    status: int
    message: str
    code: str = ""  # the turn's own, unless something closer is known

    @property
    def said(self) -> str:
        return self.code or self.turn.value


@dataclass(frozen=True, slots=True)
class Route:
    """What a path asks for."""

    kind: str  # "event", "batch" or "either"
    type: str = ""  # of an event
    history: bool = False  # /v1/import: events may be of any age
    pixel: bool = False


class Received(msgspec.Struct, frozen=True, gc=False):
    """A request, whole: bounded, expanded, its text mended where it had to be."""

    route: Route
    body: bytes
    at: datetime
    at_us: int
    book: SourceBook
    authorization: str = ""
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
    origin: str = ""
    mended: bool = False


class Known(msgspec.Struct, frozen=True, gc=False):
    """A request whose source is known."""

    received: Received
    source: SourceView


ABSENT = msgspec.Raw()  # a field that was not there


class Message(msgspec.Struct, forbid_unknown_fields=True, gc=False, rename="camel"):
    """The envelope of one event, as SDKs write it. A field that is not here goes to ``extra``."""

    type: str | None = None
    event: str | None = None
    name: str | None = None
    message_id: str | int | None = None
    user_id: str | int | float | None = None
    anonymous_id: str | int | float | None = None
    previous_id: str | int | float | None = None
    group_id: str | int | float | None = None
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    received_at: msgspec.Raw = ABSENT  # the sender cannot know it
    write_key: msgspec.Raw = ABSENT  # a secret: never kept
    properties: msgspec.Raw = ABSENT
    traits: msgspec.Raw = ABSENT
    context: msgspec.Raw = ABSENT
    integrations: msgspec.Raw = ABSENT
    category: msgspec.Raw = ABSENT
    channel: msgspec.Raw = ABSENT
    version: msgspec.Raw = ABSENT
    metadata: msgspec.Raw = msgspec.field(default=ABSENT, name="_metadata")


class RichMessage(Message, gc=False):
    """One with fields that no SDK writes, as one JSON object. Never decoded: put together."""

    others: msgspec.Raw = ABSENT


class Parsed(msgspec.Struct, frozen=True, gc=False):
    """The events of a request, each as it came, and those that could not be read."""

    known: Known
    messages: tuple[Message, ...]
    raws: tuple[msgspec.Raw | bytes, ...]  # beside each message: for quarantine
    refused: tuple[Refused, ...] = ()
    sent_at: str | int | float | None = None
    shared_context: Mapping[str, msgspec.Raw] | None = None  # of a batch, for each of its events
    shared_integrations: Mapping[str, msgspec.Raw] | None = None
    whole: TurnedAway | None = None  # nothing of it could be read: what to answer once it is kept
    batch: bool = False  # its events came in one


class Sorted(msgspec.Struct, frozen=True, gc=False):
    """What is let in and what is not: ready for the journal."""

    parcel: Parcel
    whole: TurnedAway | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        return tuple(self.parcel.records)


class Kept(msgspec.Struct, frozen=True, gc=False):
    """The journal has it."""

    parcel: Parcel
    whole: TurnedAway | None = None
