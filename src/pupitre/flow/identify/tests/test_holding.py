"""In whose hand a device was, against the same rules written as loops, and as stories."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.identify.holding import ALWAYS_US, NOBODY, PUT_DOWN_US, held, stretches

MINUTE = 60_000_000
ANNE, BEN = 1, 2
Moment = tuple[int, int, int]  # device, instant, who said that they were


def columns(moments: list[Moment]) -> tuple[Any, Any, Any]:
    found = np.array(sorted(moments), np.int64).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def spoken(moments: list[Moment]) -> list[int]:
    """One device after the other, one moment after the other."""
    found = []
    for _, group in groupby(sorted(moments), key=lambda moment: moment[0]):
        all_of_it = list(group)
        people = {who for _, _, who in all_of_it if who != NOBODY}
        sittings: list[list[Moment]] = []
        for moment in all_of_it:
            if not sittings or moment[1] - sittings[-1][-1][1] >= PUT_DOWN_US:
                sittings.append([])
            sittings[-1].append(moment)
        for sitting in sittings:
            for place, (_, _, who) in enumerate(sitting):
                said_before = [m[2] for m in sitting[: place + 1] if m[2] != NOBODY][-1:]
                said_after = [m[2] for m in sitting[place:] if m[2] != NOBODY][:1]
                around = set(said_before + said_after)
                if len(people) == 1:
                    found.append(*people)
                elif who != NOBODY:
                    found.append(who)
                else:
                    found.append(around.pop() if len(around) == 1 else NOBODY)
    return found


moments = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 40).map(lambda n: n * 5 * MINUTE),
        st.sampled_from([NOBODY, NOBODY, NOBODY, ANNE, BEN, 3]),
    ),
    max_size=40,
    unique_by=lambda moment: moment[:2],
)


@given(moments)
@settings(max_examples=500, deadline=None)
def test_it_is_what_the_rules_say(given_: list[Moment]) -> None:
    assert held(*columns(given_)).tolist() == spoken(given_)


@given(moments)
@settings(max_examples=300, deadline=None)
def test_stretches_hold_the_same_and_never_overlap(given_: list[Moment]) -> None:
    device, at, person = columns(given_)
    found = stretches(device, at, person)
    rows = list(zip(*(column.tolist() for column in vars_of(found)), strict=True))
    for moment, whose in zip(
        zip(device.tolist(), at.tolist(), strict=True), held(device, at, person), strict=True
    ):
        over = [
            who for on, start, end, who in rows if on == moment[0] and start <= moment[1] <= end
        ]
        assert over == ([] if whose == NOBODY else [whose])


def vars_of(found: Any) -> list[Any]:
    return [found.device, found.from_us, found.to_us, found.person]


def at(minute: int, who: int = NOBODY) -> Moment:
    return 7, minute * MINUTE, who


@pytest.mark.parametrize(
    ("what", "whose"),
    [
        ([at(0), at(500, ANNE), at(1000)], [ANNE, ANNE, ANNE]),
        ([at(0), at(5, ANNE), at(10), at(500, BEN), at(505)], [ANNE, ANNE, ANNE, BEN, BEN]),
        # Somebody in between, and nobody knows who.
        ([at(0, ANNE), at(100), at(200, ANNE), at(300, BEN)], [ANNE, NOBODY, ANNE, BEN]),
        # From hand to hand without being put down: what lies between is nobody's.
        ([at(0, ANNE), at(5), at(10, BEN)], [ANNE, NOBODY, BEN]),
        ([at(0, ANNE), at(5), at(10, ANNE), at(15, BEN)], [ANNE, ANNE, ANNE, BEN]),
        ([at(0), at(5)], [NOBODY, NOBODY]),
    ],
)
def test_as_stories(what: list[Moment], whose: list[int]) -> None:
    assert held(*columns(what)).tolist() == whose


def test_a_device_of_one_person_is_theirs_before_and_after() -> None:
    found = stretches(*columns([at(100, ANNE)]))
    assert [column.tolist() for column in vars_of(found)] == [
        [7],
        [-ALWAYS_US],
        [ALWAYS_US],
        [ANNE],
    ]
