"""Taking an import back: out of the lake, the counts, quarantine, and what was seen.

By the part, each one transaction of the lake under a name of its own, then one of the books: killed
anywhere, it goes on where it was; done twice, it is done once. What it brought in is known in the
lake by its source, the instant that all its events carry, and its mark. What was seen is forgotten
with its event, so that the mended file, or whoever else, can bring it in again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Event

import msgspec

from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.files.importing import (
    TAKEN_FROM,
    WRITER_SECONDS,
    Stopped,
    Told,
    nothing,
    plain,
)
from pupitre.flow.collect.files.records import ImportRow, Progress, State
from pupitre.flow.collect.intake.books import Books, period_of
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.intents import intend, settle
from pupitre.lake import services as lake
from pupitre.lake.services import Writer

PART_EVENTS = 500_000  # whose ids are in memory at once, and between which others may write


def take_back(
    row: ImportRow,
    *,
    now: Callable[[], datetime],
    told: Told = lambda _: None,
    stop: Event | None = None,
) -> Progress:
    """Take back what is not taken back yet. Raises Stopped, and whatever the lake raises: asked
    again, it goes on."""
    desk = home().desk()
    try:
        while True:
            if stop is not None and stop.is_set():
                raise Stopped
            with lake.writer(wait_seconds=WRITER_SECONDS) as writer:
                progress = _step(desk.books, writer, row, now())
            told(progress)
            if progress.state == State.TAKEN:
                return progress
    finally:
        desk.close()


def _step(books: Books, writer: Writer, row: ImportRow, at: datetime) -> Progress:
    """The next thing to do, by what the books say: whoever holds the lake does it, alone."""
    made = writer.made
    period = period_of(since_1970(at))
    settle(books, period=period, made=lambda name: made(name) is not None)
    noted = books.noted(row.mark) or {"number": -1, "state": {}}
    progress = msgspec.convert(noted["state"], Progress)
    if progress.state == State.TAKEN:
        return progress
    if progress.state != State.TAKING:
        begun = replace(progress, state=State.TAKING, why="", ended_at=None)
        begun = replace(begun, going=writer.standing(row.brought), taken=0)
        books.enter(nothing(), mark=row.mark, number=TAKEN_FROM, state=plain(begun))
        return begun
    number = noted["number"] + 1
    batch = f"{row.name}:back:{number - TAKEN_FROM}"
    events = made(batch)
    if events is None:
        events = _part(books, writer, row, batch)
        settle(books, period=period, made=lambda name: made(name) is not None)
    if events is None:
        writer.rewrite()
        taken = replace(progress, state=State.TAKEN, why="", ended_at=at)
        books.withdraw(mark=row.mark, number=number, state=plain(taken))
        return taken
    progress = replace(progress, taken=progress.taken + events, why="")
    books.enter(nothing(), mark=row.mark, number=number, state=plain(progress))
    return progress


def _part(books: Books, writer: Writer, row: ImportRow, batch: str) -> int | None:
    """Take a part out of the lake; nothing where nothing is left."""
    ids = writer.ids_of(row.brought, most=PART_EVENTS)
    if not ids:
        return None
    if row.mapping.message_id:
        intend(books, batch, fingerprints(row.source, ids), taking=True)
    return writer.withdraw(row.brought, through=ids[-1], batch=batch)
