"""Activities that most companies name sooner or later: offered, never imposed.

Their keys have no dot, unlike those that the software enforces.
"""

from __future__ import annotations

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain


def _a(key: str, domain: Domain, fr: str, en: str, *, joint: bool = False) -> Activity:
    return Activity(key, Bilingual(fr, en), domain, joint)


_PEOPLE = (
    _a(
        "train-teams",
        Domain.PEOPLE,
        "Former chaque équipe au métier de l’autre",
        "Train each team in the other’s trade",
    ),
    _a(
        "run-survey",
        Domain.PEOPLE,
        "Mener l’enquête annuelle auprès des deux directions",
        "Run the yearly survey of both departments",
    ),
    _a(
        "recruit-digital-skills",
        Domain.PEOPLE,
        "Recruter les compétences digitales",
        "Recruit digital skills",
    ),
)
_PROCESS = (
    _a(
        "plan-joint-agenda",
        Domain.PROCESS,
        "Planifier l’agenda commun",
        "Plan the joint agenda",
        joint=True,
    ),
    _a(
        "settle-priorities",
        Domain.PROCESS,
        "Arbitrer les priorités et les budgets",
        "Settle priorities and budgets",
        joint=True,
    ),
    _a(
        "govern-two-speeds",
        Domain.PROCESS,
        "Répartir les projets entre les deux vitesses",
        "Divide projects between the two speeds",
        joint=True,
    ),
    _a(
        "report-to-committee",
        Domain.PROCESS,
        "Rendre compte au comité exécutif",
        "Report to the executive committee",
    ),
)
_TECHNOLOGY = (
    _a(
        "choose-marketing-tools",
        Domain.TECHNOLOGY,
        "Choisir les outils marketing",
        "Choose marketing tools",
        joint=True,
    ),
    _a(
        "connect-channel",
        Domain.TECHNOLOGY,
        "Raccorder un nouveau canal",
        "Connect a new channel",
    ),
    _a("open-api", Domain.TECHNOLOGY, "Ouvrir une API à un partenaire", "Open an API to a partner"),
    _a(
        "guarantee-availability",
        Domain.TECHNOLOGY,
        "Garantir la disponibilité",
        "Guarantee availability",
    ),
    _a("secure-systems", Domain.TECHNOLOGY, "Sécuriser les systèmes", "Secure the systems"),
)
_DATA = (
    _a(
        "set-customer-view",
        Domain.DATA,
        "Définir la vue unique du client",
        "Set the single view of the customer",
        joint=True,
    ),
    _a("define-indicator", Domain.DATA, "Définir un indicateur", "Define an indicator", joint=True),
    _a(
        "assure-data-quality",
        Domain.DATA,
        "Garantir la qualité des données",
        "Assure the quality of data",
    ),
    _a("protect-data", Domain.DATA, "Protéger les données personnelles", "Protect personal data"),
    _a(
        "answer-data-rights",
        Domain.DATA,
        "Répondre aux demandes d’accès et d’effacement",
        "Answer requests for access and erasure",
    ),
)
_CUSTOMER = (
    _a(
        "write-charter",
        Domain.CUSTOMER,
        "Écrire la charte client",
        "Write the customer charter",
        joint=True,
    ),
    _a(
        "design-journeys",
        Domain.CUSTOMER,
        "Concevoir les parcours des clients",
        "Design customer journeys",
        joint=True,
    ),
    _a("plan-campaigns", Domain.CUSTOMER, "Planifier les campagnes", "Plan the campaigns"),
    _a("answer-crisis", Domain.CUSTOMER, "Répondre à une crise", "Answer a crisis"),
    _a("handle-complaints", Domain.CUSTOMER, "Traiter les réclamations", "Handle complaints"),
)

CATALOGUE: tuple[Activity, ...] = (*_PEOPLE, *_PROCESS, *_TECHNOLOGY, *_DATA, *_CUSTOMER)
