"""What the collector brings to the house: the drain, its health, its stores."""

from __future__ import annotations

import threading

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    HealthCheck,
    StandingJob,
    Store,
    health_checks,
    standing_jobs,
    stores,
)
from pupitre.flow.collect import health
from pupitre.flow.collect.drain_loop import DrainLoop
from pupitre.flow.collect.erasing import books, journal


def contribute() -> None:
    health_checks.add("collect.journal", HealthCheck("journal", health.check_journal))
    health_checks.add("collect.drain", HealthCheck("drain", health.check_drain))
    standing_jobs.add("collect.drain", StandingJob("drain", drain))
    stores.add(
        "collect.journal",
        Store(
            name="intake/journal",
            engine="file",
            holds=_("Events as they were received, until they are in the lake"),
            erase=journal.erase,
        ),
    )
    stores.add(
        "collect.books",
        Store(
            name="intake/books",
            engine="file",
            holds=_(
                "Refused events, the last events of each source, counts, and the fingerprints "
                "of message ids"
            ),
            erase=books.erase,
        ),
    )


def drain(stop: threading.Event) -> None:
    DrainLoop(quarantine_days=settings.ENV.quarantine_days).run(stop)
