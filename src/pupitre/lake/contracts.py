"""What the lake lends to the other rooms: the shape of an event at rest."""

from __future__ import annotations

import enum
from dataclasses import dataclass


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
