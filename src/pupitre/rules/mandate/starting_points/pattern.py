"""How a starting point is written down, and how it becomes the rows of one company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.contracts import Activity, Domain
from pupitre.rules.mandate.findings.fixes import merge
from pupitre.rules.mandate.law import freeze_rows
from pupitre.rules.mandate.starting_points.roles import REQUIRED_ROLES, Role, player

Rows = Mapping[tuple[str, str], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row, by role. A role may be both accountable and responsible."""

    accountable: Role
    responsible: tuple[Role, ...]
    consulted: tuple[Role, ...] = ()
    informed: tuple[Role, ...] = ()

    def letters(self) -> tuple[tuple[Role, str], ...]:
        return (
            (self.accountable, "A"),
            *((role, "R") for role in self.responsible),
            *((role, "C") for role in self.consulted),
            *((role, "I") for role in self.informed),
        )


def row(a: str, *, r: str, c: str = "", i: str = "") -> Pattern:
    """A row as one writes it: names of roles, separated by blanks."""

    def roles(text: str) -> tuple[Role, ...]:
        return tuple(Role(name) for name in text.split())

    return Pattern(Role(a), roles(r), roles(c), roles(i))


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """A way to share responsibilities that has proved itself, with when it suits and its risk.

    ``by_domain`` serves every activity that ``rows`` does not name: those that later versions
    of the software will enforce, and a company's own.
    """

    key: str
    name: Bilingual
    suits: Bilingual
    risk: Bilingual
    rows: Mapping[str, Pattern]
    by_domain: Mapping[Domain, Pattern]

    def pattern(self, activity: Activity) -> Pattern:
        return self.rows.get(activity.key) or self.by_domain[activity.domain]


def missing_roles(roles: Mapping[Role, int | None]) -> tuple[Role, ...]:
    """Parts that must be played and are not: a joint activity needs both."""
    return tuple(role for role in REQUIRED_ROLES if roles.get(role) is None)


def rows_for(
    point: StartingPoint, roles: Mapping[Role, int | None], activities: Iterable[Activity]
) -> Rows:
    """The company's rows, one for each activity: valid as they are where the seats are occupied.

    Raises ``Invalid`` where nobody plays the head of marketing or the head of IT.
    """
    if missing_roles(roles):
        raise Invalid(
            _("Say first which seat heads marketing and which heads IT: both must have a voice.")
        )
    return freeze_rows(
        ("", activity.key, seat, letters)
        for activity in activities
        for seat, letters in _cells(point.pattern(activity), roles, activity).items()
    )


def _cells(
    pattern: Pattern, roles: Mapping[Role, int | None], activity: Activity
) -> Mapping[int, str]:
    """Letters by seat. Where one seat plays several parts, the letters come together in it."""
    cells: dict[int, str] = {}
    for role, letter in pattern.letters():
        seat = player(role, roles)
        if seat is not None:
            cells[seat] = merge(cells.get(seat, ""), letter)
    heads = [seat for role in REQUIRED_ROLES if (seat := roles[role]) is not None]
    if activity.joint:
        for head in heads:
            if cells.get(head, "I") == "I":
                cells[head] = "R"
    if activity.four_eyes and sum(given in ("A", "R", "AR") for given in cells.values()) < 2:
        idle = [head for head in heads if cells.get(head, "") not in ("A", "R", "AR")]
        cells |= dict.fromkeys(idle[:1], "R")
    return MappingProxyType(cells)
