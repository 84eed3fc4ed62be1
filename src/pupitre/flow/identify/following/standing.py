"""Following the lake all the time: round after round, for as long as the worker lives."""

from __future__ import annotations

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections, connections

from pupitre.core import clock
from pupitre.flow.identify.following import rounds

REST_SECONDS = 1.0
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)
log = logging.getLogger("pupitre.identify")


def stand(stop: threading.Event) -> None:
    failures = 0
    with _alone(stop) as mine:
        while mine and not stop.is_set():
            close_old_connections()
            rest = REST_SECONDS
            try:
                rounds.once(at=clock.now())
                failures = 0
            except Exception:
                log.exception("Who is who could not be brought up to date; it will be tried again")
                rest = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                failures += 1
            finally:
                connections.close_all()
            stop.wait(rest)


@contextmanager
def _alone(stop: threading.Event) -> Iterator[bool]:
    """Of several workers on one machine, one; another takes over when that one ends. On several
    machines they say the same twice, which does no harm."""
    place = Path(settings.DATA_DIR) / "identify"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (place / "follower").open("a") as file:
        while not stop.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                stop.wait(REST_SECONDS)
                continue
            yield True
            return
        yield False
