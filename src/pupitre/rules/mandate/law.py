"""The law as it stands: organisation and matrix, frozen in memory, asked millions of times.

Nothing here touches the database. ``standing.py`` reads it and keeps it while its epoch lasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import (
    Activity,
    FunctionKind,
    RowView,
    SeatView,
    Span,
)

NO_LETTERS: Mapping[int, str] = MappingProxyType({})
_ORDER = {"A": 0, "AR": 1, "R": 2, "C": 3, "I": 4}


@dataclass(frozen=True, slots=True)
class Incumbency:
    """A member in a seat, as holder or as deputy, for a time."""

    member_id: int
    span: Span


@dataclass(frozen=True, slots=True)
class SeatFacts:
    id: int
    key: str
    name: Bilingual
    function_id: int
    function: Bilingual
    kind: FunctionKind
    heads: bool = False
    superior_id: int | None = None  # solid line
    closed_on: date | None = None
    holders: tuple[Incumbency, ...] = ()
    deputies: tuple[Incumbency, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberFacts:
    id: int
    name: str
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Law:
    """Who sits where, and which letters rule. ``rows``: (scope, activity) → seat → letters."""

    epoch: int
    matrix_id: int | None
    matrix_number: int | None
    seats: Mapping[int, SeatFacts]
    members: Mapping[int, MemberFacts]
    activities: Mapping[str, Activity]
    rows: Mapping[tuple[str, str], Mapping[int, str]]

    def with_rows(
        self, rows: Mapping[tuple[str, str], Mapping[int, str]], *, number: int | None
    ) -> Law:
        """The same company under another matrix: what a draft would be."""
        return replace(self, rows=rows, matrix_id=None, matrix_number=number)

    def row(self, activity: str, scope: str = "") -> Mapping[int, str] | None:
        """Letters by seat: the initiative's own row where it has one, else the company's."""
        own = self.rows.get((scope, activity)) if scope else None
        return own if own is not None else self.rows.get(("", activity))

    def holders(self, seat_id: int, day: date) -> tuple[int, ...]:
        return self._sitting(seat_id, day, deputies=False)

    def deputies(self, seat_id: int, day: date) -> tuple[int, ...]:
        return self._sitting(seat_id, day, deputies=True)

    def occupants(self, seat_id: int, day: date) -> tuple[int, ...]:
        """Everybody who may speak from the seat that day, holders first."""
        return self.holders(seat_id, day) + self.deputies(seat_id, day)

    def occupied(self, seat_id: int, day: date) -> bool:
        """A vacant seat with a deputy is occupied; a letter on it is heard."""
        return bool(self.occupants(seat_id, day))

    def seats_of(self, member_id: int, day: date) -> tuple[int, ...]:
        """Seats that the member may speak from that day: their own first, then as deputy."""
        own = [s for s in self.seats if member_id in self.holders(s, day)]
        lent = [s for s in self.seats if s not in own and member_id in self.deputies(s, day)]
        return (*own, *lent)

    def home_kinds(self, member_id: int, day: date) -> frozenset[FunctionKind]:
        """Functions in which the member holds a seat of their own (not as a deputy)."""
        return frozenset(
            seat.kind for seat in self.seats.values() if member_id in self.holders(seat.id, day)
        )

    def seat_view(self, seat_id: int, day: date) -> SeatView:
        seat = self.seats[seat_id]
        return SeatView(
            id=seat.id,
            name=seat.name,
            kind=seat.kind,
            function=seat.function,
            holders=tuple(self.members[m].name for m in self.holders(seat_id, day)),
            deputies=tuple(self.members[m].name for m in self.deputies(seat_id, day)),
        )

    def row_view(self, activity: str, scope: str, day: date) -> RowView | None:
        """The row as people read it, or None where the matrix has none."""
        row = self.row(activity, scope)
        if row is None or self.matrix_number is None:
            return None
        own = bool(scope) and (scope, activity) in self.rows
        ordered = sorted(row.items(), key=lambda cell: (_ORDER[cell[1]], cell[0]))
        return RowView(
            activity=self.activities[activity],
            scope=scope if own else "",
            matrix_number=self.matrix_number,
            letters=tuple((self.seat_view(s, day), letters) for s, letters in ordered),
        )

    def _sitting(self, seat_id: int, day: date, *, deputies: bool) -> tuple[int, ...]:
        seat = self.seats.get(seat_id)
        if seat is None or (seat.closed_on is not None and seat.closed_on <= day):
            return ()
        chairs = seat.deputies if deputies else seat.holders
        return tuple(
            chair.member_id
            for chair in chairs
            if chair.span.covers(day) and not self.members[chair.member_id].suspended
        )


def freeze_rows(
    cells: Iterable[tuple[str, str, int, str]],
) -> Mapping[tuple[str, str], Mapping[int, str]]:
    """Rows from (scope, activity, seat id, letters)."""
    rows: dict[tuple[str, str], dict[int, str]] = {}
    for scope, activity, seat_id, letters in cells:
        rows.setdefault((scope, activity), {})[seat_id] = letters
    return MappingProxyType({key: MappingProxyType(row) for key, row in rows.items()})
