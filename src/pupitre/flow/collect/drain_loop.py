"""The drain at work: round after round, for as long as the worker lives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from pupitre.core import clock
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.draining import Drain
from pupitre.flow.collect.intake.home import Desk, home
from pupitre.lake import services as lake
from pupitre.lake.contracts import NotTheWriter

REST_SECONDS = 1.0  # between rounds: few and well-filled files, and little to wait for
SWEEP_SECONDS = 10.0  # between looks for files of the journal of which all is moved
TIDY_SECONDS = 3600.0  # between looks for what is older than it is kept for
RETRY_SECONDS = (1.0, 2.0, 5.0, 10.0)
WRITER_SECONDS = 5.0  # how long another writer of the lake is waited for
log = logging.getLogger("pupitre.collect")


class DrainLoop:
    """Keeps the desk open between rounds; opens it anew after any trouble."""

    def __init__(
        self,
        *,
        open_desk: Callable[[], Desk] = lambda: home().desk(),
        quarantine_days: int,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._open_desk = open_desk
        self._quarantine_days = quarantine_days
        self._now = now
        self._drain: Drain | None = None
        self._failures = 0
        self._troubled = True  # a note of the process before may still stand
        self._swept = self._tidied = float("-inf")

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            stop.wait(self.turn())
        self.close()

    def turn(self) -> float:
        """One round, whatever comes; gives how long to rest after it, in seconds."""
        try:
            busy = self._turn()
            self._failures = 0
            return 0.0 if busy else REST_SECONDS
        except NotTheWriter as other:
            self._trouble(str(other))
            return REST_SECONDS
        except Exception as error:
            log.exception("The drain could not finish its round; it will be done again")
            self._trouble(f"{type(error).__name__}: {error}")
            self.close()
            pause = RETRY_SECONDS[min(self._failures, len(RETRY_SECONDS) - 1)]
            self._failures += 1
            return pause

    def _turn(self) -> bool:
        if self._drain is None:
            self._drain = Drain(self._open_desk())
        drain = self._drain
        began = since_1970(self._now())
        busy = False
        if drain.has_work():
            with lake.writer(wait_seconds=WRITER_SECONDS) as writer:
                busy = drain.once(writer, at_us=began) > 0 and drain.has_work()
                writer.tend()
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            self._swept = time.monotonic()
            drain.desk.tidy()
        if self._troubled:
            drain.desk.books.note("trouble", "")
            self._troubled = False
        self._keep_bounds(drain, began)
        return busy

    def _keep_bounds(self, drain: Drain, at_us: int) -> None:
        if time.monotonic() - self._tidied >= TIDY_SECONDS:
            self._tidied = time.monotonic()
            drain.desk.books.tidy(at_us=at_us, quarantine_days=self._quarantine_days)

    def _trouble(self, why: str) -> None:
        """For the health check; where even that cannot be written, the backlog speaks."""
        self._troubled = True
        if self._drain is None:
            return
        try:
            self._drain.desk.books.note("trouble", why[:300])
        except Exception:
            log.exception("The drain's trouble could not be noted either: %s", why)

    def close(self) -> None:
        if self._drain is not None:
            self._drain.close()
            self._drain.desk.close()
        self._drain = None
