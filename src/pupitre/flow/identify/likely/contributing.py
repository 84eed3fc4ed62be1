"""What likely matches bring to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import (
    NavEntry,
    ScheduledJob,
    StandingJob,
    Store,
    navigation,
    scheduled_jobs,
    standing_jobs,
    stores,
)
from pupitre.flow.identify.following.rounds import listeners
from pupitre.flow.identify.likely import actions, desk, erasing, work, writing
from pupitre.rules.mandate.contracts import desk_items
from pupitre.rules.mandate.machines import Machine, machines

_ACTIONS_ARE_DECLARED_BY = (actions,)
_WRITES = ("bookmark", "identifier", "link", "matchmodel", "matchrun", "proposal")


def contribute() -> None:
    navigation.add(
        "identify.likely", NavEntry("customers", 7, _("Likely matches"), "identify:likely")
    )
    desk_items.add("identify.likely", desk.waiting_proposals)
    machines.add(
        writing.MATCHER,
        Machine(
            frozenset(f"identify_{name}" for name in _WRITES),
            "it compares people by the rule that the steward's answers draw",
        ),
    )
    standing_jobs.add("identify.likely", StandingJob("likely matches", work.stand))
    scheduled_jobs.add(
        "identify.likely", ScheduledJob("identify.likely", "20 3 * * 0", work.weekly)
    )
    listeners.add("identify.likely", work.listen)
    stores.add(
        "identify.proposals",
        Store(
            name="likely matches",
            engine="database",
            holds=_("Pairs of identifiers that may be one person’s, and what stewards said"),
            tables=("identify_proposal",),
            erase=erasing.proposals,
            erases_tables=True,
        ),
    )
    stores.add(
        "identify.models",
        Store(
            name="models of matching",
            engine="database",
            holds=_("How often details agree among people; no value of anybody. Runs, counted"),
            tables=("identify_matchmodel", "identify_matchrun"),
            personal=False,
        ),
    )
    stores.add(
        "identify.index",
        Store(
            name="index of newcomers",
            engine="memory",
            holds=_(
                "Details of everybody, standardised, while the worker runs; made anew after an "
                "erasure"
            ),
            erase=erasing.index,
        ),
    )
