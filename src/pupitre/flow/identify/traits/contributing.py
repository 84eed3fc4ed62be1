"""What traits bring to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    NavEntry,
    ScheduledJob,
    Store,
    navigation,
    scheduled_jobs,
    stores,
)
from pupitre.flow.identify.traits import actions, counting
from pupitre.rules.mandate.machines import Machine, machines

_ACTIONS_ARE_DECLARED_BY = (actions,)


def contribute() -> None:
    navigation.add("identify.traits", NavEntry("customers", 8, _("Traits"), "identify:traits"))
    machines.add(
        counting.COUNTER,
        Machine(frozenset({"identify_traittally"}), "it counts what is there, by the clock"),
    )
    scheduled_jobs.add(
        "identify.traits", ScheduledJob("identify.traits", "17 * * * *", counting.count)
    )
    stores.add(
        "identify.traits",
        Store(
            name="rules of traits",
            engine="database",
            holds=_("Which value of each trait is shown, and how many people have several"),
            tables=("identify_traitrule", "identify_traittally"),
            personal=False,
        ),
    )
