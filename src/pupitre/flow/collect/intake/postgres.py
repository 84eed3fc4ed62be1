"""The journal and the books in PostgreSQL, in a schema of their own beside the tables.

Several writers' numbers become visible in another order than they were given, so nothing is
remembered as "moved up to here": a round names its entries, and takes them away in the transaction
that enters it in the books.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg

from pupitre.flow.collect.intake.books import Books, Engine, Plan, Round
from pupitre.flow.collect.intake.records import Entry, unseal

SCHEMA = "intake"
CONNECT_SECONDS = 5
LOCK_KEY = 0x696E74616B65  # "intake": who makes the tables
# Another place to keep events than the company's own tables: the search path leads nowhere else.
# An acknowledged event is on the disk, whatever the server's own settings say.
_SESSION = (
    f"SET search_path TO {SCHEMA}",
    "SET synchronous_commit TO on",
    "SET statement_timeout TO '60s'",
)
_JOURNAL = (
    "CREATE TABLE IF NOT EXISTS journal(id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
    "events INTEGER NOT NULL, parcel BYTEA NOT NULL)"
)


def connect(address: str) -> psycopg.Connection[Any]:
    connection = psycopg.connect(address, autocommit=True, connect_timeout=CONNECT_SECONDS)
    try:
        for statement in _SESSION:
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _there(connection: psycopg.Connection[Any], table: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = %s", [SCHEMA, table]
    )
    return found.fetchone() is not None


def make_journal(connection: psycopg.Connection[Any]) -> None:
    """Two that begin at once would trip over each other: one at a time."""
    if _there(connection, "journal"):
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        connection.execute(_JOURNAL)


class PostgresJournal:
    """The writing end."""

    def __init__(self, address: str, max_bytes: int) -> None:
        self._address = address
        self._max_bytes = max_bytes
        self._connection: psycopg.Connection[Any] | None = None

    def commit(self, entries: Sequence[Entry]) -> None:
        connection = self._open()
        try:
            with (
                connection.transaction(),
                connection.cursor() as cursor,
                cursor.copy("COPY journal(events, parcel) FROM STDIN (FORMAT BINARY)") as copy,
            ):
                copy.set_types(["int4", "bytea"])
                for entry in entries:
                    copy.write_row((entry.events, entry.parcel))
        except BaseException:
            self.close()  # the next commit has a new connection
            raise

    def full(self) -> str:
        connection = self._open()
        try:
            row = connection.execute(
                "SELECT coalesce(sum(length(parcel)), 0) FROM journal"
            ).fetchone()
        except BaseException:
            self.close()
            raise
        used = int(row[0]) if row else 0
        if used > self._max_bytes:
            return f"{used // 2**20} MB wait to go into the lake"
        return ""

    def _open(self) -> psycopg.Connection[Any]:
        if self._connection is None:
            connection = connect(self._address)
            try:
                make_journal(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()


class PostgresEngine:
    """The books' connection."""

    blob = "BYTEA"
    serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(_marked(sql), parameters or None)
        return cursor.fetchall() if cursor.description else []

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        listed = list(rows)
        if listed:
            with self.connection.cursor() as cursor:
                cursor.executemany(_marked(sql), listed)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.connection.transaction():
            yield

    def tables(self) -> set[str]:
        rows = self.run("SELECT tablename FROM pg_tables WHERE schemaname = ?", [SCHEMA])
        return {str(name) for (name,) in rows}

    def close(self) -> None:
        self.connection.close()


def _marked(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


class PostgresDesk:
    """Where the drain works."""

    def __init__(self, address: str, *, max_events: int, max_bytes: int) -> None:
        self._max_events, self._max_bytes = max_events, max_bytes
        connection = connect(address)
        try:
            make_journal(connection)
            self._engine = PostgresEngine(connection)
            self.books = Books(self._engine)
            if self.books.lack():
                with connection.transaction():
                    connection.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
                    self.books.prepare()
        except BaseException:
            connection.close()
            raise

    def propose(self, batch: str) -> Plan | None:
        rows = self._engine.run(
            "SELECT id, events, length(parcel) FROM journal ORDER BY id LIMIT ?",
            [self._max_events],
        )
        events = size = 0
        ids: list[int] = []
        for id_, some, length in rows:
            ids.append(id_)
            events += some
            size += length
            if events >= self._max_events or size >= self._max_bytes:
                break
        return Plan(batch, json.dumps(ids)) if ids else None

    def proposing(self, *, after: Plan) -> None:
        """One connection, one thread: the next round begins when this one has ended."""

    def read(self, plan: Plan) -> list[bytes]:
        rows = self._engine.connection.execute(
            "SELECT parcel FROM journal WHERE id = ANY(%s) ORDER BY id", [json.loads(plan.refs)]
        )
        return [bytes(parcel) for (parcel,) in rows]

    def finish(self, plan: Plan, done: Round) -> None:
        with self._engine.transaction():
            self._engine.connection.execute(
                "DELETE FROM journal WHERE id = ANY(%s)", [json.loads(plan.refs)]
            )
            self.books.finish(plan, done, {})

    def tidy(self) -> None:
        """PostgreSQL gives back room by itself."""

    def waiting_since_us(self) -> int | None:
        rows = self._engine.run("SELECT parcel FROM journal ORDER BY id LIMIT 1")
        if not rows:
            return None
        try:
            return unseal(bytes(rows[0][0])).received_us
        except msgspec.MsgspecError:
            return 0

    def backlog_bytes(self) -> int:
        ((used,),) = self._engine.run("SELECT coalesce(sum(length(parcel)), 0) FROM journal")
        return int(used)

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._engine.close()


@contextmanager
def looking(address: str) -> Iterator[Engine | None]:
    """The books, to be read; nothing before the first round."""
    connection = connect(address)
    try:
        engine = PostgresEngine(connection)
        yield engine if "state" in engine.tables() else None
    finally:
        connection.close()
