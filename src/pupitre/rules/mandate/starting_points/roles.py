"""The parts that a starting point gives letters to, and which seat of a company plays each."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.law import Law, SeatFacts


class Role(enum.StrEnum):
    """A part, as most companies know it. A company's own seats play them."""

    MARKETING = "marketing"
    IT = "it"
    COMMITTEE = "committee"
    DIGITAL = "digital"
    COMMUNICATION = "communication"
    RELATIONS = "relations"
    COMMERCE = "commerce"
    DPO = "dpo"
    LEGAL = "legal"
    HR = "hr"
    FINANCE = "finance"
    STEWARD = "steward"
    CAMPAIGNS = "campaigns"
    OPERATIONS = "operations"

    @property
    def label(self) -> str | Promise:
        return _LABELS[self]


_LABELS: dict[Role, str | Promise] = {
    Role.MARKETING: pgettext_lazy("role", "Head of marketing"),
    Role.IT: pgettext_lazy("role", "Head of IT"),
    Role.COMMITTEE: pgettext_lazy("role", "Executive committee"),
    Role.DIGITAL: pgettext_lazy("role", "Digital officer"),
    Role.COMMUNICATION: pgettext_lazy("role", "Head of communication"),
    Role.RELATIONS: pgettext_lazy("role", "Head of customer relations"),
    Role.COMMERCE: pgettext_lazy("role", "Head of e-commerce"),
    Role.DPO: pgettext_lazy("role", "Data protection officer"),
    Role.LEGAL: pgettext_lazy("role", "Head of legal"),
    Role.HR: pgettext_lazy("role", "Head of human resources"),
    Role.FINANCE: pgettext_lazy("role", "Head of finance"),
    Role.STEWARD: pgettext_lazy("role", "Data steward"),
    Role.CAMPAIGNS: pgettext_lazy("role", "Campaign manager"),
    Role.OPERATIONS: pgettext_lazy("role", "IT operations"),
}

REQUIRED_ROLES = (Role.MARKETING, Role.IT)

# Who plays a part that a company has not: the first of these that it has. Every chain ends in
# one of the two required roles, so that no letter is lost.
STAND_INS: Mapping[Role, tuple[Role, ...]] = MappingProxyType(
    {
        Role.MARKETING: (),
        Role.IT: (),
        Role.COMMITTEE: (Role.MARKETING,),
        Role.DIGITAL: (Role.MARKETING,),
        Role.COMMUNICATION: (Role.MARKETING,),
        Role.RELATIONS: (Role.MARKETING,),
        Role.COMMERCE: (Role.DIGITAL, Role.MARKETING),
        Role.DPO: (Role.LEGAL, Role.COMMITTEE, Role.IT),
        Role.LEGAL: (Role.DPO, Role.COMMITTEE, Role.MARKETING),
        Role.HR: (Role.COMMITTEE, Role.MARKETING),
        Role.FINANCE: (Role.COMMITTEE, Role.IT),
        Role.STEWARD: (Role.IT,),
        Role.CAMPAIGNS: (Role.MARKETING,),
        Role.OPERATIONS: (Role.IT,),
    }
)

_HEADS: Mapping[Role, FunctionKind] = MappingProxyType(
    {
        Role.MARKETING: FunctionKind.MARKETING,
        Role.IT: FunctionKind.IT,
        Role.COMMITTEE: FunctionKind.COMMITTEE,
        Role.DIGITAL: FunctionKind.DIGITAL,
        Role.COMMUNICATION: FunctionKind.COMMUNICATION,
        Role.RELATIONS: FunctionKind.RELATIONS,
        Role.COMMERCE: FunctionKind.COMMERCE,
        Role.DPO: FunctionKind.DATA,
        Role.LEGAL: FunctionKind.LEGAL,
        Role.HR: FunctionKind.HR,
        Role.FINANCE: FunctionKind.FINANCE,
    }
)


@dataclass(frozen=True, slots=True)
class _Specialist:
    """A part below the heads: found by its name where it has one, else in its home function."""

    home: FunctionKind
    stems: tuple[str, ...]  # beginnings of words, in either language, that give the seat away


_SPECIALISTS: Mapping[Role, _Specialist] = MappingProxyType(
    {
        Role.STEWARD: _Specialist(FunctionKind.DATA, ("steward", "data qual", "qualité des donn")),
        Role.CAMPAIGNS: _Specialist(FunctionKind.MARKETING, ("campai", "campagn")),
        Role.OPERATIONS: _Specialist(FunctionKind.IT, ("operat", "exploit", "produ", "infra")),
    }
)


def map_roles(law: Law, day: date) -> Mapping[Role, int | None]:
    """A proposal: which occupied seat plays which part; None where the company has none.

    Heads of functions first, the highest in the line where a function has several; where the
    head's chair is empty, somebody of that function who is there.
    """
    there = [seat for seat in law.seats.values() if law.occupied(seat.id, day)]
    there.sort(key=lambda seat: (not seat.heads, _depth(law, seat), seat.id))
    called = {
        seat.id: role
        for role, sought in _SPECIALISTS.items()
        for seat in there
        if not seat.heads and _is_called(seat, sought.stems)
    }
    played: dict[Role, int | None] = dict.fromkeys(Role)
    for role, kind in _HEADS.items():
        of_kind = [seat.id for seat in there if seat.kind is kind]
        # Somebody known as a specialist stands in for a head only where there must be one.
        others = [number for number in of_kind if number not in called]
        found = others or (of_kind if role in REQUIRED_ROLES else [])
        played[role] = found[0] if found else None
    for role, sought in _SPECIALISTS.items():
        free = [seat for seat in there if not seat.heads and seat.id not in played.values()]
        named = [seat for seat in free if called.get(seat.id) is role]
        at_home = [seat for seat in free if seat.kind is sought.home and seat.id not in called]
        named.sort(key=lambda seat: seat.kind is not sought.home)  # at home first, else anywhere
        played[role] = next((seat.id for seat in (*named, *at_home)), None)
    return MappingProxyType(played)


def player(role: Role, roles: Mapping[Role, int | None]) -> int | None:
    """The seat that plays a part, or its stand-in's. None only where a required role is empty."""
    for candidate in (role, *STAND_INS[role]):
        seat = roles.get(candidate)
        if seat is not None:
            return seat
    return None


def _depth(law: Law, seat: SeatFacts) -> int:
    """How many superiors stand above a seat. A line that bites its tail ends."""
    above: set[int] = set()
    superior = seat.superior_id
    while superior is not None and superior not in above:
        above.add(superior)
        found = law.seats.get(superior)
        superior = found.superior_id if found else None
    return len(above)


def _is_called(seat: SeatFacts, stems: tuple[str, ...]) -> bool:
    words = f" {seat.key} {seat.name.fr} {seat.name.en}".casefold().replace("-", " ")
    return any(f" {stem}" in words for stem in stems)
