"""Everything about one seat, for its page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action, decode
from pupitre.rules.mandate.contracts import Activity, FunctionKind
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Decision, Seat
from pupitre.rules.mandate.organisation.comparing import Difference
from pupitre.rules.mandate.organisation.describing import differences_of
from pupitre.rules.mandate.organisation.queries import (
    SeatRow,
    is_open,
    letters_by_seat,
    seat_row,
    superior_on,
)
from pupitre.rules.mandate.organisation.stays import Stay, lent_stay, stay_of

HISTORY_SHOWN = 40
DECISIONS_SHOWN = 10
_ORDER = {"A": 0, "AR": 1, "R": 2, "C": 3, "I": 4}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another seat at the other end of a line."""

    key: str
    name: Bilingual
    kind: FunctionKind
    holders: tuple[str, ...]
    dotted: bool


@dataclass(frozen=True, slots=True)
class SeatLetter:
    activity: Activity
    letters: str
    scope: str  # "" for the whole company


@dataclass(frozen=True, slots=True)
class Asked:
    """An open decision about the seat, and what it would change."""

    title: Bilingual
    url: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class SeatPage:
    row: SeatRow
    places: int
    closed_on: date | None
    holding: tuple[Stay, ...]  # on the day asked for
    coming: tuple[Stay, ...]
    former: tuple[Stay, ...]
    deputies: tuple[Stay, ...]  # that day, and to come
    above: tuple[Neighbour, ...]
    below: tuple[Neighbour, ...]
    letters: tuple[SeatLetter, ...]
    asked: tuple[Asked, ...]
    waiting: int  # open decisions that were asked for from this seat

    @property
    def speaking(self) -> tuple[SeatLetter, ...]:
        """The letters with which it decides or acts."""
        return tuple(each for each in self.letters if each.letters in ("A", "AR", "R"))

    @property
    def listening(self) -> tuple[SeatLetter, ...]:
        return tuple(each for each in self.letters if each.letters in ("C", "I"))

    @property
    def free(self) -> int:
        """Places that nobody holds that day."""
        return max(self.places - len(self.holding), 0)


def seat_page(*, key: str, law: Law, day: date) -> SeatPage | None:
    """None where there is no such seat, open or closed."""
    seat = Seat.objects.filter(key=key).first()
    if seat is None or seat.pk not in law.seats:
        return None
    facts = law.seats[seat.pk]
    stays = [
        stay_of(t, law) for t in seat.tenures.select_related("member").order_by("starts", "pk")
    ]
    lent = seat.delegations.select_related("deputy", "given_by").filter(ends__gte=day)
    return SeatPage(
        row=seat_row(facts, law=law, day=day, letters=letters_by_seat(law)[seat.pk]),
        places=seat.places,
        closed_on=seat.closed_on,
        holding=tuple(stay for stay in stays if stay.covers(day)),
        coming=tuple(stay for stay in stays if stay.starts > day),
        former=tuple(
            sorted(
                (stay for stay in stays if stay.over(day)),
                key=lambda stay: stay.starts,
                reverse=True,
            )
        )[:HISTORY_SHOWN],
        deputies=tuple(lent_stay(each, law) for each in lent.order_by("starts", "pk")),
        above=tuple(_above(seat, law, day)),
        below=tuple(_below(seat, law, day)),
        letters=seat_letters(law, seat.pk),
        asked=tuple(_asked(seat)),
        waiting=seat.requests.filter(state=Decision.State.OPEN).count(),
    )


def seat_letters(law: Law, seat_id: int) -> tuple[SeatLetter, ...]:
    """The letters of a seat in the matrix in force, the heaviest first."""
    found = [
        SeatLetter(law.activities[activity], row[seat_id], scope)
        for (scope, activity), row in law.rows.items()
        if seat_id in row and activity in law.activities
    ]
    return tuple(
        sorted(found, key=lambda each: (_ORDER[each.letters], str(each.activity.name), each.scope))
    )


def _above(seat: Seat, law: Law, day: date) -> Iterable[Neighbour]:
    superior = superior_on(law, seat.pk, day)
    if superior is not None:
        yield _neighbour(superior, law, day, dotted=False)
    for line in seat.lines_up.filter(dotted=True, superior__closed_on__isnull=True):
        yield _neighbour(line.superior_id, law, day, dotted=True)


def _below(seat: Seat, law: Law, day: date) -> Iterable[Neighbour]:
    for other in law.seats.values():
        if is_open(other, day) and superior_on(law, other.id, day) == seat.pk:
            yield _neighbour(other.id, law, day, dotted=False)
    for line in seat.lines_down.filter(dotted=True, seat__closed_on__isnull=True):
        yield _neighbour(line.seat_id, law, day, dotted=True)


def _neighbour(seat_id: int, law: Law, day: date, *, dotted: bool) -> Neighbour:
    facts = law.seats[seat_id]
    names = tuple(law.members[member].name for member in law.holders(seat_id, day))
    return Neighbour(facts.key, facts.name, facts.kind, names, dotted)


def _asked(seat: Seat) -> Iterable[Asked]:
    found = Decision.objects.filter(subject=f"seat:{seat.key}", state=Decision.State.OPEN)
    for decision in found[:DECISIONS_SHOWN]:
        yield Asked(
            title=decision.title,
            url=decision.page_url,
            differences=differences_of(_action(decision)),
        )


def _action(decision: Decision) -> Action | None:
    """What was asked; None where this version of Pupitre no longer has it."""
    try:
        return decode(decision.action, bytes(decision.payload))
    except (KeyError, ValueError, Invalid):
        return None
