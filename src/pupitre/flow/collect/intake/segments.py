"""The journal on one machine: SQLite files, each written by one process and read by the drain.

A process has a file of its own, so that no two ever wait for each other's locks, and begins
another once it has grown. The drain only reads: what it has moved is remembered in its books, and a
file whose writer is gone (its lock is free) and of which all is moved is deleted. Nothing is ever
deleted *from* a file, so the disk's work is to append.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path

from pupitre.flow.collect.intake.records import Entry

SEGMENT_BYTES = 64 * 1024 * 1024
PAGE_BYTES = 16_384
BUSY_SECONDS = 5.0
_CREATE = (
    f"PRAGMA page_size={PAGE_BYTES}",
    "PRAGMA journal_mode=WAL",
    "CREATE TABLE journal(id INTEGER PRIMARY KEY, events INTEGER NOT NULL, parcel BLOB NOT NULL)",
)
_ALWAYS = ("PRAGMA synchronous=FULL", "PRAGMA wal_autocheckpoint=1000")
_INSERTS = tuple(
    (rows, f"INSERT INTO journal(events, parcel) VALUES {', '.join(['(?, ?)'] * rows)}")  # noqa: S608
    for rows in (256, 64, 16, 4, 1)
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much may wait, and how much of the disk is left to others."""

    max_bytes: int
    spare_bytes: int


@dataclass(frozen=True, slots=True)
class Span:
    """Entries of one segment: after one number, up to another."""

    segment: str
    after: int
    last: int


def _lock_of(path: Path) -> Path:
    return path.with_suffix(".lock")


