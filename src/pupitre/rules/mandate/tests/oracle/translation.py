"""From the oracle's plain world to the product's own law, member by member and seat by seat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Actor, Domain, FunctionKind, Span
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts, SeatFacts
from pupitre.rules.mandate.ruling import Spoken, Standing, Yes
from pupitre.rules.mandate.tests.oracle.world import Case, Said, Stay, World

NOBODY = 9_999


@dataclass(frozen=True)
class Translation:
    law: Law
    seats: Mapping[str, int]
    members: Mapping[str, int]

    def actor(self, member: str, chair: str | None) -> Actor:
        return Actor(self.members.get(member, NOBODY), self.seats.get(chair or ""))

    def standing(self, world: World, case: Case) -> Standing:
        return Standing(
            law=self.law,
            activity=self.law.activities[case.activity],
            scope=case.scope,
            spoken=Spoken(
                requester=self._yes(Said(case.member, case.chair)),
                opinions_due=case.over_at(world.activities[case.activity]),
                asked=case.stands,
                agreements=tuple(self._yes(said) for said in case.agreements),
                opined=frozenset(self.seats[said.chair] for said in case.opinions),
                favourable=tuple(self._yes(s) for s in case.opinions if s.favourable),
            ),
            at=world.now,
            day=world.today,
        )

    def _yes(self, said: Said) -> Yes:
        return Yes(self.members[said.member], self.seats[said.chair])


def translate(world: World, members: tuple[str, ...]) -> Translation:
    seat_ids = {name: 100 + number for number, name in enumerate(world.chairs)}
    member_ids = {name: 1 + number for number, name in enumerate(members)}

    def sitting(stays: list[Stay]) -> tuple[Incumbency, ...]:
        return tuple(Incumbency(member_ids[s.member], Span(s.first, s.last)) for s in stays)

    seats = {
        seat_ids[name]: SeatFacts(
            id=seat_ids[name],
            key=name,
            name=Bilingual(name, name),
            function_id=1,
            function=Bilingual(chair.department, chair.department),
            kind=FunctionKind(chair.department),
            closed_on=chair.closed_on,
            holders=sitting(chair.holders),
            deputies=sitting(chair.deputies),
        )
        for name, chair in world.chairs.items()
    }
    activities = {
        key: Activity(
            key,
            Bilingual(key, key),
            Domain.PROCESS,
            joint=rules.joint,
            four_eyes=rules.four_eyes,
            opinion_days=rules.opinion_days,
            enforced=True,
        )
        for key, rules in world.activities.items()
    }
    rows = {
        (scope, activity): {seat_ids[chair]: letters for chair, letters in row.items()}
        for scope, level in (world.matrix or {}).items()
        for activity, row in level.items()
    }
    law = Law(
        epoch=1,
        matrix_id=None if world.matrix is None else 1,
        matrix_number=None if world.matrix is None else 7,
        seats=MappingProxyType(seats),
        members=MappingProxyType(
            {n: MemberFacts(n, name, name in world.suspended) for name, n in member_ids.items()}
        ),
        activities=MappingProxyType(activities),
        rows=MappingProxyType(rows),
    )
    return Translation(law, seat_ids, member_ids)
