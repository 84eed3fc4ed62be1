"""What this room brings to the house: its stores, its health, its upkeep, its commands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    HealthCheck,
    ScheduledJob,
    Store,
    cli_groups,
    health_checks,
    scheduled_jobs,
    stores,
)
from pupitre.lake import checks, console, forgetting, jobs


def contribute() -> None:
    stores.add(
        "lake.events",
        Store(
            name="lake.events",
            engine="lake",
            holds=_("Every interaction of customers, as Parquet files, with their catalogue"),
            erase=forgetting.erase,
        ),
    )
    stores.add(
        "lake.spill",
        Store(
            name="lake.spill",
            engine="file",
            holds=_("Parts of queries too large for memory, until the query ends"),
            why_not=_("Nothing rests here: each file goes with the query that wrote it."),
        ),
    )
    health_checks.add("lake.catalogue", HealthCheck("lake", checks.catalogue))
    health_checks.add("lake.storage", HealthCheck("lake's storage", checks.storage))
    scheduled_jobs.add("lake.upkeep", ScheduledJob("lake.upkeep", "23 * * * *", jobs.keep_up))
    cli_groups.add("lake", console.lake_commands)
