"""The one way that SQL is run: named, timed, interrupted in time, and quoted when it fails."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from pupitre.lake.contracts import LakeError, Sql, Timed, TooLong

KEPT = 500  # timings, in each process
SLOW_SECONDS = 2.0
log = logging.getLogger("pupitre.lake")
_kept: deque[Timed] = deque(maxlen=KEPT)


def recent() -> tuple[Timed, ...]:
    """The last steps of this process, oldest first."""
    return tuple(_kept)


def execute(
    connection: duckdb.DuckDBPyConnection,
    step: Sql,
    parameters: Mapping[str, Any] | None = None,
    *,
    seconds: float | None = None,
) -> duckdb.DuckDBPyConnection:
    """Run a step whose text is complete. Raises LakeError; TooLong after ``seconds``."""
    with _timed(step.name), _explained(step), _bounded(connection, step, seconds):
        return connection.execute(step.text, dict(parameters) if parameters else None)


@contextmanager
def reading(
    connection: duckdb.DuckDBPyConnection, step: Sql, seconds: float | None
) -> Iterator[None]:
    """For whoever runs and fetches in several calls: one name, one time, one bound for them all."""
    with _timed(step.name), _explained(step), _bounded(connection, step, seconds):
        yield


@contextmanager
def _timed(name: str) -> Iterator[None]:
    began = time.perf_counter()
    well = False
    try:
        yield
        well = True
    finally:
        taken = time.perf_counter() - began
        _kept.append(Timed(name, taken, well))
        if taken > SLOW_SECONDS:
            log.warning("%s took %.1f s", name, taken)


@contextmanager
def _explained(step: Sql) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise LakeError(step.name, step.text, str(error).strip()) from error


@contextmanager
def _bounded(
    connection: duckdb.DuckDBPyConnection, step: Sql, seconds: float | None
) -> Iterator[None]:
    if seconds is None:
        yield
        return
    late = threading.Event()

    def stop() -> None:
        late.set()
        connection.interrupt()

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.Error as error:
        if late.is_set():
            why = f"interrupted after {seconds:g} s"
            raise TooLong(step.name, step.text, why) from error
        raise
    finally:
        timer.cancel()
