"""The activities about customers' rights that the software enforces."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, SystemActor, activity

RIGHT_HANDLE = activity(
    "right.handle",
    name=Bilingual("Traiter les demandes de droits", "Handle customers’ requests by right"),
    domain=Domain.DATA,
)
RIGHT_DECIDE = activity(
    "right.decide",
    name=Bilingual("Répondre à une demande de droits", "Answer a request by right"),
    domain=Domain.DATA,
)
RIGHT_ERASE = activity(
    "right.erase",
    name=Bilingual("Effacer les données d’un client", "Erase a customer’s data"),
    domain=Domain.DATA,
    joint=True,
)
RETENTION_SET = activity(
    "retention.set",
    name=Bilingual("Fixer les durées de conservation", "Set how long data is kept"),
    domain=Domain.DATA,
    joint=True,
)
ACTIVITIES: tuple[Activity, ...] = (RIGHT_HANDLE, RIGHT_DECIDE, RIGHT_ERASE)

# The worker carries out what was decided; each of its steps is an act, and in the audit.
WORKER = SystemActor(
    "system:rights", frozenset({RIGHT_HANDLE.key, RIGHT_DECIDE.key, RIGHT_ERASE.key})
)
KEEPER = SystemActor("system:retention", frozenset({RETENTION_SET.key}))
# What customers ask for on their own page, by a link that we signed.
CUSTOMER = SystemActor("system:customer", frozenset({RIGHT_HANDLE.key}))
