"""The sources of Maison Ardoise: asked for by marketing, opened with IT, and what still waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pupitre.core.clock import day_of
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.models import Source
from pupitre.flow.collect.simulation import services as simulation
from pupitre.flow.collect.sources.actions import OpenSource
from pupitre.flow.collect.sources.planning import AgreePlan
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Actor, Chapter, Waiting
from pupitre.rules.mandate.queries import holder_of
from pupitre.rules.mandate.services import approve, opine


@dataclass(frozen=True, slots=True)
class _Opening:
    key: str
    fr: str
    en: str
    why: str
    channel: Channel
    owner: str  # key of a seat
    origins: tuple[str, ...]
    days_ago: float
    advice: str = ""  # what the data protection officer said of it


OPENED = (
    _Opening(
        "web-shop",
        "Boutique en ligne",
        "Web shop",
        "Savoir ce que l’on cherche, ce que l’on met au panier et où l’on renonce, pour aider "
        "au bon moment plutôt que de relancer tout le monde.",
        Channel.WEB,
        "commerce",
        ("https://www.ardoise.example",),
        150,
        "Oui, sans adresse ni paiement dans les propriétés.",
    ),
    _Opening(
        "tills",
        "Caisses des magasins",
        "Shop tills",
        "Relier les achats en magasin à ce qui les a précédés en ligne : la moitié de nos "
        "clients font les deux.",
        Channel.STORE,
        "operations",
        (),
        120,
        "Oui : le numéro de fidélité suffit, pas le nom.",
    ),
    _Opening(
        "email-tool",
        "Outil d’e-mailing",
        "E-mail tool",
        "Savoir ce qui est ouvert, cliqué ou rejeté, et ne plus écrire à qui ne lit pas.",
        Channel.EMAIL,
        "campaigns",
        (),
        95,
        "Oui, si le désabonnement arrive par la même voie.",
    ),
    _Opening(
        "app",
        "Application",
        "App",
        "Voir la même personne sur son téléphone et sur notre site, et ne pas lui demander deux "
        "fois la même chose.",
        Channel.APP,
        "app",
        (),
        88,
        "Oui, sans la position du téléphone.",
    ),
    _Opening(
        "service-desk",
        "Service client",
        "Service desk",
        "Ne plus proposer une offre à qui vient de se plaindre.",
        Channel.SERVICE,
        "service",
        (),
        74,
        "Oui : le sujet de l’appel, pas son enregistrement.",
    ),
    _Opening(
        "social-listening",
        "Réseaux sociaux",
        "Social networks",
        "Entendre ce que l’on dit de nous en public, et répondre à qui nous parle.",
        Channel.SOCIAL,
        "social",
        (),
        69,
        "Oui, pour ce qui est public et s’adresse à nous.",
    ),
)
ASKED_FOR = _Opening(
    "marketplace",
    "Place de marché",
    "Marketplace",
    "Savoir ce que nos clients achètent de nous ailleurs que chez nous.",
    Channel.PARTNER,
    "commerce",
    (),
    0.04,
)
_TEXT, _NUMBER = "string", "number"
_SHOP_PLAN = (
    PlannedEvent(
        "track",
        "Order Completed",
        (
            PlannedProperty("order_id", _TEXT, required=True),
            PlannedProperty("total", _NUMBER, required=True),
            PlannedProperty("currency", _TEXT, required=True),
            PlannedProperty("products", "array"),
        ),
    ),
    PlannedEvent(
        "track",
        "Product Added",
        (
            PlannedProperty("product_id", _TEXT, required=True),
            PlannedProperty("price", _NUMBER),
            PlannedProperty("quantity", _NUMBER),
        ),
    ),
    PlannedEvent("track", "Products Searched", (PlannedProperty("query", _TEXT, required=True),)),
    PlannedEvent("identify", ""),
    PlannedEvent("page", "", (PlannedProperty("path", _TEXT),)),
)


def ask_for_one(now: datetime) -> None:
    """It waits on the desk of whoever is consulted."""
    _asked(ASKED_FOR, now)


PLAN_DAYS_AGO = 80


def bring_to_life(at: datetime) -> None:
    """A year of simulated customers, once. It takes some seconds."""
    if holder_of(seat="cmo", day=day_of(at)) is not None:
        simulation.demonstration(at=at)


def build(at: datetime) -> None:
    """For a company that was built before sources were part of its story; else nothing."""
    known = Source.objects.filter(key__in=[opening.key for opening in OPENED])
    if not known.exists() and holder_of(seat="cmo", day=day_of(at)) is not None:
        for chapter in CHAPTERS:
            chapter.tell(at)


def _asked(opening: _Opening, now: datetime) -> int:
    at = now - timedelta(days=opening.days_ago)
    outcome = act(
        OpenSource(
            source_key=opening.key,
            name_fr=opening.fr,
            name_en=opening.en,
            why=opening.why,
            channel=opening.channel.value,
            owner_id=_seat(opening.owner, now).seat_id or 0,
            allowed_origins=opening.origins,
        ),
        by=_seat("cmo", now),
        at=at,
    )
    if not isinstance(outcome, Waiting):
        raise TypeError("a joint opening waits for IT")
    return outcome.decision_id


def _opened(opening: _Opening, now: datetime) -> None:
    decision = _asked(opening, now)
    asked = now - timedelta(days=opening.days_ago)
    opine(
        decision_id=decision,
        verdict="for",
        comment=opening.advice,
        by=_seat("dpo", now),
        at=asked + timedelta(days=1),
    )
    approve(decision_id=decision, by=_seat("cio", now), at=asked + timedelta(days=2))


def _agreed_plan(now: datetime) -> None:
    at = now - timedelta(days=PLAN_DAYS_AGO)
    plan = AgreePlan("web-shop", PlanMode.WARN, _SHOP_PLAN, based_on=0)
    outcome = act(plan, by=_seat("cio", now), at=at)
    if not isinstance(outcome, Waiting):
        raise TypeError("a joint plan waits for marketing")
    opine(
        decision_id=outcome.decision_id,
        verdict="for",
        by=_seat("dpo", now),
        at=at + timedelta(days=1),
    )
    approve(decision_id=outcome.decision_id, by=_seat("cmo", now), at=at + timedelta(days=2))


def _seat(key: str, now: datetime) -> Actor:
    actor = holder_of(seat=key, day=day_of(now))
    if actor is None:
        raise LookupError(f"nobody sits in {key} at Maison Ardoise")
    return actor


CHAPTERS = (
    *(Chapter(opening.days_ago, partial(_opened, opening)) for opening in OPENED),
    Chapter(PLAN_DAYS_AGO, _agreed_plan),
    Chapter(ASKED_FOR.days_ago, ask_for_one),
)
