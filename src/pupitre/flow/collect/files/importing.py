"""Bringing a file in: `open → map → append → enter`, chunk by chunk, each once.

Chunks are numbered, and the same whenever the file is read. Each is appended in one transaction of
the lake under a name of its own, then entered in the collector's books in another, with the mark of
how far the import has come. Killed anywhere, it goes on with the first chunk that was not entered:
the lake takes a name once, and beyond that no message id twice of one source.

Where rows have ids of their own, the tracking API may send the same: what the drain's books have
seen is left out, and what goes in is seen from then on (``intake/intents.py``). Ids made of the
file and the line can meet nobody else's, and are not looked up.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event

import msgspec
import pyarrow as pa

from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.contracts import ACCEPTED, DUPLICATE, Refusal, Treatment
from pupitre.flow.collect.details import Detail, Wrong, detail, written
from pupitre.flow.collect.files.chunks import Chunk
from pupitre.flow.collect.files.mapping import check_against
from pupitre.flow.collect.files.opening import Opened, digest_of, opened
from pupitre.flow.collect.files.records import ImportRow, Progress, State, progress_of
from pupitre.flow.collect.files.shaping import Origin, Shaped, shape
from pupitre.flow.collect.intake.books import (
    DROPPED,
    MINUTE_US,
    Books,
    QuarantineRow,
    Round,
    period_of,
)
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.intents import intend, settle
from pupitre.flow.collect.showing import latest_of
from pupitre.flow.collect.sources.book import shelf
from pupitre.lake import queries as lake_queries
from pupitre.lake import services as lake
from pupitre.lake.services import Writer

MAX_KEPT_BAD = 500  # rows of one chunk that quarantine keeps; the others are counted
WRITER_SECONDS = 120.0  # how long the lake's other writers are waited for
TAKEN_FROM = 2**40  # what is done to take an import back is numbered from here, after any chunk
Told = Callable[[Progress], None]
log = logging.getLogger("pupitre.collect")


class Stopped(Exception):
    """Told to stop between two chunks. What is in stays; it goes on from there."""


class Failed(Exception):
    """It can never come in as it is, and why."""

    def __init__(self, why: Detail) -> None:
        super().__init__(written(why))


@dataclass(frozen=True, slots=True)
class Work:
    """One import under way."""

    row: ImportRow
    file: Opened
    origin: Origin
    books: Books
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Appended:
    """What became of a chunk in the lake."""

    events: int = 0
    table: pa.Table | None = None
    fresh: tuple[bytes, ...] = ()  # fingerprints to be remembered
    intent: str = ""  # noted ahead of it


def run(
    row: ImportRow,
    *,
    now: Callable[[], datetime],
    told: Told = lambda _: None,
    stop: Event | None = None,
    digest: str = "",
) -> Progress:
    """Bring in what is not in yet. Gives how it ended; whoever ran it before, and how far.

    ``digest``: where the caller has just computed that of the file. Raises Stopped, and whatever
    the lake raises: asked again, it goes on.
    """
    desk = home().desk()
    try:
        last, progress = progress_of(row.id)[row.id]
        if progress.over:
            return progress
        if last >= TAKEN_FROM:
            raise Stopped
        try:
            work = _prepared(row, desk.books, now, digest)
            for chunk, shaped in _ahead(work, last):
                if stop is not None and stop.is_set():
                    raise Stopped
                last = chunk.number
                progress = _take(work, chunk, shaped, progress)
                told(progress)
        except (Failed, Invalid) as why:
            ended = replace(progress, state=State.FAILED, why=str(why)[:500], ended_at=now())
        else:
            ended = replace(progress, state=State.DONE, done=work.file.size, ended_at=now())
            ended = replace(ended, size=work.file.size, unit=work.file.unit)
        with lake.writer(wait_seconds=WRITER_SECONDS):  # whoever holds it enters, alone
            desk.books.enter(nothing(), mark=row.mark, number=last + 1, state=plain(ended))
        told(ended)
        return ended
    finally:
        desk.close()


def _prepared(row: ImportRow, books: Books, now: Callable[[], datetime], digest: str) -> Work:
    file = opened(row.path, row.mapping.layout)
    check_against(row.mapping, file.columns)
    if (digest or digest_of(row.path)) != row.digest:
        raise Failed(detail(Wrong.FILE_CHANGED))
    book = shelf.loader.load()
    source = book.source(row.source)
    if source is None or not source.open:
        raise Failed(detail(Wrong.SOURCE_CLOSED, source=row.source))
    origin = Origin(source, book, row.file, row.digest, row.asked_at, row.brought.extra)
    return Work(row, file, origin, books, now)


def _ahead(work: Work, last: int) -> Iterator[tuple[Chunk, Shaped]]:
    """Chunks with their events, the next one being made while one is appended. Two at most."""
    mapping, columns = work.row.mapping, work.file.columns

    def made() -> Generator[tuple[Chunk, Shaped], None, None]:
        with lake_queries.bench() as bench:
            for chunk in work.file.chunks(mapping.columns, after=last):
                yield chunk, shape(bench, chunk, mapping=mapping, columns=columns,
                                   origin=work.origin)  # fmt: skip

    with closing(made()) as making, ThreadPoolExecutor(1, "import") as pool:
        coming = pool.submit(next, making, None)
        while True:
            found = coming.result()
            if found is None:
                return
            coming = pool.submit(next, making, None)
            yield found


def _take(work: Work, chunk: Chunk, shaped: Shaped, progress: Progress) -> Progress:
    """One chunk into the lake, and then into the books; nobody else writes to either meanwhile."""
    with lake.writer(wait_seconds=WRITER_SECONDS) as writer:
        noted = work.books.noted(work.row.mark)
        if noted is not None and noted["number"] >= TAKEN_FROM:
            raise Stopped
        if noted is not None and noted["number"] >= chunk.number:  # another process did it
            return msgspec.convert(noted["state"], Progress)
        return _bring(writer, work, chunk, shaped, progress)


def _bring(
    writer: Writer, work: Work, chunk: Chunk, shaped: Shaped, progress: Progress
) -> Progress:
    row = work.row
    if not shaped.events.num_rows and shaped.bad and not progress.accepted + progress.duplicates:
        _enter(work, chunk, shaped, Appended(), progress)
        raise Failed(detail(Wrong.NO_ROW, what=shaped.bad[0].detail))
    batch = f"{row.name}:{chunk.number}"
    appended = Appended()
    if shaped.events.num_rows and row.mapping.message_id:
        appended = _append_unseen(writer, work, shaped.events, batch)
    elif shaped.events.num_rows:
        appended = Appended(writer.append_new(shaped.events, batch=batch), shaped.events)
    return _enter(work, chunk, shaped, appended, progress)


def _append_unseen(writer: Writer, work: Work, events: pa.Table, batch: str) -> Appended:
    """Append what neither the books nor the lake have seen.

    Done again after a crash, the books may have seen all of it: by the name of the batch the lake
    says how many went in then.
    """
    books = work.books
    period = period_of(since_1970(work.now()))
    settle(books, period=period, made=lambda name: writer.made(name) is not None)
    ids = fingerprints(work.row.source, events["message_id"].to_pylist())
    seen = books.seen(period, ids)
    if seen:
        events = events.filter(pa.array([one not in seen for one in ids], pa.bool_()))
    fresh = [one for one in ids if one not in seen]
    if not fresh:
        return Appended(writer.append_new(events, batch=batch), events)
    intend(books, batch, fresh)
    return Appended(writer.append_new(events, batch=batch), events, tuple(fresh), batch)


def _enter(
    work: Work, chunk: Chunk, shaped: Shaped, appended: Appended, progress: Progress
) -> Progress:
    at = since_1970(work.now())
    row, bad, accepted = work.row, shaped.bad, appended.events
    duplicates = chunk.rows - len(bad) - accepted
    after = replace(
        progress,
        state=State.RUNNING,
        rows=progress.rows + chunk.rows,
        accepted=progress.accepted + accepted,
        duplicates=progress.duplicates + duplicates,
        refused=progress.refused + len(bad),
        done=chunk.done,
        size=work.file.size,
        unit=work.file.unit,
        why="",
    )
    outcomes = Counter(bad_row.reason for bad_row in bad)
    outcomes += Counter({
        ACCEPTED: accepted,
        DUPLICATE: duplicates,
        Treatment.UNPLANNED.value: shaped.unplanned,
        DROPPED: max(0, len(bad) - MAX_KEPT_BAD),
    })  # fmt: skip
    kept = [
        QuarantineRow(
            row.source, at, str(Refusal(one.reason)), why, one.raw, False, origin=row.mark
        )
        for one, why in (
            (one, written(detail(Wrong.IN_FILE, file=row.file, what=one.detail)))
            for one in bad[:MAX_KEPT_BAD]
        )
    ]
    counts = {(row.source, at // MINUTE_US, str(name)): n for name, n in outcomes.items()}
    shown = latest_of(appended.table, row.mark) if accepted and appended.table else ()
    done = Round(period_of(at), appended.fresh, counts, kept, shown)
    work.books.enter(
        done, mark=row.mark, number=chunk.number, state=plain(after), intent=appended.intent
    )
    return after


def nothing() -> Round:
    return Round(0, (), {}, (), ())


def plain(progress: Progress) -> object:
    return msgspec.to_builtins(progress)


def held_up(row: ImportRow, why: str) -> None:
    """Note on the import what keeps it waiting, for people to read."""
    desk = home().desk()
    try:
        last, progress = progress_of(row.id)[row.id]
        if not progress.over:
            state = plain(replace(progress, why=why[:300]))
            desk.books.note(row.mark, {"number": last, "state": state})
    finally:
        desk.close()
