"""The activity of joining and separating customers."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain, activity

PERSON_MERGE = activity(
    "person.merge",
    name=Bilingual("Réunir ou séparer des clients", "Join or separate customers"),
    domain=Domain.DATA,
)
