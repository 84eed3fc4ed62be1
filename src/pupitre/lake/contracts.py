"""What the lake lends to the other rooms: the shape of an event at rest."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa


class Channel(enum.StrEnum):
    """Where an interaction took place."""

    WEB = "web"
    APP = "app"
    STORE = "store"
    SERVICE = "service"  # telephone, chat, after-sales
    EMAIL = "email"
    SMS = "sms"
    SOCIAL = "social"
    PARTNER = "partner"
    OTHER = "other"


class EventType(enum.StrEnum):
    """The six calls of the Segment tracking specification."""

    IDENTIFY = "identify"
    TRACK = "track"
    PAGE = "page"
    SCREEN = "screen"
    GROUP = "group"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    sql: str  # DuckDB's type
    nullable: bool = True


# Ids are text and times are naive UTC with microseconds: every engine reads both the same way.
EVENT_COLUMNS: tuple[Column, ...] = (
    Column("message_id", "VARCHAR", nullable=False),  # unique within its source
    Column("source", "VARCHAR", nullable=False),  # key of the source, such as "web-shop"
    Column("type", "VARCHAR", nullable=False),  # EventType
    Column("name", "VARCHAR"),  # event of a track, name of a page or screen
    Column("channel", "VARCHAR", nullable=False),  # Channel
    # The strongest identifier that it came with, such as "user_id:42": one person's events lie
    # together. Whose they are is another room's affair.
    Column("identity", "VARCHAR", nullable=False),
    Column("user_id", "VARCHAR"),
    Column("anonymous_id", "VARCHAR"),
    Column("previous_id", "VARCHAR"),  # of an alias
    Column("group_id", "VARCHAR"),
    Column("original_at", "TIMESTAMP"),  # the sender's clock, when it happened
    Column("sent_at", "TIMESTAMP"),  # the sender's clock, when it was sent
    Column("received_at", "TIMESTAMP", nullable=False),  # our clock
    Column("corrected_at", "TIMESTAMP", nullable=False),  # received − (sent − original)
    Column("properties", "VARCHAR", nullable=False),  # JSON object
    Column("traits", "VARCHAR", nullable=False),  # JSON object, of identify and group
    Column("context", "VARCHAR", nullable=False),  # JSON object
    Column("extra", "VARCHAR", nullable=False),  # JSON object: other fields of the message
    Column("amount", "DECIMAL(18, 4)"),
    Column("currency", "VARCHAR"),  # ISO 4217
)
EVENT_NAMES: tuple[str, ...] = tuple(column.name for column in EVENT_COLUMNS)


_ARROW = {
    "VARCHAR": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DECIMAL(18, 4)": pa.decimal128(18, 4),
}
# What an append takes: these names, in this order, of these types.
EVENT_SCHEMA: pa.Schema = pa.schema(
    [pa.field(column.name, _ARROW[column.sql], column.nullable) for column in EVENT_COLUMNS]
)


_PARAMETER = re.compile(r"\$([a-z_]+)\b")


class LakeError(Exception):
    """The lake could not do a named step; says which, and with what SQL."""

    def __init__(self, step: str, sql: str, why: str) -> None:
        super().__init__(f"{step}: {why}\n{sql}".strip())
        self.step = step
        self.sql = sql
        self.why = why


class TooLong(LakeError):
    """A step took longer than it may, and was interrupted."""


class NoSuchSnapshot(LakeError):
    """The lake has no snapshot of that number or instant (any more)."""


class NotTheWriter(Exception):
    """Another process is writing to the lake, and went on for longer than we wait."""


class WrongShape(ValueError):
    """What was to be appended does not have the columns and types of EVENT_SCHEMA."""


Value = str | int | float | bool | datetime | tuple[str, ...] | None


def literal(value: Value) -> str:
    """A parameter as SQL would write it."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, datetime):
        naive = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return f"TIMESTAMP '{naive.isoformat(sep=' ')}'"
    if isinstance(value, tuple):
        return f"[{', '.join(literal(one) for one in value)}]"
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Sql:
    """A named step. ``{events}`` and ``{batches}`` stand for the tables, at the snapshot asked for.

    Parameters are written ``$name``.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The lake as it stood from one commit to the next."""

    id: int
    at: datetime  # aware, UTC
    author: str  # who committed: "append", "upkeep", "erasure"…; empty for the first ones
    message: str


@dataclass(frozen=True, slots=True)
class AsOf:
    """At which state something is read."""

    snapshot_id: int
    # Set where that day's snapshot has expired, or an erasure took it: the state is then rebuilt
    # from what had been received by this instant, less what was erased since.
    received_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one step, and what it takes to ask again."""

    step: str
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    sql: str  # as it was run
    parameters: tuple[tuple[str, Value], ...]
    as_of: AsOf
    seconds: float
    truncated: bool = False  # there were more rows than asked for

    @property
    def whole_sql(self) -> str:
        """The query with its parameters in it: what somebody would type to ask again."""
        given = dict(self.parameters)
        return _PARAMETER.sub(
            lambda found: literal(given[found[1]]) if found[1] in given else found[0], self.sql
        )


class Dimension(enum.StrEnum):
    """By what events are counted."""

    DAY = "day"  # of the company's time zone, by the corrected time
    MONTH = "month"
    TYPE = "type"
    NAME = "name"
    CHANNEL = "channel"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are meant. What is empty leaves nothing out."""

    since: datetime | None = None  # corrected time, included
    until: datetime | None = None  # left out
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Timed:
    """How long one step took."""

    step: str
    seconds: float
    well: bool


@dataclass(frozen=True, slots=True)
class Space:
    """What the lake takes up."""

    events: int
    files: int
    small_files: int  # under a tenth of the size that files are merged to
    data_bytes: int  # of the files that the newest snapshot is made of
    waiting_bytes: int  # of files that only older snapshots need, or that wait to be deleted
    catalogue_bytes: int
    snapshots: int
    oldest_snapshot_at: datetime | None
    free_bytes: int | None  # on the disk of the data; none for object storage


@dataclass(frozen=True, slots=True)
class Upkeep:
    """What a round of upkeep did."""

    merged_files: int
    into_files: int
    expired_snapshots: int
    deleted_files: int
    orphaned_files: int
    forgotten_batches: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What to erase: every event that carries one of these. Empty parts match nothing."""

    identities: tuple[str, ...] = ()  # as in the column, such as "user_id:42"
    user_ids: tuple[str, ...] = ()
    anonymous_ids: tuple[str, ...] = ()
    messages: tuple[tuple[str, str], ...] = ()  # (source, message id)


@dataclass(frozen=True, slots=True)
class Brought:
    """Events that came in by one piece of work: of one source, all with one instant and mark."""

    source: str
    received_at: datetime  # aware; to the microsecond
    extra: str  # the column, whole


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did. After it no file of the lake holds what was erased."""

    events: int
    rewritten_files: int
    expired_snapshots: int
    deleted_files: int
    seconds: float
