"""An erasure at work: store after store, each once, whatever happens in between.

What was decided is a row; what was done is a row a store. A process that dies anywhere leaves both,
and the next one goes on with the first store that has no row: ridding a store twice does no harm.
A store of our tables is rid of them in the transaction that writes its row.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db import close_old_connections, connections
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core import clock
from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.contributions import Store, stores
from pupitre.core.erasing import Erased, NotYet, Removed
from pupitre.core.errors import Invalid
from pupitre.flow.identify.models import ErasedStore, LateEvent, RightsRequest
from pupitre.flow.identify.models.rights import RequestState, Right
from pupitre.flow.identify.rights import compacting, exporting
from pupitre.flow.identify.rights.activities import RIGHT_ERASE, WORKER
from pupitre.flow.identify.rights.deciding import COPIED
from pupitre.flow.identify.rights.requests import AboutRequest, close, standing, titled
from pupitre.flow.identify.rights.targets import erased_of
from pupitre.lake import services as lake
from pupitre.lake.contracts import Forgotten
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

LOOK_SECONDS = 2.0
RETRY_SECONDS = 10.0
# By what everything else is found: rid of last, in this order.
LAST = ("identify.book", "identify.rights")
# What could be filled between its turn and the end: a copy that was being made, an event that was
# on its way to the lake, an index that was made anew from a book that had them yet.
AGAIN = ("identify.copies", "collect.books", "identify.index")
JOURNAL, BOOKS = "collect.journal", "collect.books"  # what comes goes through them
DATABASE = "database"  # the tables' own files, written anew once every table is rid of them
AT_ONCE = 5_000  # late events in one erasure of the lake
log = logging.getLogger("pupitre.identify")


@dataclass(frozen=True)
class EraseFromTables(AboutRequest):
    """Rid one store of our tables of somebody, and write the receipt's line, in one transaction."""

    activity: ClassVar[Activity] = RIGHT_ERASE
    store: str

    def title(self) -> Bilingual:
        return _step_title(self.number, self.store)

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        under_way(self.number)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        request = under_way(self.number)
        entry = stores[self.store]
        if entry.erase is None or not entry.erases_tables:
            raise Invalid(f"{self.store} is not rid of anybody in tables")
        removed = entry.erase(erased_of(request))
        if removed.left:
            raise NotYet(f"{self.store} still holds {removed.left}")
        write_line(request, self.store, removed, at=at)


@dataclass(frozen=True)
class NoteErased(AboutRequest):
    """Write the receipt's line of a store that is rid of somebody already."""

    activity: ClassVar[Activity] = RIGHT_ERASE
    store: str
    removed: Removed
    again: bool = False  # it was filled after it had been rid of them

    def title(self) -> Bilingual:
        return _step_title(self.number, self.store)

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        under_way(self.number)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        request = under_way(self.number)
        if self.again:
            line = ErasedStore.objects.get(request=request, store=self.store)
            line.found, line.left, line.at = line.found + self.removed.found, self.removed.left, at
            line.save(update_fields=["found", "left", "at"])
        else:
            write_line(request, self.store, self.removed, at=at)


@dataclass(frozen=True)
class FinishErasure(AboutRequest):
    """Close the request: every store has its line."""

    activity: ClassVar[Activity] = RIGHT_ERASE

    def title(self) -> Bilingual:
        return titled(self.number, lambda name: _("Finish the erasure: %(name)s") % {"name": name})

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        request = under_way(self.number)
        missing = [key for key, _store in to_do(request)]
        if missing:
            raise Invalid(f"not rid yet: {', '.join(missing)}")
        close(request, RequestState.DONE, "done", by=by, at=at)


@dataclass(frozen=True)
class SweepLate(Action):
    """Cross out events of people erased before, of which the lake is rid by now."""

    activity: ClassVar[Activity] = RIGHT_ERASE
    through: int
    events: int

    def subject(self) -> Subject:
        return Subject("rights.late", self.title())

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                ngettext(
                    "Erase %(count)s event that came after an erasure",
                    "Erase %(count)s events that came after an erasure",
                    self.events,
                )
                % {"count": self.events}
            )
        )

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        LateEvent.objects.filter(pk__lte=self.through).delete()


def _step_title(number: int, store: str) -> Bilingual:
    name = stores[store].name if store in stores else store
    return titled(
        number, lambda about: _("Erase from “%(store)s”: %(name)s") % {"store": name, "name": about}
    )


def under_way(number: int) -> RightsRequest:
    request = standing(number, RequestState.UNDER_WAY)
    if request.right != Right.ERASURE:
        raise Invalid(_("They did not ask to be erased."))
    return request


