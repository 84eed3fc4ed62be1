"""Times on seats, as pages show them: seen from the seat or from the member alike."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import FunctionKind, Span
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Delegation, Member, Tenure


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class SeatName:
    id: int
    key: str
    name: Bilingual
    kind: FunctionKind
    as_deputy: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody on a seat, or speaking for it, from a day to a day, both included."""

    id: int
    seat: SeatName
    person: Person
    starts: date
    ends: date | None
    given_by: Person | None = None  # of a deputy: who named them

    def covers(self, day: date) -> bool:
        return Span(self.starts, self.ends).covers(day)

    def over(self, day: date) -> bool:
        return self.ends is not None and self.ends < day


def person_of(member: Member) -> Person:
    return Person(member.pk, member.name, member.suspended)


def seat_name(law: Law, seat_id: int, *, as_deputy: bool = False) -> SeatName:
    facts = law.seats[seat_id]
    return SeatName(facts.id, facts.key, facts.name, facts.kind, as_deputy)


def stay_of(tenure: Tenure, law: Law) -> Stay:
    return Stay(
        id=tenure.pk,
        seat=seat_name(law, tenure.seat_id),
        person=person_of(tenure.member),
        starts=tenure.starts,
        ends=tenure.ends,
    )


def lent_stay(delegation: Delegation, law: Law) -> Stay:
    giver = delegation.given_by
    return Stay(
        id=delegation.pk,
        seat=seat_name(law, delegation.seat_id, as_deputy=True),
        person=person_of(delegation.deputy),
        starts=delegation.starts,
        ends=delegation.ends,
        given_by=person_of(giver) if giver else None,
    )
