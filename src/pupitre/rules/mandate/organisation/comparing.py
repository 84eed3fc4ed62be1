"""What differs between two organisations, in words for a preview and for the audit. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.organisation.state import (
    FunctionState,
    OrganisationState,
    SeatState,
    TenureState,
)


class What(enum.StrEnum):
    FUNCTION = "function"
    SEAT = "seat"
    HOLDER = "holder"
    MEMBER = "member"

    @property
    def label(self) -> str | Promise:
        return _WHAT[self]


class How(enum.StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    CLOSED = "closed"
    REOPENED = "reopened"

    @property
    def label(self) -> str | Promise:
        return _HOW[self]


_WHAT: dict[What, str | Promise] = {
    What.FUNCTION: gettext_lazy("Functions"),
    What.SEAT: gettext_lazy("Seats"),
    What.HOLDER: gettext_lazy("Who holds them"),
    What.MEMBER: gettext_lazy("Members"),
}
_HOW: dict[How, str | Promise] = {
    How.ADDED: pgettext_lazy("import", "Added"),
    How.CHANGED: pgettext_lazy("import", "Changed"),
    How.CLOSED: pgettext_lazy("import", "Closed"),
    How.REOPENED: pgettext_lazy("import", "Reopened"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One property, before and after, as people read it."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    what: What
    how: How
    key: str
    name: str
    differences: tuple[Difference, ...] = ()


def compare(before: OrganisationState, after: OrganisationState) -> tuple[Change, ...]:
    """Every difference, functions first, then seats, members, and who holds what."""
    return (
        *_functions(before, after),
        *_seats(before, after),
        *_members(before, after),
        *_tenures(before, after),
    )


def untouched(before: OrganisationState, changes: Iterable[Change], day: date) -> int:
    """How many open seats stay as they are, people included."""
    touched = {c.key.split("/")[0] for c in changes if c.what in (What.SEAT, What.HOLDER)}
    return sum(1 for seat in before.open_seats(day) if seat.key not in touched)


def _functions(before: OrganisationState, after: OrganisationState) -> Iterable[Change]:
    for key, new in after.functions.items():
        old = before.functions.get(key)
        if old is None:
            yield Change(What.FUNCTION, How.ADDED, key, str(new.name))
        elif differences := _function_differences(old, new, before, after):
            yield Change(What.FUNCTION, How.CHANGED, key, str(new.name), differences)


def _function_differences(
    old: FunctionState, new: FunctionState, before: OrganisationState, after: OrganisationState
) -> tuple[Difference, ...]:
    def parent(state: OrganisationState, key: str) -> str:
        return str(state.functions[key].name) if key in state.functions else ""

    return _changed(
        (_("Name in French"), old.name_fr, new.name_fr),
        (_("Name in English"), old.name_en, new.name_en),
        (_("Kind"), str(FunctionKind(old.kind).label), str(FunctionKind(new.kind).label)),
        (_("Part of"), parent(before, old.parent), parent(after, new.parent)),
    )


def _seats(before: OrganisationState, after: OrganisationState) -> Iterable[Change]:
    for key, new in after.seats.items():
        old = before.seats.get(key)
        if old is None:
            yield Change(
                What.SEAT,
                How.ADDED,
                key,
                str(new.name),
                (Difference(_("Function"), "", str(after.functions[new.function].name)),),
            )
            continue
        differences = _seat_differences(old, new, before, after)
        if old.closed_on != new.closed_on:
            if new.closed_on is None:
                yield Change(What.SEAT, How.REOPENED, key, str(new.name), differences)
            else:
                yield Change(What.SEAT, How.CLOSED, key, str(new.name), differences)
        elif differences:
            yield Change(What.SEAT, How.CHANGED, key, str(new.name), differences)


def _seat_differences(
    old: SeatState, new: SeatState, before: OrganisationState, after: OrganisationState
) -> tuple[Difference, ...]:
    def seats(state: OrganisationState, keys: Iterable[str]) -> str:
        return ", ".join(str(state.seats[key].name) for key in keys if key in state.seats)

    def function(state: OrganisationState, key: str) -> str:
        return str(state.functions[key].name)

    return _changed(
        (_("Name in French"), old.name_fr, new.name_fr),
        (_("Name in English"), old.name_en, new.name_en),
        (_("Function"), function(before, old.function), function(after, new.function)),
        (_("Heads the function"), _yes(old.heads), _yes(new.heads)),
        (_("Places"), str(old.places), str(new.places)),
        (_("Reports to"), seats(before, [old.superior]), seats(after, [new.superior])),
        (_("Dotted line to"), seats(before, old.dotted), seats(after, new.dotted)),
    )


def _members(before: OrganisationState, after: OrganisationState) -> Iterable[Change]:
    for email, new in after.members.items():
        old = before.members.get(email)
        if old is None:
            yield Change(What.MEMBER, How.ADDED, email, new.name)
        elif differences := _changed((_("Name"), old.name, new.name)):
            yield Change(What.MEMBER, How.CHANGED, email, new.name, differences)


def _tenures(before: OrganisationState, after: OrganisationState) -> Iterable[Change]:
    for key in after.seats:
        old = {t.id: t for t in before.tenures_of(key)}
        kept = set()
        for new in after.tenures_of(key):
            was = old.get(new.id) if new.id is not None else None
            if was is None:
                yield _tenure_change(How.ADDED, new, after, (_("Days"), "", _days(new)))
                continue
            kept.add(new.id)
            if _days(was) != _days(new):
                days = (_("Days"), _days(was), _days(new))
                yield _tenure_change(How.CHANGED, new, after, days)
        for gone in (tenure for number, tenure in old.items() if number not in kept):
            yield _tenure_change(How.CLOSED, gone, before, (_("Days"), _days(gone), ""))


def _tenure_change(
    how: How, tenure: TenureState, state: OrganisationState, days: tuple[str, str, str]
) -> Change:
    name = _("%(member)s, %(seat)s") % {
        "member": state.members[tenure.email].name,
        "seat": state.seats[tenure.seat].name,
    }
    key = f"{tenure.seat}/{tenure.email}/{tenure.starts.isoformat()}"
    return Change(What.HOLDER, how, key, name, (Difference(*days),))


def _days(tenure: TenureState) -> str:
    starts = day_short(tenure.starts)
    if tenure.ends is None:
        return _("from %(start)s") % {"start": starts}
    ends = day_short(tenure.ends)
    return _("from %(start)s to %(end)s") % {"start": starts, "end": ends}


def _changed(*properties: tuple[str, str, str]) -> tuple[Difference, ...]:
    return tuple(Difference(label, old, new) for label, old, new in properties if old != new)


def _yes(value: bool) -> str:
    return pgettext("property", "yes") if value else pgettext("property", "no")
