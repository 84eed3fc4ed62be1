"""In whose hand a device was, against the same rules written for one instant, and as stories."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.identify.holding import (
    ALWAYS_US,
    NOBODY,
    PUT_DOWN_US,
    Spans,
    once_each,
    packed_by,
    stays,
    stretches,
    unpacked,
)

MINUTE = 60_000_000
ANNE, BEN, CLEO = 1, 2, 3
SignIn = tuple[int, int, int, bool]  # device, instant, who, whether the event itself says so


def spans(rows: list[tuple[int, int, int, int]]) -> Spans:
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Spans(*(table[:, place] for place in range(4)))


def rows_of(found: Spans) -> list[tuple[int, int, int, int]]:
    columns = (found.device, found.person, found.from_us, found.to_us)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def told(signed: list[SignIn]) -> tuple[Spans, Spans]:
    """As the book has it: stays of each, and instants at which an event says who it was."""
    there = []
    for device, who in {(device, who) for device, _, who, _ in signed}:
        at = np.array([at for on, at, by, _ in signed if (on, by) == (device, who)], np.int64)
        there += [(device, who, start, end) for start, end in presences(at).tolist()]
    return spans(there), spans([(on, by, at, at) for on, at, by, itself in signed if itself])


def presences(at: Any) -> Any:
    return stays(np.zeros(len(at), np.int64), at, at)[1]


def whose(signed: list[SignIn], device: int, at: int) -> int:
    """The rules of ``holding``, one after the other, for one instant."""
    here = [(when, who, itself) for on, when, who, itself in signed if on == device]
    people = {who for _, who, _ in here}
    if len(people) < 2:
        return people.pop() if people else NOBODY
    of = {who: sorted(when for when, by, _ in here if by == who) for who in people}
    say_so = {who for when, who, itself in here if when == at and itself}
    between = {
        who
        for who, times in of.items()
        if at in times or any(a < at < b and b - a < PUT_DOWN_US for a, b in pairwise(times))
    }
    near = {who for who, times in of.items() if any(abs(at - t) < PUT_DOWN_US for t in times)}
    for candidates in (say_so, between, near):
        if candidates:
            return candidates.pop() if len(candidates) == 1 else NOBODY
    return NOBODY


signing = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(0, 40).map(lambda n: n * 6 * MINUTE),
        st.sampled_from([ANNE, BEN, CLEO]),
        st.booleans(),
    ),
    max_size=25,
)


@given(signing)
@settings(max_examples=400, deadline=None)
def test_it_is_what_the_rules_say_at_every_instant(signed: list[SignIn]) -> None:
    found = rows_of(stretches(*told(signed)))
    for device in range(3):
        for at in range(-40 * MINUTE, 300 * MINUTE, 3 * MINUTE):
            over = [who for on, who, start, end in found if on == device and start <= at <= end]
            expected = whose(signed, device, at)
            assert over == ([] if expected == NOBODY else [expected]), (device, at)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 300).map(lambda n: n * 3 * MINUTE))),
    st.data(),
)
@settings(max_examples=300, deadline=None)
def test_stays_do_not_depend_on_what_came_first_nor_how_often(
    told_of: list[tuple[int, int]], data: Any
) -> None:
    def table(rows: list[Any]) -> Any:
        return np.array(rows, np.int64).reshape(-1, 2)

    whole = table(told_of)
    group, one = stays(whole[:, 0], whole[:, 1], whole[:, 1])
    shuffled = data.draw(st.permutations(told_of))
    cut = data.draw(st.integers(0, len(told_of)))
    first, second = table(shuffled[:cut]), table(shuffled[cut:] + told_of[:3])
    known, so_far = stays(first[:, 0], first[:, 1], first[:, 1])
    groups = np.concatenate((known, second[:, 0]))
    again, both = stays(
        groups,
        np.concatenate((so_far[:, 0], second[:, 1])),
        np.concatenate((so_far[:, 1], second[:, 1])),
    )
    assert (group.tolist(), one.tolist()) == (again.tolist(), both.tolist())
    blobs = packed_by(group, one, 3)
    assert [unpacked(blob).reshape(-1, 2).tolist() for blob in blobs] == [
        [pair for of, pair in zip(group.tolist(), one.tolist(), strict=True) if of == number]
        for number in range(3)
    ]
    places, instants = once_each(whole[:, 0], whole[:, 1])
    assert list(zip(places.tolist(), instants.tolist(), strict=True)) == sorted(set(told_of))


def on(minute: int, who: int, *, itself: bool = False) -> SignIn:
    return 7, minute * MINUTE, who, itself


@pytest.mark.parametrize(
    ("signed", "minute", "expected"),
    [
        ([on(0, ANNE)], 100_000, ANNE),
        ([on(0, ANNE), on(500, BEN)], -29, ANNE),
        ([on(0, ANNE), on(500, BEN)], 30, NOBODY),
        ([on(0, ANNE), on(200, ANNE), on(500, BEN)], 100, NOBODY),
        # From hand to hand without being put down: what lies between is nobody's.
        ([on(0, ANNE), on(10, BEN)], 5, NOBODY),
        ([on(0, ANNE), on(10, ANNE), on(15, BEN)], 5, ANNE),
        # Between two of hers he says that it is he: that event is his.
        ([on(0, ANNE), on(20, ANNE), on(10, BEN, itself=True)], 10, BEN),
        ([on(0, ANNE), on(20, ANNE), on(10, BEN)], 10, NOBODY),
    ],
)
def test_as_stories(signed: list[SignIn], minute: int, expected: int) -> None:
    at = minute * MINUTE
    over = [who for _, who, a, b in rows_of(stretches(*told(signed))) if a <= at <= b]
    assert (over or [NOBODY]) == [expected]


def test_a_device_of_one_person_is_theirs_for_ever() -> None:
    assert rows_of(stretches(*told([on(100, ANNE)]))) == [(7, ANNE, -ALWAYS_US, ALWAYS_US)]
