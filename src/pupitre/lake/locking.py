"""Who writes: one process, and in it one thread, at a time."""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from pupitre.lake.contracts import LakeError, NotTheWriter
from pupitre.lake.place import Place

LOCK_FILE = "writer.lock"
LOOK_EVERY_SECONDS = 0.02
ADVISORY_KEY = 0x70757069747265  # in PostgreSQL: "pupitre"
CONNECT_SECONDS = 5
_in_process = threading.RLock()


def _until(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


@contextmanager
def alone(place: Place, *, wait_seconds: float) -> Iterator[None]:
    """Be the one who writes. The same thread may come in again. Raises NotTheWriter.

    A file lock ends with its process, whatever ends that; where the catalogue is in PostgreSQL,
    writers on other machines are kept out by a lock of its own.
    """
    deadline = time.monotonic() + wait_seconds
    if not _in_process.acquire(timeout=_until(deadline)):
        raise NotTheWriter("another thread of this process is writing to the lake")
    with ExitStack() as stack:
        stack.callback(_in_process.release)
        if not _held.depth:
            stack.enter_context(_file_lock(place, deadline))
            if place.on_postgres:
                stack.enter_context(_advisory_lock(place, deadline))
        _held.depth += 1
        try:
            yield
        finally:
            _held.depth -= 1


@contextmanager
def in_process() -> Iterator[None]:
    """Keep the other threads of this process from writing, for a moment."""
    with _in_process:
        yield


class _Held:
    depth = 0  # only touched by whoever holds _in_process


_held = _Held()


@contextmanager
def _file_lock(place: Place, deadline: float) -> Iterator[None]:
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place.folder / LOCK_FILE).open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise NotTheWriter("another process is writing to the lake") from None
                time.sleep(LOOK_EVERY_SECONDS)
        yield


@contextmanager
def _advisory_lock(place: Place, deadline: float) -> Iterator[None]:
    try:
        line = psycopg.connect(place.catalogue, autocommit=True, connect_timeout=CONNECT_SECONDS)
    except psycopg.Error as error:
        raise LakeError("lock the catalogue", "", str(error).strip().splitlines()[0]) from None
    with line:
        while True:
            taken = line.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_KEY]).fetchone()
            if taken and taken[0]:
                break
            if time.monotonic() >= deadline:
                raise NotTheWriter("another machine is writing to the lake")
            time.sleep(LOOK_EVERY_SECONDS)
        yield
