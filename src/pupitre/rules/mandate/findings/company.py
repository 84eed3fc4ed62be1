"""The company as the checks look at it: who is there, who is above whom, who could be asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import JOINT_KINDS, Activity, Domain, FunctionKind
from pupitre.rules.mandate.law import Law

Rows = Mapping[tuple[str, str], Mapping[int, str]]

# Which function's head is the natural owner of an activity, by domain: the first that is there.
OWNERS: dict[Domain, tuple[FunctionKind, ...]] = {
    Domain.PEOPLE: (FunctionKind.HR, FunctionKind.COMMITTEE),
    Domain.PROCESS: (FunctionKind.DIGITAL, FunctionKind.MARKETING),
    Domain.TECHNOLOGY: (FunctionKind.IT,),
    Domain.DATA: (FunctionKind.IT, FunctionKind.DATA),
    Domain.CUSTOMER: (FunctionKind.MARKETING,),
}
# Who lives with the outcome and is most often forgotten, by domain.
NEIGHBOURS: dict[Domain, tuple[FunctionKind, ...]] = {
    Domain.PEOPLE: (FunctionKind.HR, FunctionKind.COMMITTEE),
    Domain.PROCESS: (FunctionKind.COMMITTEE, FunctionKind.DIGITAL),
    Domain.TECHNOLOGY: (FunctionKind.MARKETING, FunctionKind.IT, FunctionKind.DIGITAL),
    Domain.DATA: (FunctionKind.RELATIONS, FunctionKind.DATA),
    Domain.CUSTOMER: (FunctionKind.RELATIONS, FunctionKind.COMMUNICATION),
}


@dataclass(frozen=True, slots=True)
class Company:
    """The law of one day. What is asked often is worked out once."""

    law: Law
    day: date
    rows: Rows
    enforced: frozenset[str]
    scopes: Mapping[str, Bilingual]
    occupied: frozenset[int]
    by_kind: Mapping[FunctionKind, tuple[int, ...]]  # occupied seats, heads first
    joint: Mapping[FunctionKind, frozenset[int]]  # all seats of the two that decide jointly
    _above: dict[int, tuple[int, ...]] = field(default_factory=dict)
    _voices: dict[int, tuple[tuple[int, bool], ...]] = field(default_factory=dict)

    def activity(self, key: str) -> Activity:
        """The activity; one that nobody knows is named by its key."""
        known = self.law.activities.get(key)
        return known or Activity(key, Bilingual(fr=key, en=key), Domain.PROCESS)

    def seat_name(self, seat_id: int) -> Bilingual:
        seat = self.law.seats.get(seat_id)
        return seat.name if seat else Bilingual(fr=f"n° {seat_id}", en=f"no. {seat_id}")

    def scope_name(self, scope: str) -> Bilingual | None:
        return self.scopes.get(scope, Bilingual(fr=scope, en=scope)) if scope else None

    def above(self, seat_id: int) -> tuple[int, ...]:
        """Superiors along the solid line, nearest first. A line that bites its tail ends there."""
        known = self._above.get(seat_id)
        if known is None:
            chain: list[int] = []
            seat = self.law.seats.get(seat_id)
            while seat is not None and seat.superior_id is not None:
                if seat.superior_id == seat_id or seat.superior_id in chain:
                    break
                chain.append(seat.superior_id)
                seat = self.law.seats.get(seat.superior_id)
            known = self._above[seat_id] = tuple(chain)
        return known

    def heads(self, kinds: tuple[FunctionKind, ...]) -> tuple[int, ...]:
        """One occupied seat for each of these functions that is there: its head, if occupied."""
        return tuple(self.by_kind[kind][0] for kind in kinds if self.by_kind.get(kind))

    def voices(self, seat_id: int) -> tuple[tuple[int, bool], ...]:
        """Who may speak from the seat: (member, whether the voice counts for its department).

        A deputy whose own seat is in the other department of a joint activity does not count.
        """
        known = self._voices.get(seat_id)
        if known is None:
            kind = self.law.seats[seat_id].kind
            others = frozenset(JOINT_KINDS) - {kind}
            holders = [(m, True) for m in self.law.holders(seat_id, self.day)]
            joint = kind in JOINT_KINDS
            deputies = [
                (m, joint and not others & self.law.home_kinds(m, self.day))
                for m in self.law.deputies(seat_id, self.day)
            ]
            known = self._voices[seat_id] = (*holders, *deputies)
        return known


def company_of(
    law: Law,
    *,
    day: date,
    rows: Rows,
    enforced: Collection[str],
    scopes: Mapping[str, Bilingual],
) -> Company:
    occupied = frozenset(seat for seat in law.seats if law.occupied(seat, day))
    by_kind: dict[FunctionKind, list[int]] = {}
    ranked = sorted(occupied, key=lambda seat: (not law.seats[seat].heads, seat))
    for seat in ranked:
        by_kind.setdefault(law.seats[seat].kind, []).append(seat)
    return Company(
        law=law,
        day=day,
        rows=rows,
        enforced=frozenset(enforced),
        scopes=scopes,
        occupied=occupied,
        by_kind={kind: tuple(seats) for kind, seats in by_kind.items()},
        joint={
            kind: frozenset(s.id for s in law.seats.values() if s.kind is kind)
            for kind in JOINT_KINDS
        },
    )
