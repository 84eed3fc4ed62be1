"""The organisation as plain values: what is exported, compared and imported.

Everything is named by its key or e-mail address, never by a number of the database, so that a
file made today still means the same tomorrow, and in another installation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.db.models import Q

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Span
from pupitre.rules.mandate.models import Function, Member, ReportingLine, Seat, Tenure


@dataclass(frozen=True, slots=True)
class FunctionState:
    key: str
    name_fr: str
    name_en: str
    kind: str
    parent: str = ""  # key

    @property
    def name(self) -> Bilingual:
        return Bilingual(fr=self.name_fr, en=self.name_en)


@dataclass(frozen=True, slots=True)
class SeatState:
    key: str
    function: str  # key
    name_fr: str
    name_en: str
    heads: bool = False
    places: int = 1
    superior: str = ""  # key
    dotted: tuple[str, ...] = ()  # keys, sorted
    closed_on: date | None = None

    @property
    def name(self) -> Bilingual:
        return Bilingual(fr=self.name_fr, en=self.name_en)


@dataclass(frozen=True, slots=True)
class TenureState:
    seat: str  # key
    email: str
    starts: date
    ends: date | None = None
    id: int | None = None  # none before it is written

    @property
    def span(self) -> Span:
        return Span(self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class MemberState:
    email: str
    name: str
    id: int | None = None
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class OrganisationState:
    """Functions, seats and members by key; the tenures that last or are to come, by seat."""

    functions: Mapping[str, FunctionState]
    seats: Mapping[str, SeatState]
    members: Mapping[str, MemberState]  # by e-mail address
    tenures: Mapping[str, tuple[TenureState, ...]]

    def tenures_of(self, seat: str) -> tuple[TenureState, ...]:
        return self.tenures.get(seat, ())

    def open_seats(self, day: date) -> tuple[SeatState, ...]:
        return tuple(
            seat for seat in self.seats.values() if seat.closed_on is None or seat.closed_on > day
        )


def read_organisation(*, day: date) -> OrganisationState:
    """What the database holds: everything, save the tenures that ended before ``day``."""
    return OrganisationState(
        functions=MappingProxyType(
            {
                function.key: FunctionState(
                    key=function.key,
                    name_fr=function.name_fr,
                    name_en=function.name_en,
                    kind=function.kind,
                    parent=function.parent.key if function.parent else "",
                )
                for function in Function.objects.select_related("parent")
            }
        ),
        seats=MappingProxyType(_seats()),
        members=MappingProxyType(
            {
                member.user.email: MemberState(
                    email=member.user.email,
                    name=member.name,
                    id=member.pk,
                    suspended=member.suspended,
                )
                for member in Member.objects.select_related("user")
            }
        ),
        tenures=MappingProxyType(_tenures(day)),
    )


def _seats() -> dict[str, SeatState]:
    solid: dict[int, str] = {}
    dotted: dict[int, list[str]] = defaultdict(list)
    for line in ReportingLine.objects.select_related("superior"):
        if line.dotted:
            dotted[line.seat_id].append(line.superior.key)
        else:
            solid[line.seat_id] = line.superior.key
    return {
        seat.key: SeatState(
            key=seat.key,
            function=seat.function.key,
            name_fr=seat.name_fr,
            name_en=seat.name_en,
            heads=seat.heads,
            places=seat.places,
            superior=solid.get(seat.pk, ""),
            dotted=tuple(sorted(dotted[seat.pk])),
            closed_on=seat.closed_on,
        )
        for seat in Seat.objects.select_related("function")
    }


def _tenures(day: date) -> dict[str, tuple[TenureState, ...]]:
    found: dict[str, list[TenureState]] = defaultdict(list)
    lasting = Tenure.objects.filter(Q(ends__isnull=True) | Q(ends__gte=day))
    for tenure in lasting.select_related("seat", "member__user").order_by("starts", "pk"):
        found[tenure.seat.key].append(
            TenureState(
                seat=tenure.seat.key,
                email=tenure.member.user.email,
                starts=tenure.starts,
                ends=tenure.ends,
                id=tenure.pk,
            )
        )
    return {seat: tuple(tenures) for seat, tenures in found.items()}
