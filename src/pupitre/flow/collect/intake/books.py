"""The drain's books: what was moved, what was seen, what was refused, how much of each, the latest.

Written by one process, in one transaction a round, together with how far the round went: so a count
can neither be forgotten nor made twice. The statements are those that SQLite and PostgreSQL share.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from pupitre.flow.collect.intake import seen

DAY_US = 86_400 * 1_000_000
MINUTE_US = 60 * 1_000_000
PERIOD_DAYS = 16  # ids are forgotten a whole period at a time…
PERIODS = 3  # …and this many are remembered: at least 32 days, at most 48
LATEST_KEPT = 100  # events of a source, for its live view
COUNTS_DAYS = 400
MAX_QUARANTINE_ROWS = 20_000  # of one source
MAX_QUARANTINE_BYTES = 64 * 1024 * 1024
INTENTS = "intent"
DROPPED = "dropped_from_quarantine"  # an outcome: refused events that its bounds pushed out


class Engine(Protocol):
    """A connection, whichever the database. Placeholders are written ``?``."""

    blob: str
    serial: str

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...

    def transaction(self) -> AbstractContextManager[None]: ...

    def tables(self) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What a round moves. Written down before it begins, so that it can be done again the same."""

    batch: str
    refs: str  # of the entries, in whatever way the journal names them


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    source: str
    received_us: int
    reason: str
    detail: str
    raw: bytes
    whole: bool
    type: str = ""
    sent_us: int | None = None
    origin: str = ""  # mark of the piece of work that it came by, where it can be taken back


@dataclass(frozen=True, slots=True)
class LatestRow:
    source: str
    received_us: int
    type: str
    name: str | None
    message_id: str
    shown: str  # JSON of the whole event
    origin: str = ""  # as of a quarantine row


@dataclass(frozen=True, slots=True)
class Round:
    """What came of a round."""

    period: int
    fresh: Sequence[bytes]  # ids that had not been seen
    counts: Mapping[tuple[str, int, str], int]  # (source, minute, outcome) → events
    quarantine: Sequence[QuarantineRow]
    latest: Sequence[LatestRow]


def schema(engine: Engine) -> tuple[str, ...]:
    return (
        "CREATE TABLE IF NOT EXISTS plan(batch TEXT PRIMARY KEY, refs TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS position(segment TEXT PRIMARY KEY, last BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS counts(source TEXT NOT NULL, minute BIGINT NOT NULL, "
        "outcome TEXT NOT NULL, events BIGINT NOT NULL, PRIMARY KEY(source, minute, outcome))",
        "CREATE INDEX IF NOT EXISTS counts_by_minute ON counts(minute)",
        f"CREATE TABLE IF NOT EXISTS quarantine(id {engine.serial}, source TEXT NOT NULL, "
        "received_us BIGINT NOT NULL, reason TEXT NOT NULL, detail TEXT NOT NULL, "
        f"raw {engine.blob} NOT NULL, whole INTEGER NOT NULL, type TEXT NOT NULL, "
        "sent_us BIGINT, origin TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS quarantine_by_source ON quarantine(source, id)",
        "CREATE INDEX IF NOT EXISTS quarantine_by_time ON quarantine(received_us)",
        f"CREATE TABLE IF NOT EXISTS latest(id {engine.serial}, source TEXT NOT NULL, "
        "received_us BIGINT NOT NULL, type TEXT NOT NULL, name TEXT, message_id TEXT NOT NULL, "
        "shown TEXT NOT NULL, origin TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS latest_by_source ON latest(source, id)",
        "CREATE TABLE IF NOT EXISTS state(key TEXT PRIMARY KEY, value TEXT NOT NULL)",
        # Of the counts, what came by which piece of work: so that it can be taken back.
        "CREATE TABLE IF NOT EXISTS share(mark TEXT NOT NULL, source TEXT NOT NULL, "
        "minute BIGINT NOT NULL, outcome TEXT NOT NULL, events BIGINT NOT NULL, "
        "PRIMARY KEY(mark, source, minute, outcome))",
        "CREATE TABLE IF NOT EXISTS intent(batch TEXT PRIMARY KEY, "
        f"taking INTEGER NOT NULL, ids {engine.blob} NOT NULL)",
        *seen.schema(engine.blob),
    )