def write_line(request: RightsRequest, store: str, removed: Removed, *, at: datetime) -> None:
    ErasedStore.objects.get_or_create(
        request=request,
        store=store,
        defaults={
            "found": removed.found,
            "left": removed.left,
            "unit": removed.unit,
            "proof": json.dumps(dict(removed.proof)),
            "at": at,
        },
    )


def order_of_stores() -> tuple[tuple[str, Store], ...]:
    """Every store that holds something of a customer, in the order in which they are rid of them:
    files and the lake first, then tables, what all the others are found by last."""
    keys = stores.keys()
    with_eraser = [(key, stores[key]) for key in keys if stores[key].erase is not None]
    first = [(k, s) for k, s in with_eraser if not s.erases_tables and k not in LAST]
    # The journal goes on to the lake: it is empty before the lake is looked through.
    first.sort(key=lambda pair: (pair[0] != JOURNAL, pair[1].engine == "lake", pair[0]))
    tables = [(k, s) for k, s in with_eraser if s.erases_tables and k not in LAST]
    return (*first, *tables, *((key, stores[key]) for key in LAST if key in stores))


def to_do(request: RightsRequest) -> list[tuple[str, Store | None]]:
    """What is left, in its order; the database's own files at the end."""
    done = set(request.erased.values_list("store", flat=True))
    left: list[tuple[str, Store | None]] = [
        (key, store) for key, store in order_of_stores() if key not in done
    ]
    return left if DATABASE in done else [*left, (DATABASE, None)]


def erase(number: int, *, now: Callable[[], datetime], stop: threading.Event) -> bool:
    """Carry one erasure on, as far as it goes. True: it is over. Raises NotYet."""
    request = under_way(number)
    for key, store in to_do(request):
        if stop.is_set():
            return False
        if key == LAST[-1]:  # what the others are found by is there yet
            look_again(request, now=now)
        if store is None:
            removed = compacting.compact()
            act(NoteErased(number, DATABASE, removed), by=WORKER, at=now())
        elif store.erases_tables:
            act(EraseFromTables(number, key), by=WORKER, at=now())
        elif store.erase is not None:
            removed = store.erase(erased_of(request))
            if removed.left:
                raise NotYet(f"{key} still holds {removed.left}")
            act(NoteErased(number, key, removed), by=WORKER, at=now())
    act(FinishErasure(number), by=WORKER, at=now())
    return True


def look_again(request: RightsRequest, *, now: Callable[[], datetime]) -> None:
    """Rid once more of them what may have been filled meanwhile. May be repeated."""
    for key in AGAIN:
        does = stores[key].erase
        if does is None:
            continue
        removed = does(erased_of(request))
        if removed.left:
            raise NotYet(f"{key} still holds {removed.left}")
        if removed.found:
            act(NoteErased(request.pk, key, removed, again=True), by=WORKER, at=now())


def sweep_late(*, now: Callable[[], datetime]) -> int:
    """Rid the lake, and what leads to it, of what came since of people who were erased. How many
    events. Raises NotYet."""
    rows = list(LateEvent.objects.order_by("pk")[:AT_ONCE])
    if not rows:
        return 0
    messages = tuple((row.source, row.message_id) for row in rows)
    for key in (JOURNAL, BOOKS):
        does = stores[key].erase
        if does is not None:
            does(Erased(number=0, at=rows[-1].noted_at, messages=messages))
    lake.erase(Forgotten(messages=messages))
    act(SweepLate(rows[-1].pk, len(rows)), by=WORKER, at=now())
    return len(rows)


def sweep(at: datetime) -> None:
    """By the clock: an erasure of the lake ends its past states, so not more often than needed."""
    with suppress(NotYet):  # the next hour, then
        while sweep_late(now=clock.now):
            pass
    exporting.delete_old(at=at)


def stand(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            well = once(stop)
        finally:
            connections.close_all()
        stop.wait(LOOK_SECONDS if well else RETRY_SECONDS)


def once(stop: threading.Event, *, now: Callable[[], datetime] = clock.now) -> bool:
    """Do what was decided. False where something has to be tried again later."""
    well = True
    asked = RightsRequest.objects.filter(state=RequestState.UNDER_WAY).order_by("decided_at", "pk")
    for number, right in list(asked.values_list("pk", "right")):
        if stop.is_set():
            break
        try:
            if right in COPIED:
                exporting.make(number, now=now)
            else:
                erase(number, now=now, stop=stop)
        except NotYet as reason:
            log.info("Request %d waits: %s", number, reason)
            well = False
        except Invalid:  # withdrawn meanwhile, or done by another worker
            log.info("Request %d is under way no more", number)
        except Exception as error:  # whatever one request does, the others are not held up by it
            # Its text may quote what was asked: only what kind of trouble it was is written down.
            log.error("Request %d is held up (%s); it will go on", number, type(error).__name__)
            well = False
    return well
