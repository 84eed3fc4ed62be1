"""An open decision, read from the database, under the law of the moment."""

from __future__ import annotations

from datetime import datetime

from pupitre.core.bilingual import Bilingual
from pupitre.core.clock import day_of
from pupitre.rules.mandate.contracts import Activity, Domain
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Decision, Voice
from pupitre.rules.mandate.ruling import Spoken, Standing, Yes


def standing_of(decision: Decision, *, law: Law, at: datetime) -> Standing:
    """What it still needs and who may speak. Reads the voices of the present round."""
    voices = [voice for voice in decision.voices.all() if voice.round == decision.round]
    return Standing(
        law=law,
        activity=law.activities.get(decision.activity) or unknown_activity(decision.activity),
        scope=decision.scope,
        spoken=Spoken(
            requester=Yes(decision.member_id, decision.seat_id),
            opinions_due=decision.opinions_due,
            asked=decision.asked_round == decision.round,
            agreements=tuple(
                Yes(v.member_id, v.seat_id) for v in voices if v.kind == Voice.Kind.AGREEMENT
            ),
            opined=frozenset(v.seat_id for v in voices if v.kind == Voice.Kind.OPINION),
            favourable=tuple(
                Yes(v.member_id, v.seat_id)
                for v in voices
                if v.kind == Voice.Kind.OPINION and v.verdict == Voice.Verdict.FOR
            ),
        ),
        at=at,
        day=day_of(at),
    )


def unknown_activity(key: str) -> Activity:
    """An activity that this version no longer declares: named by its key, ruled by no row."""
    return Activity(key, Bilingual(key, key), Domain.PROCESS)
