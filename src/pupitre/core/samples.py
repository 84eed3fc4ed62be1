"""Invented figures and names for the developers' page: one company, in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pupitre.core.bilingual import Bilingual as Two
from pupitre.core.shell import Place, Shell, Wing

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SampleActor:
    seat: Two
    kind: str
    name: str
    url: str = "#"
    switch_url: str = ""


ACTOR = SampleActor(
    seat=Two("Directrice marketing", "Marketing director"), kind="marketing", name="Claire Morel"
)

LEAD = Two(
    "Cinq choses vous attendent. <strong>Deux décisions sont en retard</strong> et retiennent "
    "la campagne de fin d’année.",
    "Five things wait for you. <strong>Two decisions are late</strong> and hold back the "
    "end-of-year campaign.",
)

ROWS: tuple[dict[str, Any], ...] = (
    {
        "letter": "A",
        "what": Two("Ouvrir la source « caisses des magasins »", "Open the source “shop tills”"),
        "by": "it",
        "by_name": Two("DSI", "CIO"),
        "at": NOW - timedelta(days=6),
        "due": NOW - timedelta(days=2),
        "acts": (Two("Approuver", "Approve"), Two("Refuser", "Refuse")),
    },
    {
        "letter": "A",
        "what": Two(
            "Changer la définition de « client actif »",
            "Change the definition of “active customer”",
        ),
        "by": "digital",
        "by_name": Two("Directeur digital", "Chief digital officer"),
        "at": NOW - timedelta(hours=5),
        "due": NOW - timedelta(days=1),
        "acts": (Two("Approuver", "Approve"), Two("Refuser", "Refuse")),
    },
    {
        "letter": "C",
        "what": Two("Conserver 24 mois les paniers abandonnés", "Keep abandoned baskets 24 months"),
        "by": "relations",
        "by_name": Two("Déléguée à la protection des données", "Data protection officer"),
        "at": NOW - timedelta(minutes=40),
        "due": NOW + timedelta(days=2),
        "acts": (Two("Donner mon avis", "Give my opinion"),),
    },
    {
        "letter": "R",
        "what": Two(
            "Relire l’engagement de capacité de l’itération 23",
            "Review the capacity committed to iteration 23",
        ),
        "by": "commerce",
        "by_name": Two("E-commerce", "E-commerce"),
        "at": NOW - timedelta(days=70),
        "due": None,
        "acts": (Two("Ouvrir", "Open"),),
    },
)

TOLD = (
    Two(
        "Fusion de deux fiches annulée, sans perte.", "A merge of two records undone, without loss."
    ),
    Two(
        "Source « application » : un plan d’événements respecté à 99,8 %.",
        "Source “app”: event plan respected at 99.8%.",
    ),
    Two(
        "Le DSI a délégué ses décisions jusqu’à lundi.",
        "The CIO delegated his decisions until Monday.",
    ),
)

FIGURES: tuple[dict[str, Any], ...] = (
    {
        "label": Two("Conquérir · nouveaux clients", "Win · new customers"),
        "value": Two("18 240", "18,240"),
        "unit": "",
        "period": Two("ce mois", "this month"),
        "delta": Two("+6,2 % sur un an, objectif atteint", "+6.2% in a year, target reached"),
        "trend": "good",
        "line": "0,36 18,30 36,33 54,24 73,23 91,19 109,20 127,13 145,10 164,7 182,3 200,0",
        "target": "7",
    },
    {
        "label": Two("Vendre · panier moyen", "Sell · average basket"),
        "value": Two("61,30", "61.30"),
        "unit": "€",
        "period": Two("octobre", "October"),
        "delta": Two("stable, objectif 63 €", "stable, target €63"),
        "trend": "",
        "line": "0,36 18,24 36,30 54,14 73,24 91,28 109,22 127,19 145,24 164,23 182,19 200,20",
        "target": "1",
    },
    {
        "label": Two("Servir · résolu au premier contact", "Serve · solved at first contact"),
        "value": "78",
        "unit": "%",
        "period": Two("octobre", "October"),
        "delta": Two("+5 points en six mois", "+5 points in six months"),
        "trend": "good",
        "line": "0,36 18,32 36,32 54,29 73,25 91,25 109,22 127,18 145,18 164,14 182,11 200,7",
        "target": "1",
    },
    {
        "label": Two("Fidéliser · retour à 90 jours", "Retain · back within 90 days"),
        "value": Two("34,1", "34.1"),
        "unit": "%",
        "period": Two("octobre", "October"),
        "delta": Two("−1,4 point, objectif 37 %", "−1.4 points, target 37%"),
        "trend": "bad",
        "line": "0,19 18,14 36,12 54,14 73,13 91,17 109,16 127,21 145,25 164,26 182,30 200,34",
        "target": "1",
    },
)

SEATS = (
    ("marketing", Two("Marketing", "Marketing"), "Claire Morel"),
    ("it", Two("DSI", "CIO"), "Paul Ndiaye"),
    ("digital", Two("Digital", "Digital"), "Inès Haddad"),
    ("communication", Two("Communication", "Communication"), "Marc Vidal"),
    ("relations", Two("Relation client", "Customer relations"), "Odile Blanc"),
    ("data", Two("Données perso.", "Data protection"), "Sofia Lenz"),
    ("committee", Two("Comex", "Comex"), ""),
)

# One row: group, or activity, enforced, joint, row class, one cell a seat ("" is blank).
MATRIX: tuple[dict[str, Any], ...] = (
    {"group": Two("Technologie", "Technology")},
    {
        "name": Two("Choisir les outils marketing", "Choose the marketing tools"),
        "joint": True,
        "row": "bad",
        "cells": ("A!", "A!", "R", "", "", "", "I"),
    },
    {
        "name": Two("Ouvrir une source", "Open a source"),
        "enforced": True,
        "cells": ("A", "R", "C", "", "I", "C", ""),
    },
    {
        "name": Two("Garantir la disponibilité", "Guarantee availability"),
        "cells": ("I", "AR", "I", "", "I", "", "vacant"),
    },
    {"group": Two("Données", "Data")},
    {
        "name": Two("Définir un indicateur", "Define an indicator"),
        "enforced": True,
        "joint": True,
        "cells": ("A", "C", "R", "C", "+C", "", "I"),
    },
    {
        "name": Two("Effacer une personne", "Erase a person"),
        "enforced": True,
        "row": "warn",
        "cells": ("", "R", "-I", "", "", "A", "~"),
    },
)

TIMELINE: tuple[dict[str, Any], ...] = (
    {
        "hour": NOW,
        "voice": "fn-digital",
        "text": Two("Recherche « manteau 42 »", "Searched “coat 42”"),
        "note": Two("application", "app"),
    },
    {
        "hour": NOW - timedelta(hours=2),
        "voice": "held",
        "text": Two("Message « Soldes privées » retenu", "Message “Private sales” held back"),
        "note": Two("elle est en pause, charte 3, article 5", "she paused, charter 3, article 5"),
    },
    {
        "hour": NOW - timedelta(hours=3),
        "voice": "fn-commerce",
        "text": Two("Retour d’un article, 89 €", "Returned one article, €89"),
        "note": Two("magasin de Nantes", "Nantes shop"),
    },
    {
        "hour": NOW - timedelta(hours=4),
        "voice": "open fn-relations",
        "text": Two("Question à l’accueil, ouverte", "Question at the desk, open"),
        "note": Two("service", "service"),
    },
)


@dataclass(frozen=True, slots=True)
class SampleLine:
    """A row of the sample table."""

    what: Two
    function: str
    function_name: Two
    amount: int
    at: datetime


LINES = tuple(
    SampleLine(
        what=Two(f"{fr} nº {number}", f"{en} no. {number}"),
        function=kind,
        function_name=name,
        amount=(number * 7919) % 20_000,
        at=NOW - timedelta(days=number, minutes=number * 13),
    )
    for number in range(1, 181)
    for (fr, en) in (
        (("Source", "Source"), ("Décision", "Decision"), ("Campagne", "Campaign"))[number % 3],
    )
    for (kind, name, _holder) in (SEATS[number % len(SEATS)],)
)


FINDING = {
    "text": Two(
        "marketing et DSI approuvent tous deux. Qui tranche quand ils ne sont pas d’accord ?",
        "marketing and IT both approve. Who settles it when they disagree?",
    ),
    "why": Two(
        "Un seul siège peut répondre d’une activité ; sinon, personne n’en répond.",
        "Only one seat can answer for an activity; otherwise nobody does.",
    ),
    "warn": Two(
        "personne n’est informé. La relation client répondra sans savoir.",
        "nobody is informed. Customer relations will answer without knowing.",
    ),
    "good": Two("Cette version peut entrer en vigueur.", "This version may enter into force."),
    "action": Two("Garder l’un des deux", "Keep one of the two"),
    "caption": Two("Version 8, brouillon", "Version 8, draft"),
    "activity": Two("Activité", "Activity"),
    "joint": Two("conjointe", "joint"),
    "enforced": Two("appliquée par Pupitre", "applied by Pupitre"),
    "added": Two("ajouté", "added"),
    "removed": Two("retiré", "removed"),
    "changed": Two("changé", "changed"),
}
EMPTY = {
    "title": Two("Aucune délégation en cours", "No delegation at present"),
    "text": Two(
        "Quand vous partez, confiez vos lettres à quelqu’un, d’un jour à un autre : "
        "les décisions n’attendront pas votre retour.",
        "When you are away, hand your letters to somebody from one day to another: decisions "
        "will not wait for you.",
    ),
    "action": Two("Déléguer", "Delegate"),
}
BUTTONS = {
    "cancel": Two("Annuler", "Cancel"),
    "erase": Two("Effacer", "Erase"),
    "open": Two("Ouvrir", "Open"),
    "never": Two("Pas encore", "Not yet"),
    "draft": Two("brouillon", "draft"),
    "force": Two("en vigueur", "in force"),
    "soon": Two("à rendre jeudi", "due on Thursday"),
    "late": Two("en retard", "late"),
    "narrow": Two("Chercher un siège", "Find a seat"),
    "sure": Two("Effacer ce brouillon ?", "Erase this draft?"),
    "gone": Two("Ses lettres seront perdues.", "Its letters will be lost."),
}
ORG = {
    "chief": Two("Directrice générale", "Chief executive"),
    "head": Two("Responsable de pôle", "Head of department"),
    "lead": Two("Chef de projet", "Project lead"),
    "manager": Two("Responsable CRM", "CRM manager"),
    "other": Two("Responsable des opérations et de la qualité", "Head of operations and quality"),
    "vacant": Two("vacant", "vacant"),
    "also": Two("dépend aussi de la DSI", "also reports to the CIO"),
    "more": Two("3 sièges de plus", "3 more seats"),
}
PROGRESS = {
    "label": Two("Lecture du fichier", "Reading the file"),
    "unit": Two("lignes", "lines"),
    "wait": Two("Préparation du rapport", "Preparing the report"),
    "why": Two("Pourquoi est-ce une erreur ?", "Why is this an error?"),
}


def shell() -> Shell:
    """A navigation as full as the product's will be one day."""

    def wing(name: str, label: Two, *places: tuple[Two, int, bool]) -> Wing:
        return Wing(
            name=name,
            label=str(label),
            places=tuple(
                Place(
                    label=str(text),
                    url="#content",
                    count=waiting,
                    current="page" if name == "decide" and position == 0 else "",
                    on_phone=phone,
                )
                for position, (text, waiting, phone) in enumerate(places)
            ),
        )

    wings = (
        wing(
            "decide",
            Two("Ce que nous décidons", "What we decide"),
            (Two("Mon pupitre", "My desk"), 5, True),
            (Two("Agenda commun", "Joint agenda"), 0, True),
            (Two("Indicateurs", "Indicators"), 0, False),
            (Two("Comex", "Comex"), 0, True),
        ),
        wing(
            "customers",
            Two("Ce que vivent les clients", "What customers live"),
            (Two("Clients", "Customers"), 0, True),
            (Two("Sources", "Sources"), 0, False),
            (Two("Questions", "Questions"), 2, False),
        ),
        wing(
            "rules",
            Two("Ce que nous respectons", "What we respect"),
            (Two("Responsabilités", "Responsibilities"), 0, False),
            (Two("Charte", "Charter"), 0, False),
            (Two("Journal", "Audit"), 0, False),
        ),
    )
    phone = tuple(place for wing in wings for place in wing.places if place.on_phone)
    return Shell(wings=wings, phone=phone, elsewhere=False)
