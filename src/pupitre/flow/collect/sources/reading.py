"""What is known of sources: the collector's book, and what pages show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import DatabaseError, connection
from django.db.models import OuterRef, Subquery

from pupitre.core.bilingual import Bilingual
from pupitre.flow.collect.contracts import KeyView, PlanMode, PlannedEvent, SourceView
from pupitre.flow.collect.models import BookVersion, PlanVersion, Source, WriteKey
from pupitre.flow.collect.sources.book import SourceBook
from pupitre.lake.contracts import Channel

MAX_SOURCES = 500  # of a company, closed ones included


@dataclass(frozen=True, slots=True)
class Plan:
    """A tracking plan in force. Number 0: none was ever agreed."""

    number: int
    mode: PlanMode
    events: tuple[PlannedEvent, ...]
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A write key as pages show it."""

    id: int
    start: str
    label: str
    created_at: datetime
    until: datetime | None
    revoked_at: datetime | None

    def taken(self, at: datetime) -> bool:
        """Whether the collector lets in who shows it at that instant."""
        return self.revoked_at is None and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as pages show it."""

    id: int
    key: str
    name: Bilingual
    why: str
    channel: Channel
    owner_id: int
    allowed_origins: tuple[str, ...]
    opened_at: datetime
    closed_at: datetime | None
    plan: Plan
    keys: tuple[KeyRow, ...]

    @property
    def open(self) -> bool:
        return self.closed_at is None

    def keys_taken(self, at: datetime) -> tuple[KeyRow, ...]:
        return tuple(key for key in self.keys if key.taken(at))


NO_PLAN = Plan(0, PlanMode.OFF, ())


def book_version() -> int:
    """One small query: what the collector asks again and again."""
    return BookVersion.objects.values_list("number", flat=True).filter(pk=1).first() or 0


def read_book() -> SourceBook:
    """The book as of now. Its version is read first: what changes meanwhile is read next time."""
    version = str(book_version())
    plans = _plans_in_force()
    sources = tuple(
        SourceView(
            id=source.pk,
            key=source.key,
            name=str(source.name.fr),
            channel=Channel(source.channel),
            open=source.closed_at is None,
            allowed_origins=tuple(source.allowed_origins),
            plan_mode=plans.get(source.pk, NO_PLAN).mode,
            plan=plans.get(source.pk, NO_PLAN).events,
        )
        for source in Source.objects.all()
    )
    keys = tuple(
        KeyView(sha256=bytes(key.sha256), source_id=key.source_id, until=key.until)
        for key in WriteKey.objects.filter(revoked_at__isnull=True)
    )
    return SourceBook(version, sources, keys)


class TableLoader:
    """The collector's loader (see ``book``), on this room's tables. Any thread may ask it."""

    def version(self) -> str:
        with _fresh_connection():
            return str(book_version())

    def load(self) -> SourceBook:
        with _fresh_connection():
            return read_book()


@contextmanager
def _fresh_connection() -> Iterator[None]:
    """No request begins and ends here, so nobody else puts a broken connection away."""
    try:
        yield
    except DatabaseError:
        connection.close()
        raise


def all_sources() -> tuple[SourceRow, ...]:
    """Every source, open ones first, by name."""
    plans = _plans_in_force()
    rows = [
        _row(source, plans.get(source.pk, NO_PLAN))
        for source in Source.objects.prefetch_related("keys")[:MAX_SOURCES]
    ]
    return tuple(sorted(rows, key=lambda row: (not row.open, str(row.name).casefold())))


def source_named(*, key: str) -> SourceRow | None:
    source = Source.objects.filter(key=key).prefetch_related("keys").first()
    if source is None:
        return None
    return _row(source, plan_in_force(source_id=source.pk))


def plan_in_force(*, source_id: int) -> Plan:
    found = PlanVersion.objects.filter(source_id=source_id).order_by("-number").first()
    return _plan(found) if found else NO_PLAN


def _plans_in_force() -> dict[int, Plan]:
    newest = PlanVersion.objects.filter(source=OuterRef("source")).order_by("-number")
    in_force = PlanVersion.objects.filter(number=Subquery(newest.values("number")[:1]))
    return {version.source_id: _plan(version) for version in in_force}


def _plan(version: PlanVersion) -> Plan:
    events = msgspec.convert(version.events, type=tuple[PlannedEvent, ...])
    return Plan(version.number, PlanMode(version.mode), events, version.agreed_at)


def _row(source: Source, plan: Plan) -> SourceRow:
    return SourceRow(
        id=source.pk,
        key=source.key,
        name=source.name,
        why=source.why,
        channel=Channel(source.channel),
        owner_id=source.owner_id,
        allowed_origins=tuple(source.allowed_origins),
        opened_at=source.opened_at,
        closed_at=source.closed_at,
        plan=plan,
        keys=_keys(source.keys.all()),
    )


def _keys(keys: Iterable[WriteKey]) -> tuple[KeyRow, ...]:
    return tuple(KeyRow(k.pk, k.start, k.label, k.created_at, k.until, k.revoked_at) for k in keys)
