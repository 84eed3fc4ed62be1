"""What this room brings to the house."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import StandingJob, Store, demo_builders, standing_jobs, stores
from pupitre.flow.identify.consents import contributing as consents
from pupitre.flow.identify.following import demo, rounds, standing
from pupitre.flow.identify.likely import contributing as likely
from pupitre.flow.identify.merging import contributing as merging
from pupitre.flow.identify.people import contributing as people
from pupitre.flow.identify.retention import contributing as retention
from pupitre.flow.identify.rights import contributing as rights
from pupitre.flow.identify.rights import tables as erasing
from pupitre.flow.identify.search import contributing as search
from pupitre.flow.identify.traits import contributing as traits
from pupitre.rules.mandate.machines import Machine, machines

# What the follower of the lake keeps, its listeners' tables included.
FOLLOWED = (
    "bookmark",
    "consent",
    "identifier",
    "lateevent",
    "link",
    "nearword",
    "spelling",
    "trait",
    "use",
    "word",
    "wordof",
)


def contribute() -> None:
    _stores()
    machines.add(
        rounds.FOLLOWER,
        Machine(
            frozenset(f"identify_{name}" for name in FOLLOWED),
            "it writes down what events say, as they come",
        ),
    )
    standing_jobs.add("identify.follow", StandingJob("who is who", standing.stand))
    # Builders run in the order of their keys: the simulated events are in the lake by then.
    demo_builders.add("source.who_is_who", demo.build)
    consents.contribute()
    search.contribute()
    people.contribute()
    merging.contribute()
    traits.contribute()
    likely.contribute()
    rights.contribute()
    retention.contribute()


def _stores() -> None:
    stores.add(
        "identify.book",
        Store(
            name="who is who",
            engine="database",
            holds=_("Identifiers of customers, what links them, and what sources say of them"),
            tables=(
                "identify_identifier",
                "identify_spelling",
                "identify_link",
                "identify_hand",
                "identify_handlink",
                "identify_use",
                "identify_trait",
            ),
            erase=erasing.erase_book,
            erases_tables=True,
        ),
    )
    stores.add(
        "identify.bookmarks",
        Store(
            name="bookmarks",
            engine="database",
            holds=_("How far the lake was read, and keyed digests of what was erased"),
            tables=("identify_bookmark", "identify_forgotten"),
            personal=False,
        ),
    )
