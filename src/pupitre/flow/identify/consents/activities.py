"""The activities about consents that the software enforces."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain, OwnAffair, SystemActor, activity

CONSENT_PURPOSES = activity(
    "consent.purposes",
    name=Bilingual(
        "Convenir de ce que l’on demande aux clients d’accepter",
        "Agree on what customers are asked to accept",
    ),
    domain=Domain.DATA,
    joint=True,
)
CONSENT_RECORD = activity(
    "consent.record",
    name=Bilingual("Noter le consentement d’un client", "Note a customer’s consent"),
    domain=Domain.CUSTOMER,
)
CONSENT_LINK = activity(
    "consent.link",
    name=Bilingual(
        "Donner à un client le lien de ses préférences", "Give customers the link to their choices"
    ),
    domain=Domain.CUSTOMER,
)
# What customers do on their own page. No letter rules it: the data are theirs.
CONSENT_OWN = OwnAffair(
    "consent.own", Bilingual("Régler ses propres préférences", "Settle one’s own choices")
)
CUSTOMER = SystemActor("system:customer", frozenset({CONSENT_OWN.key}))
