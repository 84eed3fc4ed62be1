"""What the forms let one choose from: functions, seats, members, in the order people expect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Delegation, Function, Member, Seat
from pupitre.rules.mandate.organisation.columns import plain
from pupitre.rules.mandate.organisation.queries import is_open, superior_on

Choice = tuple[int | str, str]
Grouped = tuple[str, list[Choice]]
SUGGESTED = 5


def functions(*, but: int | None = None) -> list[Choice]:
    return [(f.pk, str(f.name)) for f in Function.objects.all() if f.pk != but]


def seats(*, law: Law, day: date, but: int | None = None) -> list[Grouped]:
    """Open seats under the names of their functions."""
    groups: dict[str, list[Choice]] = {}
    for seat in Seat.objects.select_related("function"):
        facts = law.seats.get(seat.pk)
        if facts is None or seat.pk == but or not is_open(facts, day):
            continue
        groups.setdefault(str(seat.function.name), []).append((seat.pk, str(seat.name)))
    return list(groups.items())


def members(*, law: Law, day: date, but: Iterable[int] = ()) -> list[Choice]:
    """Members who are not suspended, each with the first seat that tells them apart."""
    left_out = set(but)
    titles: dict[int, str] = {}
    for facts in law.seats.values():
        for member in law.holders(facts.id, day):
            titles.setdefault(member, str(facts.name))
    found = sorted(
        Member.objects.filter(suspended=False).exclude(pk__in=left_out),
        key=lambda member: plain(member.name),
    )
    return [(member.pk, named(member.name, titles.get(member.pk, ""))) for member in found]


def likely_deputies(*, seat_id: int, law: Law, day: date) -> list[Choice]:
    """Who usually speaks for a seat: former deputies, then those below it, then beside it."""
    former = Delegation.objects.filter(seat_id=seat_id).order_by("-starts")
    candidates = list(former.values_list("deputy_id", flat=True)[:20])
    above = {seat: superior_on(law, seat, day) for seat in law.seats}
    for superior in (seat_id, above[seat_id]):
        for seat in law.seats if superior is not None else ():
            if above[seat] == superior:
                candidates.extend(law.holders(seat, day))
    holders = set(law.holders(seat_id, day))
    usable = [
        m
        for m in dict.fromkeys(candidates)
        if m not in holders and m in law.members and not law.members[m].suspended
    ]
    titles = {m: law.seats_of(m, day) for m in usable[:SUGGESTED]}
    return [
        (m, named(law.members[m].name, str(law.seats[held[0]].name) if held else ""))
        for m, held in titles.items()
    ]


def named(name: str, seat: str) -> str:
    return _("%(name)s, %(seat)s") % {"name": name, "seat": seat} if seat else name
