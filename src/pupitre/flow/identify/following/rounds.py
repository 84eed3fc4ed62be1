"""One round: what came into the lake since the last one goes into the book.

``claim → guard → link → resolve → project``. Each table of events is one transaction; the bookmark
moves with the last of them. What a crash cut off is heard again, and said twice is said once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pupitre.core.contributions import Registry
from pupitre.flow.identify.book.deciding import BOOK, book_alone
from pupitre.flow.identify.book.writing import write
from pupitre.flow.identify.claiming import NAMELESS, Claimed, Identifier, claimed
from pupitre.flow.identify.models import Bookmark
from pupitre.flow.identify.normalising import Setting
from pupitre.lake import queries as lake
from pupitre.lake.queries import Reached
from pupitre.rules.mandate.machines import at_work

Ints = npt.NDArray[np.int64]
FOLLOWER = "identify.follower"
ROWS = 100_000  # of one transaction: others wait for its end


@dataclass(frozen=True)
class Heard:
    """What a table of events gave, for those who keep more than the book: within its transaction.

    ``events`` has the lake's columns. ``naming``: (n) for each event the key of the strongest
    identifier that named somebody, or ``NAMELESS``. ``said``: keys of identifiers of which traits
    were given. ``moved``: keys of identifiers that are another person's now, new ones included.
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
    began = mark()
    events = 0
    reached = None
    for table, reached in lake.arrived(began, rows=ROWS):  # noqa: B007  (the last one counts)
        if len(table):
            hear(table, at=at, setting=setting or Setting())
            events += len(table)
    if reached is not None:
        with at_work(FOLLOWER), book_alone() as bookmark:
            if Reached(bookmark.snapshot, bookmark.row) == began:
                bookmark.snapshot, bookmark.row, bookmark.at = reached.snapshot, reached.row, at
                bookmark.save()
    return events


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
        keys, moved = write(claims)
        if not len(keys):
            return
        said = {int(keys[value.naming]) for value in claims.values}
        heard = Heard(
            events=table,
            naming=np.where(naming == NAMELESS, NAMELESS, keys[naming]),
            said=tuple(sorted(said)),
            moved=moved,
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
