"""The worker's part: do the runs that were asked for, one after the other, all the time.

A run is a row that its act committed, as an import is: see ``collect.files.work``.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, close_old_connections, connections, transaction

from pupitre.core import clock
from pupitre.flow.identify.book.deciding import BOOK
from pupitre.flow.identify.book.reading import people_of
from pupitre.flow.identify.following.rounds import Heard
from pupitre.flow.identify.likely import queue, running
from pupitre.flow.identify.likely.newcomers import compare_new, let_go
from pupitre.flow.identify.likely.writing import MATCHER
from pupitre.flow.identify.models import Bookmark, Identifier, MatchModel, MatchRun
from pupitre.rules.mandate.machines import at_work

LOOK_SECONDS = 2.0
RETRY_SECONDS = 30.0
FIRST_RUN_IDENTIFIERS = 1_000  # of people: as many, and the first run is ours to begin
CALM = timedelta(seconds=30)  # since the lake brought something: the first load is over
AT_ONCE = 100  # newcomers between two looks at whether the worker ends
log = logging.getLogger("pupitre.identify")


def stand(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        well = True
        try:
            let_go()
            first(clock.now())
            once(stop)
            newcome(stop)
        except running.Interrupted:
            return
        except Exception:
            log.exception("Matching is held up; it will go on")
            well = False
        finally:
            connections.close_all()
        stop.wait(LOOK_SECONDS if well else RETRY_SECONDS)


def once(stop: threading.Event) -> None:
    """Do the run that waits, if one does."""
    run = MatchRun.objects.filter(alone=True).values_list("pk", flat=True).first()
    if run is None:
        return
    with _claimed() as mine:
        if mine:
            state = running.perform(run, now=clock.now, stop=stop)
            log.info("Matching: %s", state)


def newcome(stop: threading.Event) -> None:
    """Compare those who came since: some at a time, so that a run need not wait for long."""
    if not MatchModel.objects.exists():
        return  # they wait: the first run is for them
    if queue.overflowed():
        ask(clock.now(), by=MATCHER)
        return
    while not stop.is_set() and (numbers := queue.take(AT_ONCE)):
        compare_new(people_of(numbers).values())


def listen(heard: Heard) -> None:
    """A listener to what came into the lake: whoever came, or of whom something new is known."""
    numbers = {*heard.said, *heard.moved}
    transaction.on_commit(lambda: queue.add(sorted(numbers)))


def weekly(at: datetime) -> None:
    """Everybody again: details change, and a model learns from them."""
    ask(at, by=MATCHER)


def first(at: datetime) -> None:
    """The first run begins by itself, once there is somebody to compare and all has been heard."""
    if MatchRun.objects.exists() or MatchModel.objects.exists():
        return
    known = Identifier.objects.filter(person__isnull=False)[:FIRST_RUN_IDENTIFIERS].count()
    heard_at = Bookmark.objects.filter(name=BOOK).values_list("at", flat=True).first()
    if known == FIRST_RUN_IDENTIFIERS and heard_at and at - heard_at > CALM:
        ask(at, by=MATCHER)


def ask(at: datetime, *, by: str) -> int | None:
    """A run by the software itself; None where one is under way."""
    try:
        with at_work(MATCHER), transaction.atomic():
            return int(MatchRun.objects.create(asked_at=at, asked_by=by).pk)
    except IntegrityError:
        return None


@contextmanager
def _claimed() -> Iterator[bool]:
    """Of several workers on one machine, one. It ends with its process."""
    place = Path(settings.DATA_DIR)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / "matching.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
