"""Where this Pupitre's journal and books are: on one machine, or in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

import msgspec
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from pupitre.flow.collect.intake.books import Books, Engine, Plan, Round
from pupitre.flow.collect.intake.group_commit import Journal
from pupitre.flow.collect.intake.postgres import PostgresDesk, PostgresJournal, looking
from pupitre.flow.collect.intake.records import unseal
from pupitre.flow.collect.intake.segments import (
    Bounds,
    SegmentJournal,
    SegmentReader,
    Span,
    iterate,
    segments,
    size_of,
)
from pupitre.flow.collect.intake.sqlite import SqliteEngine

BOOKS_FILE = "books.sqlite"
MEGABYTE = 1024 * 1024
# Options of a database's address that say how to reach it; Django has others among them.
_CONNINFO = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "service", "target_session_attrs"}
)
MAX_ROUND_BYTES = 80 * MEGABYTE
MAX_ROUND_EVENTS = 120_000


class Home(Protocol):
    """The collector's own store, seen from each of its ends."""

    def journal(self) -> Journal: ...

    def desk(self) -> Desk: ...

    def looking(self) -> AbstractContextManager[Engine | None]:
        """The books, to be read; nothing before the first round."""
        ...


class Desk(Protocol):
    """Where the drain works: the journal's reading end, and the books."""

    books: Books

    def propose(self, batch: str) -> Plan | None:
        """What to move next; nothing where nothing waits."""
        ...

    def proposing(self, *, after: Plan) -> Callable[[str], Plan | None] | None:
        """How another thread may propose what comes once a plan is finished, while it is not;
        nothing where only one thread may look."""
        ...

    def read(self, plan: Plan) -> list[bytes]: ...

    def finish(self, plan: Plan, done: Round) -> None: ...

    def tidy(self) -> None:
        """Give back the room of what was moved."""
        ...

    def waiting_since_us(self) -> int | None:
        """When the oldest of what waits was received; nothing where nothing waits."""
        ...

    def backlog_bytes(self) -> int: ...

    def close(self) -> None: ...


class LocalHome:
    """SQLite files in a folder."""

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self.folder = folder
        self.bounds = bounds

    @property
    def journal_folder(self) -> Path:
        return self.folder / "journal"

    def journal(self) -> Journal:
        return SegmentJournal(self.journal_folder, self.bounds)

    @contextmanager
    def looking(self) -> Iterator[Engine | None]:
        path = self.folder / BOOKS_FILE
        if not path.exists():
            yield None
            return
        engine = SqliteEngine(path, cache_kb=2_048)
        try:
            yield engine if "state" in engine.tables() else None
        finally:
            engine.close()

    def desk(self) -> Desk:
        return LocalDesk(self.journal_folder, Books(SqliteEngine(self.folder / BOOKS_FILE)))


class LocalDesk:
    def __init__(self, journal: Path, books: Books) -> None:
        self.books = books
        self._folder = journal
        self._reader = SegmentReader(journal)
        if books.lack():
            books.prepare()

    def propose(self, batch: str) -> Plan | None:
        return self._propose(self.books.positions(), batch)

    def _propose(self, positions: Mapping[str, int], batch: str) -> Plan | None:
        spans = self._reader.waiting(
            positions, max_events=MAX_ROUND_EVENTS, max_bytes=MAX_ROUND_BYTES
        )
        return Plan(batch, json.dumps([asdict(span) for span in spans])) if spans else None

    def proposing(self, *, after: Plan) -> Callable[[str], Plan | None]:
        moved = {span.segment: span.last for span in _spans(after)}
        positions = {**self.books.positions(), **moved}
        return lambda batch: self._propose(positions, batch)

    def read(self, plan: Plan) -> list[bytes]:
        return list(iterate(self._reader, _spans(plan)))

    def finish(self, plan: Plan, done: Round) -> None:
        self.books.finish(plan, done, {span.segment: span.last for span in _spans(plan)})

    def tidy(self) -> None:
        positions = self.books.positions()
        self._reader.tidy(positions)
        left = {path.stem for path in segments(self._folder)}
        gone = [name for name in positions if name not in left]
        if gone:
            self.books.forget_positions(gone)

    def waiting_since_us(self) -> int | None:
        for entry in self._reader.first(self.books.positions()):
            try:
                return unseal(entry).received_us
            except msgspec.MsgspecError:
                return 0
        return None

    def backlog_bytes(self) -> int:
        return size_of(self._folder)

    def close(self) -> None:
        engine = self.books.engine
        if isinstance(engine, SqliteEngine):
            engine.close()


def _spans(plan: Plan) -> Sequence[Span]:
    return [Span(**span) for span in json.loads(plan.refs)]


class PostgresHome:
    """Tables in a schema of the operational PostgreSQL, which many machines may reach."""

    def __init__(self, address: str, bounds: Bounds) -> None:
        self.address = address
        self.bounds = bounds

    def journal(self) -> Journal:
        return PostgresJournal(self.address, self.bounds.max_bytes)

    def looking(self) -> AbstractContextManager[Engine | None]:
        return looking(self.address)

    def desk(self) -> Desk:
        return PostgresDesk(self.address, max_events=MAX_ROUND_EVENTS, max_bytes=MAX_ROUND_BYTES)


def home() -> Home:
    env = settings.ENV
    bounds = Bounds(env.journal_max_mb * MEGABYTE, env.journal_spare_mb * MEGABYTE)
    database = connection.settings_dict
    if connection.vendor == "postgresql":
        address = make_conninfo(
            dbname=database["NAME"],
            user=database["USER"],
            password=database["PASSWORD"],
            host=database["HOST"],
            port=database["PORT"] or None,
            **{name: value for name, value in database["OPTIONS"].items() if name in _CONNINFO},
        )
        return PostgresHome(address, bounds)
    return LocalHome(settings.DATA_DIR / "intake", bounds)
