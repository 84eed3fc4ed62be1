"""What rights bring to the house: pages, what waits on desks, stores, the worker's part."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    HealthCheck,
    NavEntry,
    ScheduledJob,
    StandingJob,
    Store,
    health_checks,
    navigation,
    scheduled_jobs,
    standing_jobs,
    stores,
)
from pupitre.flow.identify.following.rounds import guards as following_guards
from pupitre.flow.identify.following.rounds import late_noters
from pupitre.flow.identify.rights import (
    access,
    deciding,
    desk,
    exporting,
    jobs_state,
    requests,
    tables,
    work,
)
from pupitre.flow.identify.rights.forgetting import guarded, note_late
from pupitre.rules.mandate.contracts import desk_items

_ACTIONS_ARE_DECLARED_BY = (requests, deciding, exporting, work)


def contribute() -> None:
    navigation.add(
        "identify.rights",
        NavEntry(
            "customers", 80, _("Requests by right"), "identify:rights", opens=access.opens_requests
        ),
    )
    desk_items.add("identify.rights", desk.urgent_requests)
    health_checks.add("identify.rights", HealthCheck("erasures", desk.check_erasures))
    standing_jobs.add("identify.rights", StandingJob("rights", work.stand))
    scheduled_jobs.add("identify.late", ScheduledJob("identify.late", "47 * * * *", work.sweep))
    following_guards.add("identify.rights", guarded)
    late_noters.add("identify.rights", note_late)
    _stores()


def _stores() -> None:
    stores.add(
        "identify.rights",
        Store(
            name="rights",
            engine="database",
            holds=_("What customers asked by right, in their words, and what was made of it"),
            tables=(
                "identify_rightsrequest",
                "identify_rightsstep",
                "identify_restraint",
                "identify_erasuretarget",
                "identify_erasedstore",
                "identify_rightsexport",
            ),
            erase=tables.erase_requests,
            erases_tables=True,
        ),
    )
    stores.add(
        "identify.copies",
        Store(
            name="copies",
            engine="file",
            holds=_(
                "Copies of what we hold on somebody, in rights/ of the data folder, for a week"
            ),
            erase=exporting.erase,
        ),
    )
    stores.add(
        "worker.jobs",
        Store(
            name="jobs",
            engine="file",
            holds=_("Which jobs were due, which were done, and how one failed"),
            erase=jobs_state.erase,
        ),
    )
    stores.add(
        "identify.forgetting",
        Store(
            name="forgetting",
            engine="database",
            holds=_("The key of the digests, and events of people erased that are to go"),
            tables=("identify_forgettingkey", "identify_lateevent"),
            personal=False,
        ),
    )