def period_of(at_us: int) -> int:
    return at_us // (PERIOD_DAYS * DAY_US)


class Books:
    """On either engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._seen = seen.Seen(engine)

    def lack(self) -> bool:
        """Whether a table is missing: ask for ``prepare``."""
        return INTENTS not in self.engine.tables()

    def prepare(self) -> None:
        with self.engine.transaction():
            for statement in schema(self.engine):
                self.engine.run(statement)

    # --- what a round does -----------------------------------------------------------------------

    def planned(self) -> Plan | None:
        rows = self.engine.run("SELECT batch, refs FROM plan")
        return Plan(*rows[0]) if rows else None

    def plan(self, plan: Plan) -> None:
        with self.engine.transaction():
            self.engine.run("INSERT INTO plan(batch, refs) VALUES (?, ?)", [plan.batch, plan.refs])

    def positions(self) -> dict[str, int]:
        return {str(name): int(last) for name, last in self._rows("SELECT * FROM position")}

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.engine.run(sql)

    def seen(self, period: int, ids: Sequence[bytes]) -> set[bytes]:
        """Which of these ids were seen, in the periods that are remembered."""
        return self._seen.known(ids, since=period - PERIODS + 1)

    def finish(self, plan: Plan, done: Round, moved: Mapping[str, int]) -> None:
        """All that a round leaves behind, in one transaction with how far it went."""
        engine = self.engine
        with engine.transaction():
            self.remember(done.period, done.fresh)
            self._count(done.counts)
            self._refuse(done.quarantine)
            self._show(done.latest)
            engine.many(
                "INSERT INTO position(segment, last) VALUES (?, ?) "
                "ON CONFLICT(segment) DO UPDATE SET last = excluded.last",
                list(moved.items()),
            )
            engine.run("DELETE FROM plan WHERE batch = ?", [plan.batch])

    def enter(
        self, done: Round, *, mark: str, number: int, state: object, intent: str = ""
    ) -> bool:
        """What a numbered piece of work leaves behind, once: False where it was entered before.

        Pieces come in the order of their numbers; ``state`` is noted under the mark. ``intent`` is
        what was noted down ahead of it (see ``intents.py``), and is crossed out with it.
        """
        with self.engine.transaction():
            noted = self.noted(mark)
            if noted is not None and noted["number"] >= number:
                return False
            self.remember(done.period, done.fresh)
            self._count(done.counts)
            self._share(mark, done.counts)
            self._refuse(done.quarantine)
            self._show(done.latest)
            self._note(mark, {"number": number, "state": state})
            if intent:
                self.engine.run("DELETE FROM intent WHERE batch = ?", [intent])
        return True

    def withdraw(self, *, mark: str, number: int, state: object) -> None:
        """Take back all that a mark has put into the counts and into quarantine. May be repeated.

        What was seen stays seen: see ``forget``.
        """
        engine = self.engine
        with engine.transaction():
            shares = engine.run(
                "SELECT events, source, minute, outcome FROM share WHERE mark = ?", [mark]
            )
            engine.many(
                "UPDATE counts SET events = events - ? "
                "WHERE source = ? AND minute = ? AND outcome = ?",
                shares,
            )
            engine.many(
                "DELETE FROM counts "
                "WHERE source = ? AND minute = ? AND outcome = ? AND events <= 0",
                [share[1:] for share in shares],
            )
            engine.run("DELETE FROM share WHERE mark = ?", [mark])
            engine.run("DELETE FROM quarantine WHERE origin = ?", [mark])
            engine.run("DELETE FROM latest WHERE origin = ?", [mark])
            self._note(mark, {"number": number, "state": state})

    def _count(self, counts: Mapping[tuple[str, int, str], int]) -> None:
        self.engine.many(
            "INSERT INTO counts(source, minute, outcome, events) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(source, minute, outcome) "
            "DO UPDATE SET events = counts.events + excluded.events",
            [(*key, events) for key, events in counts.items()],
        )

    def _share(self, mark: str, counts: Mapping[tuple[str, int, str], int]) -> None:
        self.engine.many(
            "INSERT INTO share(mark, source, minute, outcome, events) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT(mark, source, minute, outcome) "
            "DO UPDATE SET events = share.events + excluded.events",
            [(mark, *key, events) for key, events in counts.items() if events],
        )

    def remember(self, period: int, fresh: Sequence[bytes]) -> None:
        """Enter ids that had not been seen, within a transaction of the caller's."""
        self._seen.forget_before(period - PERIODS + 1)
        self._seen.add(fresh, period=period)

    def forget(self, ids: Sequence[bytes]) -> None:
        """Let these ids be unseen again, within a transaction of the caller's."""
        self._seen.forget(ids)

    def _refuse(self, rows: Sequence[QuarantineRow]) -> None:
        self.engine.many(
            "INSERT INTO quarantine(source, received_us, reason, detail, raw, whole, type, "
            "sent_us, origin) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row.source,
                    row.received_us,
                    row.reason,
                    row.detail,
                    row.raw,
                    int(row.whole),
                    row.type,
                    row.sent_us,
                    row.origin,
                )
                for row in rows
            ],
        )
        for source in {row.source for row in rows}:
            newest = max(row.received_us for row in rows if row.source == source)
            self._bound_quarantine(source, newest // MINUTE_US)

    def _bound_quarantine(self, source: str, minute: int) -> None:
        """The oldest give way; how many did is counted."""
        ((rows, size),) = self.engine.run(
            "SELECT count(*), coalesce(sum(length(raw)), 0) FROM quarantine WHERE source = ?",
            [source],
        )
        if rows <= MAX_QUARANTINE_ROWS and size <= MAX_QUARANTINE_BYTES:
            return
        ((oldest,),) = self.engine.run(
            "SELECT min(id) FROM (SELECT id, row_number() OVER (ORDER BY id DESC) AS n, "
            "sum(length(raw)) OVER (ORDER BY id DESC) AS size "
            "FROM quarantine WHERE source = ?) AS newest WHERE n <= ? AND size <= ?",
            [source, MAX_QUARANTINE_ROWS, MAX_QUARANTINE_BYTES],
        )
        ((dropped,),) = self.engine.run(
            "SELECT count(*) FROM quarantine WHERE source = ? AND id < ?", [source, oldest]
        )
        self.engine.run("DELETE FROM quarantine WHERE source = ? AND id < ?", [source, oldest])
        self.engine.run(
            "INSERT INTO counts(source, minute, outcome, events) VALUES (?, ?, ?, ?) "
            "ON CONFLICT(source, minute, outcome) "
            "DO UPDATE SET events = counts.events + excluded.events",
            [source, minute, DROPPED, dropped],
        )

    def _show(self, rows: Sequence[LatestRow]) -> None:
        self.engine.many(
            "INSERT INTO latest(source, received_us, type, name, message_id, shown, origin) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    row.source,
                    row.received_us,
                    row.type,
                    row.name,
                    row.message_id,
                    row.shown,
                    row.origin,
                )
                for row in rows
            ],
        )
        for source in {row.source for row in rows}:
            self.engine.run(
                "DELETE FROM latest WHERE source = ? AND id <= (SELECT id FROM latest "
                "WHERE source = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
                [source, source, LATEST_KEPT],
            )

    def forget_positions(self, segments: Iterable[str]) -> None:
        with self.engine.transaction():
            for segment in segments:
                self.engine.run("DELETE FROM position WHERE segment = ?", [segment])

    # --- now and then ----------------------------------------------------------------------------

    def tidy(self, *, at_us: int, quarantine_days: int) -> None:
        """Let go of what is older than it is kept for."""
        with self.engine.transaction():
            self.engine.run(
                "DELETE FROM quarantine WHERE received_us < ?", [at_us - quarantine_days * DAY_US]
            )
            for table in ("counts", "share"):
                self.engine.run(
                    f"DELETE FROM {table} WHERE minute < ?",  # noqa: S608
                    [(at_us - COUNTS_DAYS * DAY_US) // MINUTE_US],
                )

    def note(self, key: str, value: object) -> None:
        with self.engine.transaction():
            self._note(key, value)

    def _note(self, key: str, value: object) -> None:
        self.engine.run(
            "INSERT INTO state(key, value) VALUES (?, ?) "
            "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
            [key, json.dumps(value)],
        )

    def noted(self, key: str) -> Any:
        rows = self.engine.run("SELECT value FROM state WHERE key = ?", [key])
        return json.loads(rows[0][0]) if rows else None