class SegmentJournal:
    """The writing end. Files are made when the first entry comes."""

    def __init__(self, folder: Path, bounds: Bounds, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._folder = folder
        self._bounds = bounds
        self._segment_bytes = segment_bytes
        self._connection: sqlite3.Connection | None = None
        self._lock: BufferedRandom | None = None
        self._written = 0

    def commit(self, entries: Sequence[Entry]) -> None:
        connection = self._connection or self._begin()
        try:
            connection.execute("BEGIN IMMEDIATE")
            _insert(connection, entries)
            connection.execute("COMMIT")
        except BaseException:
            self.close()  # whatever state the file is in, the next commit has a new one
            raise
        self._written += sum(len(entry.parcel) for entry in entries)
        if self._written >= self._segment_bytes:
            self.close()

    def full(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        used = size_of(self._folder)
        if used > self._bounds.max_bytes:
            return f"{used // 2**20} MB wait to go into the lake"
        free = shutil.disk_usage(self._folder).free
        if free < self._bounds.spare_bytes:
            return f"the disk has {free // 2**20} MB left"
        return ""

    def _begin(self) -> sqlite3.Connection:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(3)}"
        path = self._folder / f"{name}.sqlite"
        # Locked before it has its name: nobody can take it for the lock of one who has gone.
        draft = self._folder / f"{name}.new"
        lock = draft.open("w+b")
        connection: sqlite3.Connection | None = None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(_lock_of(path))
            connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
            path.chmod(0o600)
            for statement in (*_CREATE, *_ALWAYS):
                connection.execute(statement)
            _sync_folder(self._folder)
        except BaseException:
            if connection is not None:
                connection.close()
            lock.close()
            draft.unlink(missing_ok=True)
            raise
        self._connection, self._lock, self._written = connection, lock, 0
        return connection

    def close(self) -> None:
        connection, lock = self._connection, self._lock
        self._connection = self._lock = None
        try:
            if connection is not None:
                with suppress(sqlite3.Error):
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                with suppress(sqlite3.Error):
                    connection.close()
        finally:
            if lock is not None:
                lock.close()


def _insert(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Many rows a statement: each is a turn in which the event loop's thread may take over, and
    coming back costs more than a row does."""
    done = 0
    for rows, statement in _INSERTS:
        while len(entries) - done >= rows:
            values: list[int | bytes] = []
            for entry in entries[done : done + rows]:
                values += (entry.events, entry.parcel)
            connection.execute(statement, values)
            done += rows


def _sync_folder(folder: Path) -> None:
    """A file's name is on the disk only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def size_of(folder: Path) -> int:
    """Bytes of all files there."""
    total = 0
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                total += entry.stat().st_size
    return total


def segments(folder: Path) -> list[Path]:
    """The journal's files, oldest first."""
    return sorted(folder.glob("*.sqlite"))


def _opened(path: Path) -> sqlite3.Connection:
    """For reading. Opened for writing all the same: recovery after a crash writes."""
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=BUSY_SECONDS, isolation_level=None
    )
    connection.execute("PRAGMA query_only=ON")
    return connection


def _has_table(connection: sqlite3.Connection) -> bool:
    """Whether its writer lived long enough to make it."""
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal'").fetchone()
    return found is not None


class SegmentReader:
    """The drain's end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def waiting(
        self, positions: Mapping[str, int], *, max_events: int, max_bytes: int
    ) -> list[Span]:
        """What comes next, within bounds; at least one entry where there is any."""
        spans: list[Span] = []
        for path in segments(self._folder):
            after = positions.get(path.stem, 0)
            last = after
            with closing(_opened(path)) as connection:
                if not _has_table(connection):
                    continue
                rows = connection.execute(
                    "SELECT id, events, length(parcel) FROM journal WHERE id > ? ORDER BY id",
                    [after],
                )
                for id_, events, size in rows:
                    last = id_
                    max_events -= events
                    max_bytes -= size
                    if max_events <= 0 or max_bytes <= 0:
                        break
            if last > after:
                spans.append(Span(path.stem, after, last))
            if max_events <= 0 or max_bytes <= 0:
                break
        return spans

    def first(self, positions: Mapping[str, int]) -> Iterator[bytes]:
        """The first entry that waits in each file, oldest file first."""
        for path in segments(self._folder):
            with closing(_opened(path)) as connection:
                if _has_table(connection):
                    yield from (
                        parcel
                        for (parcel,) in connection.execute(
                            "SELECT parcel FROM journal WHERE id > ? ORDER BY id LIMIT 1",
                            [positions.get(path.stem, 0)],
                        )
                    )

    def read(self, span: Span) -> list[bytes]:
        path = self._folder / f"{span.segment}.sqlite"
        if not path.exists():
            return []
        with closing(_opened(path)) as connection:
            rows = connection.execute(
                "SELECT parcel FROM journal WHERE id > ? AND id <= ? ORDER BY id",
                [span.after, span.last],
            )
            return [parcel for (parcel,) in rows]

    def tidy(self, positions: Mapping[str, int]) -> list[str]:
        """Delete the files of which all is moved and whose writer is gone; gives their names."""
        gone = []
        for path in segments(self._folder):
            with _if_left(path) as left:
                if not left:
                    continue
                if self._moved(path, positions.get(path.stem, 0)):
                    for ending in (".sqlite", ".sqlite-wal", ".sqlite-shm", ".lock"):
                        path.with_suffix(ending).unlink(missing_ok=True)
                    gone.append(path.stem)
        return gone

    @staticmethod
    def _moved(path: Path, position: int) -> bool:
        with closing(_opened(path)) as connection:
            if not _has_table(connection):
                return True
            ((last,),) = connection.execute("SELECT coalesce(max(id), 0) FROM journal")
            return bool(last <= position)


class _if_left:  # noqa: N801  (reads as a word of the with statement)
    """Whether a segment's writer is gone; nobody can come back to it meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = _lock_of(path)
        self._file: BufferedRandom | None = None

    def __enter__(self) -> bool:
        try:
            self._file = self._path.open("r+b")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            return False
        return True

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def iterate(reader: SegmentReader, spans: Sequence[Span]) -> Iterator[bytes]:
    for span in spans:
        yield from reader.read(span)
