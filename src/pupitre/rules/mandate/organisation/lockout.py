"""Nobody may saw off the branch that everybody sits on.

While the matrix can be amended, every other mistake can be repaired: a letter moves to another
seat, and that seat acts. So an act after which no amendment could be decided is refused; before
and after are laws in memory, and nothing is read or written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, combinations, islice
from types import MappingProxyType

from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import FunctionKind, Span
from pupitre.rules.mandate.law import Incumbency, Law, SeatFacts
from pupitre.rules.mandate.organisation.rules import ONE_DAY, SOON_DAYS
from pupitre.rules.mandate.ruling import Spoken, Standing, Yes

# Accountable, second person, marketing, IT: more voices than these never help.
VOICES_AT_MOST = 3  # besides the request
SETS_TRIED = 20_000


def keep_amendable(before: Law, after: Law, *, day: date) -> None:
    """Raise `Invalid` where this act would soon leave nobody able to decide an amendment.

    Soon is `SOON_DAYS`: a vacancy planned for later may be planned, and the organisation's page
    says so until it is filled.
    """
    if before.row(MATRIX_AMEND.key) is None:
        return  # no law yet, or one that nobody can amend anyway
    limit = day + timedelta(days=SOON_DAYS)
    for turn in _turning_days(after, day):
        if turn > limit:
            return
        if not can_be_amended(after, turn) and can_be_amended(before, turn):
            raise Invalid(_sentence(after, turn))


def first_locked_day(law: Law, *, day: date) -> date | None:
    """From when on nobody can amend the matrix, as things stand; None where somebody always can."""
    if law.row(MATRIX_AMEND.key) is None:
        return None
    return next((t for t in _turning_days(law, day) if not can_be_amended(law, t)), None)


def _sentence(law: Law, locked: date) -> str:
    accountable = [
        str(law.seats[seat].name)
        for seat, letters in (law.row(MATRIX_AMEND.key) or {}).items()
        if seat in law.seats and "A" in letters
    ]
    return _(
        "From %(day)s on nobody could amend the responsibility matrix any more: too few of the "
        "seats with a letter there would be occupied. First name a successor or a deputy, for "
        "“%(seat)s” among others, or give its letters to another seat."
    ) % {
        "day": day_short(locked),
        "seat": accountable[0] if accountable else "?",
    }


def can_be_amended(law: Law, day: date) -> bool:
    """Whether an amendment could get all the voices that it needs from those who sit that day."""
    row = law.row(MATRIX_AMEND.key)
    if row is None:
        return False
    voices = [
        (letters, Yes(member, seat))
        for seat, letters in row.items()
        for member in law.occupants(seat, day)
    ]
    agreeing = [yes for letters, yes in voices if letters in ("A", "R", "AR")]
    consulted = [yes for letters, yes in voices if letters == "C"]
    return any(
        _enough(law, day, requester, agreements, consulted)
        for requester in agreeing
        for agreements in _agreements(law, day, requester, agreeing, consulted)
    )


def _agreements(
    law: Law, day: date, requester: Yes, agreeing: Sequence[Yes], consulted: Sequence[Yes]
) -> Iterable[tuple[Yes, ...]]:
    """Sets of agreements worth trying: a person speaks once, and so does a seat."""
    others = [yes for yes in agreeing if yes.member_id != requester.member_id]
    if not _enough(law, day, requester, others, consulted):
        return  # not even with everybody speaking from everywhere
    sets = chain.from_iterable(combinations(others, size) for size in range(VOICES_AT_MOST + 1))
    for chosen in islice(sets, SETS_TRIED):
        people = {yes.member_id for yes in chosen}
        seats = {yes.seat_id for yes in chosen}
        if len(people) == len(seats) == len(chosen):
            yield chosen


def _enough(
    law: Law, day: date, requester: Yes, agreements: Iterable[Yes], consulted: Iterable[Yes]
) -> bool:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    standing = Standing(
        law=law,
        activity=law.activities[MATRIX_AMEND.key],
        scope="",
        spoken=Spoken(
            requester=requester,
            opinions_due=noon,  # opinions are no obstacle: their time ends
            agreements=tuple(agreements),
            favourable=tuple(yes for yes in consulted if yes.member_id != requester.member_id),
        ),
        at=noon,
        day=day,
    )
    return not standing.needs


def _turning_days(law: Law, day: date) -> tuple[date, ...]:
    """The days from this one on that begin or end something for the seats of the row."""
    days = {day}
    for seat_id in law.row(MATRIX_AMEND.key) or {}:
        seat = law.seats.get(seat_id)
        if seat is None:
            continue
        if seat.closed_on is not None:
            days.add(seat.closed_on)
        for chair in (*seat.holders, *seat.deputies):
            days.add(chair.span.starts)
            if chair.span.ends is not None and chair.span.ends < date.max:
                days.add(chair.span.ends + ONE_DAY)
    return tuple(sorted(turn for turn in days if turn >= day))


# The law as it would be


def with_seats(law: Law, seats: Mapping[int, SeatFacts]) -> Law:
    """The same law where some seats are otherwise."""
    return replace(law, seats=MappingProxyType({**law.seats, **seats}))


def with_holders(law: Law, seat_id: int, holders: Iterable[tuple[int, Span]]) -> Law:
    facts = law.seats[seat_id]
    chairs = tuple(Incumbency(member, span) for member, span in holders)
    return with_seats(law, {seat_id: replace(facts, holders=chairs)})


def with_deputies(law: Law, seat_id: int, deputies: Iterable[tuple[int, Span]]) -> Law:
    facts = law.seats[seat_id]
    chairs = tuple(Incumbency(member, span) for member, span in deputies)
    return with_seats(law, {seat_id: replace(facts, deputies=chairs)})


def with_closed_seat(law: Law, seat_id: int, closes: date) -> Law:
    return with_seats(law, {seat_id: replace(law.seats[seat_id], closed_on=closes)})


def with_seat_in(law: Law, seat_id: int, function_id: int, kind: FunctionKind) -> Law:
    facts = replace(law.seats[seat_id], function_id=function_id, kind=kind)
    return with_seats(law, {seat_id: facts})


def with_function_kind(law: Law, function_id: int, kind: FunctionKind) -> Law:
    changed = {
        seat.id: replace(seat, kind=kind)
        for seat in law.seats.values()
        if seat.function_id == function_id
    }
    return with_seats(law, changed)


def with_suspended(law: Law, member_id: int) -> Law:
    member = replace(law.members[member_id], suspended=True)
    return replace(law, members=MappingProxyType({**law.members, member_id: member}))
