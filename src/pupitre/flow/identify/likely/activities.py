"""The activities about likely matches that the software enforces."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, activity

MATCH_RUN: Activity = activity(
    "match.run",
    name=Bilingual("Lancer le rapprochement des clients", "Run the matching of customers"),
    domain=Domain.DATA,
)
MATCH_DECIDE: Activity = activity(
    "match.decide",
    name=Bilingual(
        "Dire si deux fiches sont une même personne", "Say whether two records are one person"
    ),
    domain=Domain.DATA,
)
