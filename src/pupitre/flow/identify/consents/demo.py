"""What Maison Ardoise asks its customers, and whose word counts: agreed by marketing and IT."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from pupitre.core.clock import day_of
from pupitre.flow.identify.consents.purposes import SetPurpose
from pupitre.flow.identify.consents.sources import HearSource
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Actor, Chapter, Waiting
from pupitre.rules.mandate.queries import holder_of
from pupitre.rules.mandate.services import approve, opine

# The keys are what the sources of the company write: see collect/simulation/words.PURPOSES.
ASKED: tuple[tuple[float, SetPurpose, str], ...] = (
    (
        116,
        SetPurpose(
            purpose_key="marketing",
            new=True,
            name_fr="Nos offres et nos nouvelles",
            name_en="Our offers and news",
            about_fr="Vous dire ce qui arrive en boutique et vous proposer des offres choisies "
            "pour vous. Deux messages par mois au plus.",
            about_en="To tell you what is new in our shops, and make you offers chosen for you. "
            "Two messages a month at most.",
            channels=("email", "sms"),
            wording_fr="J’accepte de recevoir les offres et les nouvelles de Maison Ardoise.",
            wording_en="I agree to receive offers and news from Maison Ardoise.",
        ),
        "Oui : une case par canal, jamais cochée d’avance.",
    ),
    (
        113,
        SetPurpose(
            purpose_key="measurement",
            new=True,
            name_fr="Mesure de fréquentation",
            name_en="Measurement of visits",
            about_fr="Compter les visites et voir quelles pages servent, pour les améliorer. "
            "Rien n’est transmis à d’autres.",
            about_en="To count visits and see which pages are of use, so as to improve them. "
            "Nothing is passed on to others.",
            channels=("web",),
            wording_fr="J’accepte que mes visites du site soient mesurées.",
            wording_en="I agree that my visits to the site are measured.",
            prospecting=False,
        ),
        "Oui, treize mois au plus.",
    ),
    (
        110,
        SetPurpose(
            purpose_key="personalisation",
            new=True,
            name_fr="Un site à votre goût",
            name_en="A site to your taste",
            about_fr="Montrer d’abord ce qui ressemble à ce que vous avez regardé ou acheté.",
            about_en="To show first what is like the things that you looked at or bought.",
            channels=("web",),
            wording_fr="J’accepte que le site s’adapte à ce que j’y regarde et achète.",
            wording_en="I agree that the site adapts to what I look at and buy.",
        ),
        "Oui, si le refus laisse le site entier.",
    ),
)

# Those of its sources that say consents: see collect/simulation/told_consents.
HEARD: tuple[tuple[float, HearSource, str], ...] = (
    (
        107,
        HearSource(
            "tills",
            heard=True,
            reason="La vendeuse lit la phrase, le client signe sur la tablette. La clé ne sort pas "
            "des caisses.",
        ),
        "Oui : la signature est gardée avec le ticket.",
    ),
    (
        104,
        HearSource(
            "web-shop",
            heard=True,
            reason="La case du compte client, en attendant que le serveur de la boutique l’envoie "
            "avec une clé à lui : celle-ci se lit dans les pages.",
        ),
        "Oui pour six mois, le temps d’envoyer du serveur ; tout afflux nous est signalé.",
    ),
    (
        90,
        HearSource(
            "email-tool",
            heard=True,
            reason="Qui se réabonne le fait par un lien envoyé à son adresse. La clé est chez le "
            "prestataire.",
        ),
        "Oui : le lien prouve que l’adresse est la sienne.",
    ),
)


def _agreed(asked: Action, days_ago: float, advice: str, now: datetime) -> None:
    at = now - timedelta(days=days_ago)
    outcome = act(asked, by=_seat("cmo", now), at=at)
    if not isinstance(outcome, Waiting):
        raise TypeError("what is joint waits for IT")
    opine(
        decision_id=outcome.decision_id,
        verdict="for",
        comment=advice,
        by=_seat("dpo", now),
        at=at + timedelta(days=1),
    )
    approve(decision_id=outcome.decision_id, by=_seat("cio", now), at=at + timedelta(days=2))


def _seat(key: str, now: datetime) -> Actor:
    actor = holder_of(seat=key, day=day_of(now))
    if actor is None:
        raise LookupError(f"nobody sits in {key} at Maison Ardoise")
    return actor


CHAPTERS = tuple(
    Chapter(days_ago, partial(_agreed, asked, days_ago, advice))
    for days_ago, asked, advice in (*ASKED, *HEARD)
)
