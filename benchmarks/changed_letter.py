"""A changed letter rules the very next request: how many pass before it does, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from benchmarks.harness import Benchmark, Denominator, Measure, database, summary, timed
from pupitre.core import clock
from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.contracts import Activity, AnyActor, Refused, Subject
from pupitre.rules.mandate.models import Cell, MatrixVersion, Seat
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import Company, a_company, set_letters

SEATS = 500
ACTIVITIES = 300
LETTERS_A_ROW = 12
CHANGES = 20


@dataclass(frozen=True)
class Nothing(Action):
    """Changes nothing, so that only being ruled is measured."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE

    def subject(self) -> Subject:
        return Subject("benchmark", Bilingual("Mesure", "Benchmark"))

    def title(self) -> Bilingual:
        return Bilingual("Ne rien changer", "Change nothing")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        """Nothing."""


def run(scale: float) -> Iterator[Measure]:
    with database():
        company = a_company()
        _enlarge(company, seats=round(SEATS * scale), activities=round(ACTIVITIES * scale))
        steady = timed(lambda: _allowed(company), runs=100, warm_up=3)
        late = 0
        first = []
        for change in range(CHANGES):
            allowed = bool(change % 2)
            set_letters(company, "organisation.change", "cdo", "A" if allowed else "I")
            first.append(timed(current_law, runs=1, warm_up=0).median)
            late += _allowed(company) is not allowed
        yield Measure(
            question=f"acts ruled by the old letter, after {CHANGES} changes",
            value=float(late),
            unit="acts",
            at_most=0,
        )
        yield Measure(
            question=f"reading the law anew, {SEATS} seats and {ACTIVITIES} activities",
            value=summary(first).median * 1000,
            unit="ms",
            denominator=Denominator("an act under a law in memory", steady.median * 1000),
        )


def _allowed(company: Company) -> bool:
    try:
        act(Nothing(), by=company.actor("cdo"), at=clock.now())
    except Refused:
        return False
    return True


def _enlarge(company: Company, *, seats: int, activities: int) -> None:
    """A company and a matrix of the given size, around the small one that acts."""
    function = Seat.objects.get(pk=company.seats["cdo"]).function
    with guard.permitted():
        more = Seat.objects.bulk_create(
            Seat(key=f"seat-{n}", function=function, name_fr=f"Siège {n}") for n in range(seats)
        )
        version = MatrixVersion.objects.get(state=MatrixVersion.State.IN_FORCE)
        Cell.objects.bulk_create(
            (
                Cell(
                    version=version,
                    activity=f"activity-{row}",
                    seat=more[(row * LETTERS_A_ROW + place) % len(more)],
                    letters="A" if place == 0 else "R" if place < 3 else "C" if place < 6 else "I",
                )
                for row in range(activities)
                for place in range(min(LETTERS_A_ROW, len(more)))
            ),
            batch_size=1_000,
        )


BENCHMARK = Benchmark("How soon does a changed letter rule?", run)
