"""/health: whether this Pupitre can do its work, for whoever watches it. Says no more than that."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable

from django.db import connections

from pupitre import __version__
from pupitre.config.checks import VITAL
from pupitre.core.contributions import HealthCheck, Unhealthy, health_checks

KEPT_SECONDS = 5.0  # a crowd of watchers costs one look each five seconds
PATIENCE_SECONDS = 8.0
log = logging.getLogger("pupitre.health")


def vital() -> Iterable[HealthCheck]:
    return [*VITAL, *health_checks]


def look(checks: Iterable[HealthCheck]) -> dict[str, bool]:
    """Name → well, for each check; what was seen goes to the log, never to the answer."""
    found = {}
    try:
        for check in checks:
            try:
                check.check()
                found[check.name] = True
            except Unhealthy as ill:
                log.warning("%s: %s. %s", check.name, ill.seen, ill.remedy)
                found[check.name] = False
            except Exception:
                log.exception("%s could not be looked at", check.name)
                found[check.name] = False
    finally:
        connections.close_all()  # this runs in a thread of its own, which will not come back
    return found


class Health:
    """Looks at most once each KEPT_SECONDS, whoever asks."""

    def __init__(
        self,
        *,
        checks: Callable[[], Iterable[HealthCheck]] = vital,
        kept_seconds: float = KEPT_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._kept_seconds = kept_seconds
        self._patience_seconds = patience_seconds
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: tuple[float, int, bytes] | None = None

    async def answer(self) -> tuple[int, bytes]:
        async with self._lock:
            if self._kept is None or self._clock() - self._kept[0] >= self._kept_seconds:
                status, body = await self._look()
                self._kept = (self._clock(), status, body)
            return self._kept[1], self._kept[2]

    async def _look(self) -> tuple[int, bytes]:
        looking = asyncio.to_thread(look, list(self._checks()))
        try:
            found = await asyncio.wait_for(looking, self._patience_seconds)
        except TimeoutError:
            found = {"in time": False}
        well = all(found.values())
        said = {"status": "ok" if well else "failing", "version": __version__, "checks": found}
        return (200 if well else 503), json.dumps(said).encode()
