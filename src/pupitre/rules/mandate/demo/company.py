"""Who works at Maison Ardoise, a house that sells furniture and linen in shops and online."""

from __future__ import annotations

from dataclasses import dataclass

from pupitre.rules.mandate.contracts import FunctionKind

MAIL = "ardoise.example"


@dataclass(frozen=True, slots=True)
class Chair:
    """A seat as the demonstration begins, and who sits there ("" where nobody does)."""

    key: str
    fr: str
    en: str
    holder: str
    superior: str = ""
    dotted: str = ""
    places: int = 1


@dataclass(frozen=True, slots=True)
class Department:
    """A function; its first seat leads it."""

    key: str
    kind: FunctionKind
    fr: str
    en: str
    chairs: tuple[Chair, ...]


COMPANY: tuple[Department, ...] = (
    Department(
        "comex",
        FunctionKind.COMMITTEE,
        "Comité exécutif",
        "Executive committee",
        (Chair("ceo", "Directrice générale", "Chief executive", "Hélène Vasseur"),),
    ),
    Department(
        "marketing",
        FunctionKind.MARKETING,
        "Marketing",
        "Marketing",
        (
            Chair("cmo", "Directrice marketing", "Marketing director", "Claire Delmas", "ceo"),
            Chair("brand", "Responsable de marque", "Brand manager", "Inès Haddad", "cmo"),
            Chair(
                "campaigns", "Responsable des campagnes", "Campaign manager", "Bastien Roche", "cmo"
            ),
            Chair("loyalty", "Responsable fidélité", "Loyalty manager", "Maëlle Le Bihan", "cmo"),
            Chair(
                "studies",
                "Chargé d’études clients",
                "Customer insight analyst",
                "Youssef Amrani",
                "cmo",
                dotted="data-quality",
            ),
        ),
    ),
    Department(
        "it",
        FunctionKind.IT,
        "Systèmes d’information",
        "Information systems",
        (
            Chair("cio", "Directeur des systèmes d’information", "CIO", "Paul Ndiaye", "ceo"),
            Chair(
                "operations",
                "Responsable d’exploitation",
                "Head of operations",
                "Sonia Marchetti",
                "cio",
            ),
            Chair(
                "architecture",
                "Architecte d’entreprise",
                "Enterprise architect",
                "Étienne Kowalski",
                "cio",
                dotted="cdo",
            ),
            Chair(
                "integration", "Responsable des interfaces", "Integration lead", "Linh Tran", "cio"
            ),
            Chair(
                "security",
                "Responsable de la sécurité",
                "Security officer",
                "Gaëtan Morel",
                "cio",
                dotted="dpo",
            ),
            Chair(
                "workplace",
                "Responsable du poste de travail",
                "Workplace manager",
                "Nadia Benali",
                "operations",
            ),
        ),
    ),
    Department(
        "digital",
        FunctionKind.DIGITAL,
        "Digital",
        "Digital",
        (
            Chair("cdo", "Directrice digitale", "Chief digital officer", "Ariane Costa", "ceo"),
            Chair(
                "app", "Cheffe de produit application", "App product manager", "Julie Perrin", "cdo"
            ),
            Chair("innovation", "Responsable innovation", "Innovation manager", "", "cdo"),
        ),
    ),
    Department(
        "communication",
        FunctionKind.COMMUNICATION,
        "Communication",
        "Communication",
        (
            Chair(
                "communication",
                "Directeur de la communication",
                "Communication director",
                "Marc Olivier",
                "ceo",
            ),
            Chair(
                "social",
                "Responsable réseaux sociaux",
                "Social media manager",
                "Zoé Fontaine",
                "communication",
                dotted="cmo",
            ),
        ),
    ),
    Department(
        "relations",
        FunctionKind.RELATIONS,
        "Relation client",
        "Customer relations",
        (
            Chair(
                "relations",
                "Directrice de la relation client",
                "Head of customer relations",
                "Fatou Sarr",
                "ceo",
                dotted="cmo",
            ),
            Chair(
                "service",
                "Responsable du service client",
                "Customer service manager",
                "Thomas Giraud",
                "relations",
            ),
            Chair(
                "advisers",
                "Conseil en magasin",
                "Shop assistant",
                "Léa Moreau",
                "relations",
                places=40,
            ),
        ),
    ),
    Department(
        "commerce",
        FunctionKind.COMMERCE,
        "E-commerce",
        "E-commerce",
        (
            Chair("commerce", "Directeur e-commerce", "E-commerce director", "Hugo Lambert", "ceo"),
            Chair(
                "payments",
                "Responsable paiement",
                "Payments manager",
                "Camille Roux",
                "commerce",
                dotted="cio",
            ),
        ),
    ),
    Department(
        "hr",
        FunctionKind.HR,
        "Ressources humaines",
        "Human resources",
        (
            Chair("hr", "Directrice des ressources humaines", "HR director", "Odile Renaud", "ceo"),
            Chair("training", "Responsable formation", "Training manager", "Karim Slimani", "hr"),
        ),
    ),
    Department(
        "finance",
        FunctionKind.FINANCE,
        "Finance",
        "Finance",
        (
            Chair("finance", "Directeur financier", "Finance director", "Bruno Castel", "ceo"),
            Chair("control", "Contrôleuse de gestion", "Controller", "Anaïs Petit", "finance"),
        ),
    ),
    Department(
        "legal",
        FunctionKind.LEGAL,
        "Juridique",
        "Legal",
        (Chair("legal", "Directrice juridique", "General counsel", "Sylvie Blanchard", "ceo"),),
    ),
    Department(
        "data",
        FunctionKind.DATA,
        "Données et confidentialité",
        "Data and privacy",
        (
            Chair(
                "dpo",
                "Déléguée à la protection des données",
                "Data protection officer",
                "Mireille Faure",
                "ceo",
            ),
            Chair(
                "data-quality",
                "Responsable qualité des données",
                "Data steward",
                "Adrien Colin",
                "dpo",
                dotted="cio",
            ),
        ),
    ),
    Department(
        "west",
        FunctionKind.UNIT,
        "Région Ouest",
        "Western region",
        (
            Chair(
                "west", "Directeur régional Ouest", "Western region director", "Yann Kerbrat", "ceo"
            ),
            Chair(
                "nantes",
                "Directrice du magasin de Nantes",
                "Nantes shop manager",
                "Rose Guillou",
                "west",
            ),
        ),
    ),
    Department(
        "south",
        FunctionKind.UNIT,
        "Région Sud",
        "Southern region",
        (
            Chair(
                "south",
                "Directrice régionale Sud",
                "Southern region director",
                "Chloé Santoni",
                "ceo",
            ),
            Chair(
                "marseille",
                "Directeur du magasin de Marseille",
                "Marseille shop manager",
                "Rémi Garcin",
                "south",
            ),
        ),
    ),
)
