"""The activities about customers' own data: who reads a page, and who sees which fields of it."""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Domain, activity

PERSON_READ = activity(
    "person.read",
    name=Bilingual("Lire la fiche d’un client", "Read a customer’s page"),
    domain=Domain.CUSTOMER,
)
SEE_CONTACTS = activity(
    "person.contacts",
    name=Bilingual(
        "Voir les e-mails et téléphones des clients", "See customers’ e-mails and telephones"
    ),
    domain=Domain.CUSTOMER,
)
SEE_ADDRESS = activity(
    "person.address",
    name=Bilingual("Voir où habitent les clients", "See where customers live"),
    domain=Domain.CUSTOMER,
)
SEE_PARTICULARS = activity(
    "person.particulars",
    name=Bilingual(
        "Voir la naissance et les particularités des clients",
        "See customers’ birth dates and particulars",
    ),
    domain=Domain.CUSTOMER,
)
SEE_AMOUNTS = activity(
    "person.amounts",
    name=Bilingual("Voir ce que dépensent les clients", "See what customers spend"),
    domain=Domain.CUSTOMER,
)
SEE_WORDS = activity(
    "person.words",
    name=Bilingual("Lire ce que les clients ont écrit", "Read what customers wrote"),
    domain=Domain.CUSTOMER,
)
