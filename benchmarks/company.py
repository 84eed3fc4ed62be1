"""A large company under a full matrix, made up from a seed: no database, the same every time."""

from __future__ import annotations

import random
from datetime import date
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, FunctionKind, Span
from pupitre.rules.mandate.law import Incumbency, Law, MemberFacts, SeatFacts

SEED = 20_261_120
SEATS = 500
ACTIVITIES = 300
DAY = date(2026, 11, 20)
_STARTED = date(2026, 1, 1)
_REPORTS = 6  # seats that report to one other, so that the line is four deep


def a_large_company(
    *, seats: int = SEATS, activities: int = ACTIVITIES, flaws: bool = False, seed: int = SEED
) -> Law:
    """Every cell of the matrix holds a letter: one A and some R a row, then C and I at random.

    With ``flaws`` every third row has two A, every fifth seat nobody sits in, and every joint
    row lacks one of its departments: the findings then have much to say.
    """
    chance = random.Random(seed)
    kinds = list(FunctionKind)
    functions = {
        number: (kinds[number % len(kinds)], Bilingual(f"Fonction {number}", f"Function {number}"))
        for number in range(2 * len(kinds))
    }
    all_seats = {
        number: _seat(number, functions, vacant=flaws and number % 5 == 0, chance=chance)
        for number in range(1, seats + 1)
    }
    listed = {f"activity-{n}": _activity(n, chance) for n in range(activities)}
    rows = {
        ("", key): MappingProxyType(_row(activity, position, all_seats, chance, flaws=flaws))
        for position, (key, activity) in enumerate(listed.items())
    }
    return Law(
        epoch=1,
        matrix_id=1,
        matrix_number=1,
        seats=MappingProxyType(all_seats),
        members=MappingProxyType({n: MemberFacts(n, f"Member {n}") for n in range(1, seats + 1)}),
        activities=MappingProxyType(listed),
        rows=MappingProxyType(rows),
    )


def _seat(
    number: int,
    functions: dict[int, tuple[FunctionKind, Bilingual]],
    *,
    vacant: bool,
    chance: random.Random,
) -> SeatFacts:
    function_id = number % len(functions)
    kind, name = functions[function_id]
    sits = (Incumbency(number, Span(_STARTED)),)
    deputy = (Incumbency(1 + number // 2, Span(_STARTED, date(2026, 12, 31))),)
    return SeatFacts(
        id=number,
        key=f"seat-{number}",
        name=Bilingual(f"Siège {number}", f"Seat {number}"),
        function_id=function_id,
        function=name,
        kind=kind,
        heads=number <= len(functions),
        superior_id=number // _REPORTS or None if number > 1 else None,
        holders=() if vacant else sits,
        deputies=deputy if not vacant and chance.random() < 0.1 else (),
    )


def _activity(number: int, chance: random.Random) -> Activity:
    return Activity(
        key=f"activity-{number}",
        name=Bilingual(f"Activité {number}", f"Activity {number}"),
        domain=chance.choice(list(Domain)),
        joint=number % 4 == 0,
        four_eyes=number % 8 == 0,
        enforced=number % 2 == 0,
    )


def _row(
    activity: Activity,
    position: int,
    seats: dict[int, SeatFacts],
    chance: random.Random,
    *,
    flaws: bool,
) -> dict[int, str]:
    numbers = list(seats)
    row = {seat: chance.choice("CIIIII") for seat in numbers}
    acting = chance.sample(numbers, 8)
    row |= dict.fromkeys(acting, "R")
    row[acting[0]] = chance.choice(["A", "AR"])
    if flaws and position % 3 == 0:
        row[acting[1]] = "A"
    if flaws and activity.joint:
        row = {s: g for s, g in row.items() if seats[s].kind is not FunctionKind.IT}
    return row
