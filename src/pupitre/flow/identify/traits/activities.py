"""The activities about traits that the software enforces."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, activity

TRAIT_RULE: Activity = activity(
    "trait.rule",
    name=Bilingual("Choisir la valeur affichée d’un trait", "Choose which value of a trait shows"),
    domain=Domain.DATA,
)
TRAIT_CORRECT: Activity = activity(
    "trait.correct",
    name=Bilingual("Corriger ce que l’on sait d’un client", "Correct what is known of a customer"),
    domain=Domain.CUSTOMER,
)
