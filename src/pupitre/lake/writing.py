"""The writer of the lake: appends, upkeep and erasures, each in one transaction or repeatable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.core import clock
from pupitre.lake import catalogue, durable, erasing, locking, schema, steps, upkeep, withdrawing
from pupitre.lake.connect import open_lake
from pupitre.lake.contracts import (
    EVENT_NAMES,
    EVENT_SCHEMA,
    Brought,
    Erasure,
    Forgotten,
    LakeError,
    Sql,
    Upkeep,
    WrongShape,
)
from pupitre.lake.place import Place

BATCH_CHARACTERS = 200

_KNOWN = Sql("is the batch there", "SELECT 1 FROM lake.batches WHERE batch = $batch")
_APPEND = Sql(
    "append events",
    f"INSERT INTO lake.events ({', '.join(EVENT_NAMES)}) SELECT {', '.join(EVENT_NAMES)} "
    "FROM incoming",
)
# One source's ids lie near each other where they were given in one go: files are passed over by the
# least and the greatest that they hold.
_APPEND_NEW = Sql(
    "append new events",
    f"INSERT INTO lake.events ({', '.join(EVENT_NAMES)}) SELECT {', '.join(EVENT_NAMES)} "
    "FROM incoming WHERE (source, message_id) NOT IN (SELECT (source, message_id) FROM lake.events "
    "WHERE source BETWEEN $first_source AND $last_source AND message_id BETWEEN $first AND $last)",
)
_MAYBE_THERE = Sql(
    "are any of these ids there",
    "SELECT 1 FROM lake.events WHERE source BETWEEN $first_source AND $last_source "
    "AND message_id BETWEEN $first AND $last LIMIT 1",
)
_RECORDED = Sql("rows of the batch", "SELECT rows FROM lake.batches WHERE batch = $batch")
_RECORD = Sql(
    "record the batch",
    "INSERT INTO lake.batches VALUES ($batch, now() AT TIME ZONE 'UTC', $rows)",
)
_BEGIN = Sql("begin", "BEGIN TRANSACTION")
_COMMIT = Sql("commit", "COMMIT")
_ROLLBACK = Sql("roll back", "ROLLBACK")
_SIGN = Sql("sign the snapshot", "CALL lake.set_commit_message($author, $message)")


class _ThereAlready(Exception):
    """The batch was appended before: the transaction is given up."""


class Writer:
    """Held while the lock is held: see ``services.writer``."""

    def __init__(self, place: Place, connection: duckdb.DuckDBPyConnection) -> None:
        self.place = place
        self._connection = connection

    def run(
        self, step: Sql, parameters: Mapping[str, Any] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """``{catalogue}`` stands for where the catalogue's own tables are."""
        text = step.text.replace("{catalogue}", self.place.catalogue_tables)
        return steps.execute(self._connection, Sql(step.name, text), parameters)

    def rows(self, step: Sql, parameters: Mapping[str, Any] | None = None) -> list[Any]:
        return self.run(step, parameters).fetchall()

    def append(self, table: pa.Table, *, batch: str) -> bool:
        """Append events, once for each name of a batch. False: that batch was there already."""
        _check_shape(table)
        if not 0 < len(batch) <= BATCH_CHARACTERS:
            raise WrongShape(f"a batch's name has 1 to {BATCH_CHARACTERS} characters")
        self._connection.register("incoming", table)
        try:
            with self.transaction("append", batch, folders=lambda: self._months(table)):
                if self.rows(_KNOWN, {"batch": batch}):
                    raise _ThereAlready
                if table.num_rows:
                    self.run(_APPEND)
                self.record(batch, table.num_rows)
        except _ThereAlready:
            return False
        finally:
            self._connection.unregister("incoming")
        return True

    def append_new(self, table: pa.Table, *, batch: str) -> int:
        """Append those of these events whose message id the lake does not have of their source.

        Gives how many went in; asked again under the same name, how many went in then. Ids are
        looked for however long ago they came; within the table each stands once.
        """
        _check_shape(table)
        known = self.made(batch)
        if known is not None:
            return known
        ids, sources = pc.min_max(table["message_id"]), pc.min_max(table["source"])
        span = {
            "first": ids["min"].as_py(),
            "last": ids["max"].as_py(),
            "first_source": sources["min"].as_py(),
            "last_source": sources["max"].as_py(),
        }
        if not table.num_rows or not self.rows(_MAYBE_THERE, span):
            self.append(table, batch=batch)
            return int(table.num_rows)
        self._connection.register("incoming", table)
        try:
            with self.transaction("append", batch, folders=lambda: self._months(table)):
                [(rows,)] = self.run(_APPEND_NEW, span).fetchall()
                self.record(batch, int(rows))
        finally:
            self._connection.unregister("incoming")
        return int(rows)

    def made(self, batch: str) -> int | None:
        """How many rows a batch had, where it was made."""
        known = self.rows(_RECORDED, {"batch": batch})
        return int(known[0][0]) if known else None

    def record(self, batch: str, rows: int) -> None:
        """Within a transaction: the batch is made by it."""
        self.run(_RECORD, {"batch": batch, "rows": rows})

    def tend(self) -> int:
        """After a round of appends: merge small files when there are many. How many it merged."""
        return upkeep.tend(self)

    def keep_up(self, *, at: datetime) -> Upkeep:
        """Merge, thin out snapshots, delete leftovers: each night, and whenever asked."""
        return upkeep.keep_up(self, at=at)

    def erase(self, who: Forgotten) -> Erasure:
        """Erase every event that carries one of these identifiers, from every file, for good."""
        return erasing.erase(self, who)

    def standing(self, which: Brought) -> int:
        """How many events of a piece of work the lake has."""
        return withdrawing.standing(self, which)

    def ids_of(self, which: Brought, *, most: int) -> list[str]:
        """Message ids of the first of them, in their order."""
        return withdrawing.ids_of(self, which, most=most)

    def withdraw(self, which: Brought, *, through: str, batch: str) -> int:
        """Take them back up to a message id, once under this name. How many.

        States before it keep them until they expire. ``rewrite`` afterwards, or files keep them
        for good.
        """
        return withdrawing.withdraw(self, which, through=through, batch=batch)

    def rewrite(self) -> int:
        """Rewrite the files that held what was withdrawn, without it. How many."""
        return withdrawing.rewrite(self)

    @contextmanager
    def transaction(
        self, author: str, message: str, *, folders: Callable[[], Iterable[Path]] | None = None
    ) -> Iterator[None]:
        """One snapshot, whole or not at all; its files are on the disk before its commit."""
        began = clock.now()
        self.run(_BEGIN)
        try:
            yield
            durable.sync_since((folders or self.all_months)(), began)
            self.run(_SIGN, {"author": author, "message": message})
            self.run(_COMMIT)
        except BaseException:
            with suppress(LakeError):  # it may be over already; what went wrong is being raised
                self.run(_ROLLBACK)
            raise

    def _months(self, table: pa.Table) -> Iterator[Path]:
        folder = self.place.data_folder
        if folder is None or not table.num_rows:
            return
        months = pc.unique(pc.floor_temporal(table["corrected_at"], unit="month"))
        for month in months.to_pylist():
            yield folder / "main" / "events" / f"year={month.year}" / f"month={month.month}"

    def all_months(self) -> Iterator[Path]:
        folder = self.place.data_folder
        if folder is not None:
            yield from (folder / "main" / "events").glob("year=*/month=*")
            yield folder / "main" / "batches"


