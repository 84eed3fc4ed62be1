"""One round: what came into the lake since the last one goes into the book.

``claim → guard → link → resolve → project``. Each table of events is one transaction; the bookmark
moves with the last of them. What a crash cut off is heard again, and said twice is said once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db import InterfaceError, OperationalError

from pupitre.core.contributions import Registry
from pupitre.flow.identify.book.deciding import BOOK, book_alone
from pupitre.flow.identify.book.writing import write
from pupitre.flow.identify.claiming import NAMELESS, Claimed, Identifier, claimed, let_go
from pupitre.flow.identify.models import Bookmark
from pupitre.flow.identify.normalising import Setting
from pupitre.lake import queries as lake
from pupitre.lake.contracts import LakeError
from pupitre.lake.queries import Reached
from pupitre.rules.mandate.machines import at_work

Ints = npt.NDArray[np.int64]
FOLLOWER = "identify.follower"
ROWS = 20_000  # of one transaction: others wait for its end
MOST_NOTED = 20
log = logging.getLogger("pupitre.identify")


@dataclass(frozen=True)
class Heard:
    """What a table of events gave, for those who keep more than the book: within its transaction.

    ``events`` has the lake's columns. ``naming``: (n) for each event the key of the strongest
    identifier that named somebody, or ``NAMELESS``. ``said``: keys of identifiers of which a trait
    was given a value that it never had. ``moved``: keys of identifiers that are another person's
    now, new ones included.
    """

    events: pa.Table
    naming: Ints
    said: tuple[int, ...]
    moved: frozenset[int]
    at: datetime


# Parts of this room that listen to each table; and, outside of it, those who are told of erasures.
listeners: Registry[Callable[[Heard], None]] = Registry("listener to what came into the lake")
# Which of these were erased: they are heard of no more, and their events are noted as late.
Guard = Callable[[frozenset[Identifier]], frozenset[Identifier]]
guards: Registry[Guard] = Registry("guard of what was erased")
late_noters: Registry[Callable[[list[tuple[str, str]], datetime], None]] = Registry(
    "noter of late events"
)


def once(*, at: datetime, setting: Setting | None = None) -> int:
    """Hear all that came since the last round. How many events."""
    try:
        return _once(at, setting or Setting())
    finally:
        let_go()  # whatever cut the round off


def _once(at: datetime, setting: Setting) -> int:
    known = mark()
    events = 0
    for table, reached in lake.arrived(known, rows=ROWS):
        if len(table):
            hear_or_leave(table, at=at, setting=setting)
            events += len(table)
        if reached != known:
            with at_work(FOLLOWER), book_alone() as bookmark:
                if Reached(bookmark.snapshot, bookmark.row) == known:
                    bookmark.snapshot, bookmark.row, bookmark.at = *_plain(reached), at
                    bookmark.save()
            known = reached
    return events


def _plain(reached: Reached) -> tuple[int, int]:
    return reached.snapshot, reached.row


def hear_or_leave(table: pa.Table, *, at: datetime, setting: Setting) -> None:
    """Hear them; where that cannot be done, half of them and the other half: one event that nobody
    foresaw must not keep all that comes after it from being heard. It is noted, and left."""
    try:
        hear(table, at=at, setting=setting)
    except (OperationalError, InterfaceError, LakeError):
        raise  # the database's or the lake's affair: it will be well again
    except Exception as error:
        if len(table) == 1:
            _note_unheard(table, error, at=at)
            return
        half = len(table) // 2
        hear_or_leave(table.slice(0, half), at=at, setting=setting)
        hear_or_leave(table.slice(half), at=at, setting=setting)


def _note_unheard(table: pa.Table, error: Exception, *, at: datetime) -> None:
    source, message = (table[name][0].as_py() for name in ("source", "message_id"))
    log.error("An event of “%s” cannot be heard: %s", source, type(error).__name__)
    with at_work(FOLLOWER), book_alone() as bookmark:
        notes = bookmark.notes
        notes["unheard"] = notes.get("unheard", 0) + 1
        last = [source, message, type(error).__name__, at.isoformat()]
        notes["last"] = [*notes.get("last", []), last][-MOST_NOTED:]
        bookmark.notes = notes
        bookmark.save(update_fields=["notes"])


def unheard() -> int:
    """How many events could not be heard, ever: the logs say which kind of error it was."""
    notes = Bookmark.objects.filter(name=BOOK).values_list("notes", flat=True).first()
    return int((notes or {}).get("unheard", 0))


def mark() -> Reached:
    """How far the lake was heard."""
    row = Bookmark.objects.filter(name=BOOK).values_list("snapshot", "row").first()
    return Reached(*row) if row else Reached()


def hear(table: pa.Table, *, at: datetime, setting: Setting) -> None:
    """Put what these events say into the book, and tell the listeners."""
    claims = Claimed(setting)
    naming = claimed(table, claims)
    with at_work(FOLLOWER), book_alone():
        erased = _erased(claims)
        if erased:
            claims = Claimed(setting, forgotten=erased)
            naming = claimed(table, claims)
            taken = frozenset(_devices_of_others(claims)) & erased
            if taken:  # somebody else signs in on them here, for the first time
                claims = Claimed(setting, forgotten=erased - taken)
                naming = claimed(table, claims)
            for note in late_noters:
                note(claims.late, at)
        written = write(claims)
        if not len(written.keys):
            return
        heard = Heard(
            events=table,
            naming=np.where(naming == NAMELESS, NAMELESS, written.keys[naming]),
            said=tuple(sorted(written.anew)),
            moved=written.moved,
            at=at,
        )
        for listen in listeners:
            listen(heard)


def _devices_of_others(claims: Claimed) -> Iterator[Identifier]:
    """Devices on which somebody who is not erased says who they are."""
    names = {number: one for one, number in claims.identifiers.items()}
    return (names[moments.device] for moments in claims.moments)


def _erased(claims: Claimed) -> frozenset[Identifier]:
    there = claims.spoken_of()
    return frozenset().union(*(guard(there) for guard in guards))
