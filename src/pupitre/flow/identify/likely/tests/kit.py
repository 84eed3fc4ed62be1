"""A book of some people, a model as if learnt, and the company that answers."""

from __future__ import annotations

import threading

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.likely import models_kept, work
from pupitre.flow.identify.likely.records import COLUMNS
from pupitre.flow.identify.likely.writing import MATCHER
from pupitre.flow.identify.matching import comparing
from pupitre.flow.identify.matching.contracts import Schema
from pupitre.flow.identify.matching.model import LearntColumn, LearntLevel, Model
from pupitre.flow.identify.models import Identifier, MatchRun, Proposal, Trait
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.machines import at_work
from pupitre.rules.mandate.testing import NOON, Company, a_company

COMPARED = ("given_name", "surname", "birth_date", "locality", "email")
ROWS = {
    "match.run": {"cdo": "A", "ops": "R", "dpo": "I"},
    "match.decide": {"cdo": "AR", "ops": "R", "cmo": "I", "dpo": "I"},
    "person.read": {"cdo": "AR", "ops": "R", "dpo": "I"},
    "person.contacts": {"cdo": "AR"},
    "person.particulars": {"cdo": "AR"},
    "person.words": {"cdo": "AR"},
}
ANNE = {"given_name": "Anne", "surname": "Quéméneur", "birth_date": "1980-05-06"}


def company() -> Company:
    return a_company(rows=ROWS)


def model() -> Model:
    learnt = []
    for name in COMPARED:
        levels = comparing.levels(name, COMPARED)
        rest = len(levels) - 1
        chances = [(0.9, 0.01)] + [(0.08 / (rest - 1), 0.01)] * (rest - 1) + [(0.02, 0.9)]
        learnt.append(
            LearntColumn(
                name,
                tuple(LearntLevel(x, m, u) for x, (m, u) in zip(levels, chances, strict=True)),
            )
        )
    return Model(Schema(COLUMNS), (("surname",), ("email",)), tuple(learnt), 1e-2)


def keep_model() -> None:
    with at_work(MATCHER):
        models_kept.keep(model(), people=1_000, at=NOON)


def person(value: str, kind: str = "user_id", **traits: str) -> int:
    with guard.permitted():
        made = Identifier.objects.create(kind=kind, value=value)
        made.person = made.component = made.pk
        made.save()
        for name, text in traits.items():
            Trait.objects.create(
                identifier=made,
                name=name,
                value=text,
                source="shop",
                first_us=since_1970(NOON),
                last_us=since_1970(NOON),
            )
    return made.pk


def a_town(count: int = 30) -> None:
    """Others, so that sharing a name is worth something."""
    for n in range(count):
        person(
            f"t{n}",
            given_name=f"Prénom{n}",
            surname=f"Famille{n}",
            birth_date=f"19{50 + n % 40}-01-{1 + n % 28:02}",
            locality=f"Ville{n % 5}",
        )


def a_run() -> MatchRun:
    """Asked for and done, by a model that is there already."""
    number = work.ask(NOON, by=MATCHER)
    assert number is not None
    with at_work(MATCHER):
        kept = models_kept.keep(model(), people=1_000, at=NOON)
        MatchRun.objects.filter(pk=number).update(model=kept)
    work.once(threading.Event())
    return MatchRun.objects.get(pk=number)


def a_proposal(a: int, b: int, *, probability: float = 0.6) -> Proposal:
    with guard.permitted():
        return Proposal.objects.create(
            a_id=min(a, b),
            b_id=max(a, b),
            probability=probability,
            weight=0.6,
            prior=-10.0,
            evidence=[
                ["given_name", "same", 6.0, 0.5],
                ["surname", "one_slip", 6.6, 0.0],
                ["birth_date", "unknown", 0.0, 0.0],
                ["locality", "different", -2.0, 0.0],
            ],
            at=NOON,
        )


def of(number: int) -> int | None:
    return Identifier.objects.get(pk=number).person
