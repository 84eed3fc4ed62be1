"""Rid the journal of what has gone on to the lake: nothing of anybody's rests in it.

Its files keep what was moved until their writer begins another, and that may take days. An erasure
does not wait for it: entries that were moved are made empty where they stand. They are not deleted,
for the next entry would take the last one's number, and the drain would pass it over.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg

from pupitre.core.erasing import Erased, NotYet, Removed
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.home import Desk, LocalHome, PostgresHome, home
from pupitre.flow.collect.intake.postgres import SCHEMA
from pupitre.flow.collect.intake.segments import segments
from pupitre.lake import services as lake

BUSY_SECONDS = 20.0
ROWS_AT_ONCE = 500  # the writer waits for no longer than these take


def erase(who: Erased) -> Removed:
    """Raises NotYet while something waits there that was received before the decision."""
    here = home()
    desk = here.desk()
    try:
        with lake.writer(wait_seconds=lake.PATIENT_SECONDS):  # the drain is between two rounds
            _nothing_waits(desk, since_1970(who.at))
        if isinstance(here, LocalHome):
            return _local(here.journal_folder, desk)
    finally:
        desk.close()
    if isinstance(here, PostgresHome):
        return _postgres(here.address)
    raise TypeError(here)


def _nothing_waits(desk: Desk, at_us: int) -> None:
    since_us = desk.waiting_since_us()
    if desk.books.planned() is not None or (since_us is not None and since_us <= at_us):
        raise NotYet("the journal still has events that the lake has not")


def _local(folder: Path, desk: Desk) -> Removed:
    desk.tidy()
    positions = desk.books.positions()
    emptied = files = 0
    for path in segments(folder):
        try:
            emptied += _emptied(path, positions.get(path.stem, 0))
        except sqlite3.OperationalError as error:  # in use, or just deleted: all of it was moved
            raise NotYet("a file of the journal is in use") from error
        files += 1
    return Removed(found=emptied, unit="rows", proof=(("files", files),))


def _emptied(path: Path, position: int) -> int:
    """How many entries lost what they held."""
    total = 0
    address = f"{path.as_uri()}?mode=rw"
    with closing(
        sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    ) as line:
        if line.execute("SELECT 1 FROM sqlite_master WHERE name = 'journal'").fetchone() is None:
            return 0
        line.execute("PRAGMA secure_delete=ON")
        while True:
            changed = line.execute(
                "UPDATE journal SET parcel = x'' WHERE id IN (SELECT id FROM journal "
                "WHERE id <= ? AND length(parcel) > 0 ORDER BY id LIMIT ?)",
                [position, ROWS_AT_ONCE],
            ).rowcount
            total += changed
            if changed < ROWS_AT_ONCE:
                break
        ((busy, _log, _done),) = line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise NotYet("a reader holds a file of the journal")
    return total


def _postgres(address: str) -> Removed:
    """Its rows went when they were moved; their bytes stay until the table is written anew."""
    if not _written_anew(address, "journal"):
        raise NotYet("the journal's table is in use")
    return Removed(found=0, unit="rows", proof=(("rewritten_tables", 1),))


def _written_anew(address: str, *tables: str) -> bool:
    try:
        with psycopg.connect(address, autocommit=True) as line:
            line.execute("SET lock_timeout TO '5s'")
            for table in tables:
                line.execute(f"VACUUM (FULL, ANALYZE) {SCHEMA}.{table}")
    except psycopg.errors.LockNotAvailable:
        return False
    return True


def rewrite_books(books: Books, *tables: str) -> None:
    """Write the books' pages anew, without what was deleted from them. Raises NotYet."""
    here = home()
    if isinstance(here, PostgresHome):
        if not _written_anew(here.address, *tables):
            raise NotYet("the books are in use")
        return
    try:
        books.engine.run("VACUUM")
        ((busy, _log, _done),) = books.engine.run("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise NotYet("the books are in use") from error
    if busy:
        raise NotYet("a reader holds the books")
