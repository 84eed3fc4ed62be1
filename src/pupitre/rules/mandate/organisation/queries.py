"""What the organisation's pages show: who sits where, what is vacant, what ends soon."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.models import Function, Seat
from pupitre.rules.mandate.organisation.columns import plain
from pupitre.rules.mandate.organisation.lockout import first_locked_day
from pupitre.rules.mandate.organisation.rules import ONE_DAY, SOON_DAYS
from pupitre.rules.mandate.organisation.stays import Person


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat in a list: who sits there on the day asked for, and how heavy it is."""

    id: int
    key: str
    name: Bilingual
    kind: FunctionKind
    function: Bilingual
    heads: bool
    holders: tuple[Person, ...]
    deputies: tuple[Person, ...]
    letters: int  # rows of the matrix in force in which it has a letter
    vacant_from: date | None  # within the next days; none where it is vacant already, or stays held
    closes: date | None
    coming: str = ""  # who takes a vacant seat next
    coming_on: date | None = None

    @property
    def vacant(self) -> bool:
        return not self.holders

    @property
    def holder_names(self) -> str:
        return ", ".join(person.name for person in self.holders)

    @property
    def deputy_names(self) -> str:
        return ", ".join(person.name for person in self.deputies)

    @property
    def unheard(self) -> bool:
        """Nobody speaks from it: neither holder nor deputy."""
        return not self.holders and not self.deputies


@dataclass(frozen=True, slots=True)
class FunctionGroup:
    id: int
    key: str
    name: Bilingual
    kind: FunctionKind
    parent: Bilingual | None
    seats: tuple[SeatRow, ...]
    removable: bool

    @property
    def vacant(self) -> int:
        return sum(row.vacant for row in self.seats)


@dataclass(frozen=True, slots=True)
class Overview:
    """The organisation on one day. ``groups`` answer the search; the figures are of everything."""

    day: date
    seats: int
    vacant: int
    deputised: int  # seats for which somebody deputises today
    ending: tuple[SeatRow, ...]  # held, and vacant soon
    unheard: tuple[SeatRow, ...]  # carry letters, and nobody speaks from them
    locked_from: date | None  # from when on nobody could amend the matrix
    groups: tuple[FunctionGroup, ...]
    found: int


@dataclass(frozen=True, slots=True)
class Search:
    """What a reader looks for. Empty parts match everything."""

    text: str = ""
    function: int = 0
    state: str = ""  # "vacant", "deputised", "ending"

    @property
    def empty(self) -> bool:
        return not (self.text or self.function or self.state)


def overview(*, law: Law, day: date, search: Search) -> Overview:
    functions = list(Function.objects.select_related("parent"))
    rows = seat_rows(law=law, day=day)
    kept = [row for row in rows if _matches(row, search, law)]
    by_function: dict[int, list[SeatRow]] = defaultdict(list)
    for row in kept:
        by_function[law.seats[row.id].function_id].append(row)
    peopled = set(Seat.objects.values_list("function_id", flat=True))
    parents = {function.parent_id for function in functions}
    groups = tuple(
        FunctionGroup(
            id=function.pk,
            key=function.key,
            name=function.name,
            kind=FunctionKind(function.kind),
            parent=function.parent.name if function.parent else None,
            seats=tuple(by_function[function.pk]),
            removable=function.pk not in peopled and function.pk not in parents,
        )
        for function in functions
        if search.empty or by_function[function.pk]
    )
    heavy_first = sorted(rows, key=lambda row: -row.letters)
    return Overview(
        day=day,
        seats=len(rows),
        vacant=sum(row.vacant for row in rows),
        deputised=sum(bool(row.deputies) for row in rows),
        ending=tuple(
            sorted((row for row in rows if row.vacant_from), key=lambda row: row.vacant_from or day)
        ),
        unheard=tuple(row for row in heavy_first if row.unheard and row.letters),
        locked_from=first_locked_day(law, day=day),
        groups=groups,
        found=len(kept),
    )


def seat_rows(*, law: Law, day: date) -> tuple[SeatRow, ...]:
    """Every open seat, functions in their order, heads first."""
    letters = letters_by_seat(law)
    order = Seat.objects.values_list("pk", flat=True)
    return tuple(
        seat_row(law.seats[seat], law=law, day=day, letters=letters[seat])
        for seat in order
        if seat in law.seats and is_open(law.seats[seat], day)
    )


def seat_row(seat: SeatFacts, *, law: Law, day: date, letters: int) -> SeatRow:
    holders = law.holders(seat.id, day)
    coming = None
    if not holders:
        later = (chair for chair in seat.holders if chair.span.starts > day)
        coming = min(later, key=lambda chair: chair.span.starts, default=None)
    return SeatRow(
        id=seat.id,
        key=seat.key,
        name=seat.name,
        kind=seat.kind,
        function=seat.function,
        heads=seat.heads,
        holders=_people(law, holders),
        deputies=_people(law, law.deputies(seat.id, day)),
        letters=letters,
        vacant_from=vacant_from(seat, law, day),
        closes=seat.closed_on,
        coming=law.members[coming.member_id].name if coming else "",
        coming_on=coming.span.starts if coming else None,
    )


def letters_by_seat(law: Law) -> Counter[int]:
    """In how many rows of the matrix in force each seat has a letter."""
    return Counter(seat for row in law.rows.values() for seat in row)


def is_open(seat: SeatFacts, day: date) -> bool:
    return seat.closed_on is None or seat.closed_on > day


def superior_on(law: Law, seat_id: int, day: date) -> int | None:
    """Whom a seat reports to that day: where the one above is closed, the one above that."""
    seen = {seat_id}
    above = law.seats[seat_id].superior_id
    while above is not None and above in law.seats and above not in seen:
        if is_open(law.seats[above], day):
            return above
        seen.add(above)
        above = law.seats[above].superior_id
    return None


def vacant_from(seat: SeatFacts, law: Law, day: date) -> date | None:
    """The first day of the next weeks on which nobody holds a seat that is held today."""
    if not law.holders(seat.id, day):
        return None
    ends = {chair.span.ends + ONE_DAY for chair in seat.holders if chair.span.ends}
    limit = day + timedelta(days=SOON_DAYS)
    turns = sorted(turn for turn in ends if day < turn <= limit)
    still = (turn for turn in turns if is_open(seat, turn))
    return next((turn for turn in still if not law.holders(seat.id, turn)), None)


def _people(law: Law, members: Iterable[int]) -> tuple[Person, ...]:
    return tuple(Person(member, law.members[member].name) for member in members)


_STATES: Mapping[str, Callable[[SeatRow], bool]] = {
    "vacant": lambda row: row.vacant,
    "deputised": lambda row: bool(row.deputies),
    "ending": lambda row: row.vacant_from is not None,
}


def _matches(row: SeatRow, search: Search, law: Law) -> bool:
    state = _STATES.get(search.state)
    if state is not None and not state(row):
        return False
    if search.function and search.function != law.seats[row.id].function_id:
        return False
    words = plain(search.text).split()
    if not words:
        return True
    text = plain(
        " ".join(
            [
                row.key,
                row.name.fr,
                row.name.en,
                row.function.fr,
                row.function.en,
                *(person.name for person in (*row.holders, *row.deputies)),
            ]
        )
    )
    return all(word in text for word in words)
