"""Members: the list of them, and one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from pupitre.core.accounts.queries import is_waiting
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.organisation.columns import plain
from pupitre.rules.mandate.organisation.stays import (
    SeatName,
    Stay,
    lent_stay,
    seat_name,
    stay_of,
)

ACTIVE, INVITED, SUSPENDED = "active", "invited", "suspended"
STATES: dict[str, str | Promise] = {
    ACTIVE: pgettext_lazy("member", "active"),
    INVITED: pgettext_lazy("member", "invited"),
    SUSPENDED: pgettext_lazy("member", "suspended"),
}
HISTORY_SHOWN = 40


@dataclass(frozen=True, slots=True)
class MemberRow:
    id: int
    name: str
    email: str
    state: str
    seats: tuple[SeatName, ...]  # on the day asked for, their own first

    @property
    def alphabetical(self) -> str:
        """Where accents and capitals do not send anybody to the end."""
        return plain(self.name)


@dataclass(frozen=True, slots=True)
class MemberPage:
    row: MemberRow
    language: str
    last_seen: datetime | None
    holding: tuple[Stay, ...]
    coming: tuple[Stay, ...]
    former: tuple[Stay, ...]
    deputising: tuple[Stay, ...]  # speaks for, now or later
    lent: tuple[Stay, ...]  # whom they named to speak for a seat


def member_rows(*, law: Law, day: date) -> tuple[MemberRow, ...]:
    """Everybody, in the order of names."""
    seats: dict[int, list[SeatName]] = {}
    for facts in law.seats.values():
        for member in law.holders(facts.id, day):
            seats.setdefault(member, []).insert(0, seat_name(law, facts.id))
        for member in law.deputies(facts.id, day):
            seats.setdefault(member, []).append(seat_name(law, facts.id, as_deputy=True))
    return tuple(
        _row(member, tuple(seats.get(member.pk, ())))
        for member in Member.objects.select_related("user")
    )


def member_page(*, member_id: int, law: Law, day: date) -> MemberPage | None:
    """None where there is no such member."""
    member = Member.objects.select_related("user").filter(pk=member_id).first()
    if member is None:
        return None
    held = [stay_of(t, law) for t in member.tenures.select_related("member").order_by("-starts")]
    lent_to = member.delegations.select_related("deputy", "given_by").filter(ends__gte=day)
    lent_by = member.delegations_given.select_related("deputy", "given_by").filter(ends__gte=day)
    holding = tuple(stay for stay in held if stay.covers(day))
    return MemberPage(
        row=_row(member, tuple(stay.seat for stay in holding)),
        language=member.user.language,
        last_seen=member.user.last_login,
        holding=holding,
        coming=tuple(stay for stay in held if stay.starts > day),
        former=tuple(stay for stay in held if stay.over(day))[:HISTORY_SHOWN],
        deputising=tuple(lent_stay(each, law) for each in lent_to),
        lent=tuple(lent_stay(each, law) for each in lent_by),
    )


def _row(member: Member, seats: tuple[SeatName, ...]) -> MemberRow:
    state = ACTIVE
    if member.suspended:
        state = SUSPENDED
    elif is_waiting(member.user):
        state = INVITED
    return MemberRow(member.pk, member.name, member.user.email, state, seats)