def _check_shape(table: pa.Table) -> None:
    found = [(field.name, field.type) for field in table.schema]
    wanted = [(field.name, field.type) for field in EVENT_SCHEMA]
    if found != wanted:
        off = [f"{name} {kind}" for name, kind in found if (name, kind) not in wanted]
        missing = [f"{name} {kind}" for name, kind in wanted if (name, kind) not in found]
        raise WrongShape(
            f"not the columns of EVENT_SCHEMA in their order: unexpected {off}, missing {missing}"
        )
    for field in EVENT_SCHEMA:
        if not field.nullable and table[field.name].null_count:
            raise WrongShape(f"{field.name} may not be empty")


class _Engine:
    """This process's connection for writing, kept between uses: opening takes most of a second."""

    def __init__(self) -> None:
        self._place: Place | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None

    def for_place(self, place: Place) -> duckdb.DuckDBPyConnection:
        if self._connection is None or self._place != place:
            self.close()
            self._connection = open_lake(place, read_only=False)
            self._place = place
            make_tables(self._connection)
            catalogue.keep_out_of_statistics(place)
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


_engine = _Engine()


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables, all in one transaction, and what is set for them, where they are missing."""
    there = {name for (name,) in steps.execute(connection, schema.TABLES).fetchall()}
    if not there >= schema.EXPECTED:
        steps.execute(connection, _BEGIN)
        for step in schema.CREATION:
            steps.execute(connection, step)
        steps.execute(connection, _COMMIT)
    for step in schema.options_missing(steps.execute(connection, schema.OPTIONS_SET).fetchall()):
        steps.execute(connection, step)


@contextmanager
def writer(place: Place, *, wait_seconds: float) -> Iterator[Writer]:
    """Be the writer. Whatever goes wrong meanwhile, the next one starts on a fresh connection."""
    with locking.alone(place, wait_seconds=wait_seconds):
        try:
            yield Writer(place, _engine.for_place(place))
        except BaseException:
            _engine.close()
            raise


def close() -> None:
    """Let go of this process's connection; the next writer opens one."""
    with locking.in_process():
        _engine.close()
