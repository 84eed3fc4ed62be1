"""What retention brings to the house: a job each night, the book of its rules."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import ScheduledJob, Store, scheduled_jobs, stores
from pupitre.flow.identify.retention import keeping, rules

_ACTIONS_ARE_DECLARED_BY = (rules, keeping)


def contribute() -> None:
    scheduled_jobs.add(
        "identify.retention", ScheduledJob("identify.retention", "10 2 * * *", keeping.keep)
    )
    stores.add(
        "identify.retention",
        Store(
            name="retention",
            engine="database",
            holds=_("How long each kind of data is kept, and how much went when"),
            tables=("identify_retentionrule", "identify_retentionrun"),
            personal=False,
        ),
    )
