"""The worker's part: do the imports that were asked for, one after the other, all the time.

An import is a row that its act committed. Nothing has to be sent after the commit, so nothing can
be lost between the two: the worker looks for rows whose work is not over. See docs/decisions/0030.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import close_old_connections, connections

from pupitre.core import clock
from pupitre.flow.collect.files import importing
from pupitre.flow.collect.files.records import (
    ImportRow,
    Progress,
    asked_back,
    folder,
    to_take_back,
    unfinished,
)
from pupitre.flow.collect.files.taking_back import take_back
from pupitre.lake.contracts import LakeError, NotTheWriter

LOOK_SECONDS = 2.0
RETRY_SECONDS = 10.0
DRAFT_DAYS = 30  # an upload that nobody imported, or that waits for a decision for so long
log = logging.getLogger("pupitre.collect")


def stand(stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            well = once(stop)
        finally:
            connections.close_all()
        stop.wait(LOOK_SECONDS if well else RETRY_SECONDS)


def once(stop: threading.Event) -> bool:
    """Do what there is to do. False where something has to be tried again later."""
    well = True
    for rows, doing in ((to_take_back, _take_back), (unfinished, _run)):
        for row in rows():
            if stop.is_set():
                break
            with _claimed(row) as mine:
                if mine:
                    well = _tried(row, doing, stop) and well
    return well


def _run(row: ImportRow, stop: threading.Event) -> Progress:
    def told(now: Progress) -> None:
        if not now.over and asked_back(number=row.id):
            raise importing.Stopped

    return importing.run(row, now=clock.now, stop=stop, told=told)


def _take_back(row: ImportRow, stop: threading.Event) -> Progress:
    return take_back(row, now=clock.now, stop=stop)


def _tried(
    row: ImportRow, doing: Callable[[ImportRow, threading.Event], Progress], stop: threading.Event
) -> bool:
    try:
        done = doing(row, stop)
    except importing.Stopped:
        return True
    except (LakeError, NotTheWriter, OSError) as error:
        log.exception("The import of “%s” is held up; it will go on", row.file)
        importing.held_up(row, str(error).strip().splitlines()[0] if str(error).strip() else "")
        return False
    log.info("Import of “%s”: %s, %d events", row.file, done.state, done.accepted)
    if done.over and row.uploaded:
        shutil.rmtree(row.path.parent, ignore_errors=True)  # what it held is in the lake
    return True


@contextmanager
def _claimed(row: ImportRow) -> Iterator[bool]:
    """Of several workers on one machine, one. It ends with its process."""
    place = folder() / "claims"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / str(row.id)).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    Path(file.name).unlink(missing_ok=True)


def tidy(at: datetime) -> None:
    """Delete uploads that came to nothing."""
    waiting = {row.path.parent for row in unfinished()}
    oldest = (at - timedelta(days=DRAFT_DAYS)).timestamp()
    for place in folder().iterdir() if folder().exists() else ():
        left = place.is_dir() and place.name != "claims" and place not in waiting
        if left and place.stat().st_mtime < oldest:
            shutil.rmtree(place, ignore_errors=True)
