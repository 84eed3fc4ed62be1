"""Readers of the lake: one database in each process, one cursor for each question."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from pupitre.lake import steps, writing
from pupitre.lake.connect import is_made, open_lake
from pupitre.lake.contracts import (
    EVENT_NAMES,
    AsOf,
    LakeError,
    NoSuchSnapshot,
    Sql,
    TooLong,
    Value,
)
from pupitre.lake.place import Place

MAKING_SECONDS = 30
BLOCK_ROWS = 10_000
LOOK_SECONDS = 10.0
TRIES = 2  # an erasure may take a file away from under a question; asked again, it finds the new
# What may be well again on a fresh connection: a file or a server that went away, or the engine.
BROKEN = (
    duckdb.IOException,
    duckdb.HTTPException,
    duckdb.ConnectionException,
    duckdb.FatalException,
    duckdb.InternalException,
)
_lock = threading.Lock()
_open: dict[str, Any] = {}


NEWEST = Sql("newest snapshot", "SELECT id FROM ducklake_current_snapshot('lake')")
_EVENTS = ", ".join(EVENT_NAMES)


def cursor(place: Place) -> duckdb.DuckDBPyConnection:
    """A connection of one's own to this process's reading database. Makes a lake where none is."""
    with _lock:
        if _open.get("at") != (place, os.getpid()):
            _open.clear()
            _open["connection"] = _opened(place)
            _open["at"] = (place, os.getpid())
        made: duckdb.DuckDBPyConnection = _open["connection"].cursor()
        return made


def close() -> None:
    """Let go of this process's reading database; the next question opens one."""
    with _lock:
        connection = _open.pop("connection", None)
        _open.clear()
        if connection is not None:
            connection.close()


def _opened(place: Place) -> duckdb.DuckDBPyConnection:
    if is_made(place):
        try:
            return open_lake(place, read_only=True)
        except LakeError:
            if not place.on_postgres:
                raise
    with writing.writer(place, wait_seconds=MAKING_SECONDS):
        pass  # being the writer once makes the tables
    return open_lake(place, read_only=True)


def ask(
    place: Place,
    step: Sql,
    parameters: Mapping[str, Value],
    *,
    as_of: AsOf | None,
    seconds: float | None,
    rows: int | None,
) -> tuple[pa.Table, Sql, AsOf]:
    """The rows of a step, one more than ``rows`` at most, with the SQL as run and its snapshot."""
    for left in reversed(range(TRIES)):
        line = cursor(place)
        try:
            state = as_of or AsOf(steps.execute(line, NEWEST).fetchall()[0][0])
            whole = complete(step, state)
            return _fetch(line, whole, plain(parameters), seconds, rows), whole, state
        except TooLong:
            raise
        except LakeError as error:
            gone = isinstance(error.__cause__, BROKEN)
            if as_of is not None and "snapshot" in error.why.lower():
                raise NoSuchSnapshot(error.step, error.sql, error.why) from error
            if not left or not (gone or "snapshot" in error.why.lower()):
                raise
            close()  # what it kept in mind of the lake may be out of date too
        finally:
            line.close()
    raise AssertionError("unreachable")


def stream(place: Place, step: Sql, *, as_of: AsOf, rows: int) -> Iterator[pa.Table]:
    """Every row of a step, in tables of up to so many: no more than one of them is in memory.

    Raises LakeError where a file goes away meanwhile: ask again from where you were.
    """
    line = cursor(place)
    try:
        whole = complete(step, as_of)
        with steps.reading(line, whole, None):
            line.execute(whole.text)
            blocks = line.to_arrow_reader(BLOCK_ROWS)
        kept: list[pa.RecordBatch] = []
        count = 0
        while (block := _next(whole, blocks)) is not None:
            kept.append(block)
            count += block.num_rows
            if count >= rows:
                yield pa.Table.from_batches(kept, blocks.schema)
                kept, count = [], 0
        if count:
            yield pa.Table.from_batches(kept, blocks.schema)
    except LakeError as error:
        if "snapshot" in error.why.lower():
            raise NoSuchSnapshot(error.step, error.sql, error.why) from error
        raise
    finally:
        line.close()


def _next(step: Sql, blocks: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return blocks.read_next_batch()
    except StopIteration:
        return None
    except (pa.ArrowException, OSError, duckdb.Error) as error:
        raise LakeError(step.name, step.text, str(error)) from error


def look(place: Place, step: Sql, parameters: Mapping[str, Value] | None = None) -> list[Any]:
    """Rows of the catalogue itself, which ``{catalogue}`` stands for. Few, and soon."""
    whole = Sql(step.name, step.text.replace("{catalogue}", place.catalogue_tables))
    given = plain(parameters or {})
    for left in reversed(range(TRIES)):
        line = cursor(place)
        try:
            return steps.execute(line, whole, given, seconds=LOOK_SECONDS).fetchall()
        except TooLong:
            raise
        except LakeError as error:
            if not left or not isinstance(error.__cause__, BROKEN):
                raise
            close()
        finally:
            line.close()
    raise AssertionError("unreachable")


def complete(step: Sql, state: AsOf) -> Sql:
    """The step with its tables named, at a snapshot: it says the same whenever it is run."""
    at = f"AT (VERSION => {state.snapshot_id})"
    events = f"lake.events {at}"
    if state.received_by is not None:
        moment = _naive(state.received_by).isoformat(sep=" ")
        events = (
            f"(SELECT {_EVENTS} FROM lake.events {at} WHERE received_at <= TIMESTAMP '{moment}')"
        )
    text = step.text.replace("{events}", events).replace("{batches}", f"lake.batches {at}")
    return Sql(step.name, text)


def _fetch(
    line: duckdb.DuckDBPyConnection,
    step: Sql,
    parameters: dict[str, Any],
    seconds: float | None,
    rows: int | None,
) -> pa.Table:
    with steps.reading(line, step, seconds):
        line.execute(step.text, parameters or None)
        if rows is None:
            return line.to_arrow_table()
        reader = line.to_arrow_reader(min(rows + 1, BLOCK_ROWS))
        taken, batches = 0, []
        for block in reader:
            batches.append(block.slice(0, rows + 1 - taken))
            taken += batches[-1].num_rows
            if taken > rows:
                break
        return pa.Table.from_batches(batches, reader.schema)


def plain(parameters: Mapping[str, Value]) -> dict[str, Any]:
    """Parameters as the engine takes them: instants as the naive UTC that the lake holds."""
    return {
        name: _naive(value)
        if isinstance(value, datetime)
        else list(value)
        if isinstance(value, tuple)
        else value
        for name, value in parameters.items()
    }


def _naive(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
