"""What an import would make of the organisation, and what is wrong with it. Pure.

``merge`` lays a file over the organisation as it stands; ``faults`` looks at the result;
``compare`` says what changed. Preview, check and perform all go through these three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from types import MappingProxyType

from django.utils.translation import gettext as _

from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.contracts import Span
from pupitre.rules.mandate.organisation.drafts import (
    FunctionDraft,
    HolderDraft,
    Problem,
    SeatDraft,
    Wanted,
)
from pupitre.rules.mandate.organisation.rules import circle, crowded_on, overlap
from pupitre.rules.mandate.organisation.state import (
    FunctionState,
    MemberState,
    OrganisationState,
    SeatState,
    TenureState,
)


@dataclass(frozen=True, slots=True)
class Merged:
    """The organisation as it would be; a file with problems still merges as far as it goes."""

    state: OrganisationState
    problems: tuple[Problem, ...]


def merge(state: OrganisationState, wanted: Wanted, *, close_missing: bool, day: date) -> Merged:
    """The organisation after the file. ``day`` is when arrivals without a date begin."""
    problems: list[Problem] = []
    functions = dict(state.functions)
    for function in wanted.functions:
        functions[function.key] = _function(functions.get(function.key), function, problems)
    seats = dict(state.seats)
    for seat in wanted.seats:
        seats[seat.key] = _seat(seats.get(seat.key), seat, problems)
    members = dict(state.members)
    tenures = {key: list(held) for key, held in state.tenures.items()}
    for holder in wanted.holders:
        members[holder.email] = _member(members.get(holder.email), holder, problems)
        _hold(tenures.setdefault(holder.seat, []), holder, day, problems)
    if close_missing:
        named = {seat.key for seat in wanted.seats}
        for key, seat_now in state.seats.items():
            if key not in named and (seat_now.closed_on is None or seat_now.closed_on > day):
                seats[key] = replace(seat_now, closed_on=day)
                tenures[key] = [_until(t, day) for t in tenures.get(key, []) if t.starts < day]
    merged = OrganisationState(
        functions=MappingProxyType(functions),
        seats=MappingProxyType(seats),
        members=MappingProxyType(members),
        tenures=MappingProxyType(
            {key: tuple(sorted(held, key=_by_start)) for key, held in tenures.items()}
        ),
    )
    problems.extend(_faults(merged, wanted))
    return Merged(merged, tuple(sorted(problems, key=lambda p: (p.line, p.column))))


def _function(
    now: FunctionState | None, draft: FunctionDraft, problems: list[Problem]
) -> FunctionState:
    names = _names(now, draft)
    if now is None:
        if not names[0]:
            problems.append(Problem(draft.line, "function_fr", _("A new function needs a name.")))
        if draft.kind is None:
            problems.append(
                Problem(draft.line, "kind", _("A new function needs a kind: marketing, IT…"))
            )
        return FunctionState(
            key=draft.key,
            name_fr=names[0],
            name_en=names[1],
            kind=draft.kind or "other",
            parent=draft.parent or "",
        )
    return replace(
        now,
        name_fr=names[0],
        name_en=names[1],
        kind=draft.kind or now.kind,
        parent=now.parent if draft.parent is None else draft.parent,
    )


def _seat(now: SeatState | None, draft: SeatDraft, problems: list[Problem]) -> SeatState:
    names = _names(now, draft)
    if now is None:
        if not names[0]:
            problems.append(Problem(draft.line, "seat_fr", _("A new seat needs a name.")))
        now = SeatState(key=draft.key, function=draft.function, name_fr="", name_en="")
    return replace(
        now,
        function=draft.function,
        name_fr=names[0],
        name_en=names[1],
        heads=now.heads if draft.heads is None else draft.heads,
        places=now.places if draft.places is None else draft.places,
        superior=now.superior if draft.superior is None else draft.superior,
        dotted=now.dotted if draft.dotted is None else draft.dotted,
        closed_on=None,  # a closed seat that a file names is open again
    )


def _names(
    now: FunctionState | SeatState | None, draft: FunctionDraft | SeatDraft
) -> tuple[str, str]:
    """The names in French and English; one that is given alone serves for both."""
    french = draft.name_fr or (now.name_fr if now and draft.name_fr is None else "")
    english = draft.name_en or (now.name_en if now and draft.name_en is None else "")
    if not french and not english and now is not None:
        return now.name_fr, now.name_en
    return (french, english) if french else (english, "")


def _member(now: MemberState | None, holder: HolderDraft, problems: list[Problem]) -> MemberState:
    if now is None:
        if not holder.name:
            problems.append(
                Problem(
                    holder.line,
                    "name",
                    _("Pupitre does not know this person yet: give their name."),
                )
            )
        return MemberState(email=holder.email, name=holder.name)
    if now.suspended:
        problems.append(
            Problem(
                holder.line,
                "email",
                _("%(name)s is suspended: reinstate them first, or leave the seat empty.")
                % {"name": now.name},
            )
        )
    return replace(now, name=holder.name or now.name)


def _hold(
    tenures: list[TenureState], holder: HolderDraft, day: date, problems: list[Problem]
) -> None:
    """Recognise the tenure that a line speaks of, or add one."""
    mine = [tenure for tenure in tenures if tenure.email == holder.email]
    known = next((t for t in mine if t.starts == holder.starts), None)
    if known is None:
        span = Span(holder.starts or day, holder.ends)
        meeting = [t for t in mine if overlap(t.span, span)]
        known = meeting[0] if meeting else None
    if known is None:
        starts = holder.starts or day
        if holder.ends is not None and holder.ends < starts:
            problems.append(
                Problem(
                    holder.line,
                    "ends",
                    _("This day is over: give also the first day, or leave both empty."),
                )
            )
            return
        tenures.append(TenureState(holder.seat, holder.email, starts, holder.ends))
        return
    starts = holder.starts or known.starts
    ends = holder.ends if holder.states_end else known.ends
    if ends is not None and ends < starts:
        problems.append(Problem(holder.line, "ends", _("The last day comes before the first one.")))
        return
    tenures[tenures.index(known)] = replace(known, starts=starts, ends=ends)


def _until(tenure: TenureState, day: date) -> TenureState:
    """The same tenure, over before that day."""
    last = date.fromordinal(day.toordinal() - 1)
    return tenure if tenure.ends and tenure.ends < day else replace(tenure, ends=last)


def _by_start(tenure: TenureState) -> tuple[date, str]:
    return tenure.starts, tenure.email


# What cannot be


def _faults(state: OrganisationState, wanted: Wanted) -> list[Problem]:
    functions = {draft.key: draft.line for draft in wanted.functions}
    seats = {draft.key: draft.line for draft in wanted.seats}
    return [
        *_circles(
            {key: each.parent or None for key, each in state.functions.items()},
            functions,
            "parent",
        ),
        *_circles(
            {key: each.superior or None for key, each in state.seats.items()},
            seats,
            "superior",
        ),
        *_bad_lines(state, seats),
        *_two_heads(state, seats),
        *_crowds(state, wanted),
    ]


def _circles(
    superiors: Mapping[str, str | None], lines: Mapping[str, int], column: str
) -> list[Problem]:
    walked = circle(superiors)
    if not walked:
        return []
    named = [key for key in walked if key in lines]
    line = min((lines[key] for key in named), default=0)
    path = " → ".join((*walked, walked[0]))
    return [Problem(line, column, _("Goes round in a circle: %(path)s.") % {"path": path})]


def _bad_lines(state: OrganisationState, lines: Mapping[str, int]) -> list[Problem]:
    problems = []
    for key, line in lines.items():
        seat = state.seats[key]
        superior = state.seats.get(seat.superior)
        if seat.superior and superior is not None and superior.closed_on is not None:
            problems.append(
                Problem(
                    line,
                    "superior",
                    _("“%(name)s” is closed: name another seat.") % {"name": superior.name},
                )
            )
        if key in seat.dotted:
            problems.append(Problem(line, "dotted", _("A seat has no dotted line to itself.")))
        if seat.superior and seat.superior in seat.dotted:
            problems.append(
                Problem(line, "dotted", _("This seat is already the one above, by a solid line."))
            )
    return problems


def _two_heads(state: OrganisationState, lines: Mapping[str, int]) -> list[Problem]:
    heads: dict[str, str] = {}
    problems = []
    for key, seat in state.seats.items():
        if not seat.heads or seat.closed_on is not None:
            continue
        other = heads.setdefault(seat.function, key)
        if other == key or not {key, other} & lines.keys():
            continue
        late = max((key, other), key=lambda each: lines.get(each, 0))
        early = other if late == key else key
        problems.append(
            Problem(
                lines[late],
                "heads",
                _("“%(name)s” already heads this function.") % {"name": state.seats[early].name},
            )
        )
    return problems


def _crowds(state: OrganisationState, wanted: Wanted) -> list[Problem]:
    """Too many people at a time, or one person twice, on the seats that the file speaks of."""
    problems = []
    lines = {draft.key: draft.line for draft in wanted.seats}
    for holder in wanted.holders:
        lines[holder.seat] = holder.line  # the last line that adds somebody is the one to look at
    for key, line in lines.items():
        held = state.tenures_of(key)
        for one, next_one in pairwise(sorted(held, key=lambda t: (t.email, t.starts))):
            if one.email == next_one.email and overlap(one.span, next_one.span):
                problems.append(
                    Problem(
                        line,
                        "starts",
                        _("%(name)s would hold this seat twice at the same time.")
                        % {"name": state.members[one.email].name},
                    )
                )
        places = state.seats[key].places
        day = crowded_on([tenure.span for tenure in held], places)
        if day is not None:
            sitting = [state.members[t.email].name for t in held if t.span.covers(day)]
            problems.append(
                Problem(
                    line,
                    "starts",
                    _(
                        "More people than places on %(day)s: %(names)s. Give a last day to "
                        "whoever leaves, on a line of their own, or more places to the seat."
                    )
                    % {"day": day_short(day), "names": ", ".join(sitting)},
                )
            )
    return problems
