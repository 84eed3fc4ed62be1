"""The organisation chart's geometry, whatever the organisation."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.rules.mandate.organisation.chart import (
    CHART_WIDTH,
    INDENT,
    Chart,
    Node,
    default_depth,
    lay_out,
    tree_of,
)
from pupitre.rules.mandate.organisation.geometry import Box, Line


@st.composite
def organisations(draw: st.DrawFn) -> list[Node]:
    """Any lines at all: several tops, circles, lines to seats that are not there."""
    size = draw(st.integers(min_value=0, max_value=35))
    anybody = st.integers(min_value=-1, max_value=size)
    return [
        Node(
            id=number,
            superior=None if (above := draw(anybody)) < 0 else above,
            dotted=tuple(draw(st.lists(anybody, max_size=1))),
        )
        for number in range(size)
    ]


def a_company(seats: int) -> list[Node]:
    """A plausible company: twelve heads under one seat, two to six teams each, uneven teams."""
    chance = random.Random(3)  # noqa: S311 - the same company each time
    heads = list(range(1, min(13, seats)))
    nodes = [Node(0), *(Node(head, 0) for head in heads)]
    leads: list[int] = []
    for head in heads:
        for _ in range(chance.randint(2, 6)):
            if len(nodes) < seats:
                leads.append(len(nodes))
                nodes.append(Node(len(nodes), head))
    while len(nodes) < seats:
        dotted = (chance.choice(heads),) if chance.random() < 0.08 else ()
        nodes.append(Node(len(nodes), chance.choice(leads), dotted))
    return nodes


def overlapping(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def on_border(box: Box, point: tuple[int, int]) -> bool:
    x, y = point
    across = box.x <= x <= box.right and y in (box.y, box.bottom)
    upright = box.y <= y <= box.bottom and x in (box.x, box.right)
    return across or upright


def crosses(line: Line, box: Box) -> bool:
    """Whether a line passes through the inside of a box."""
    for (x1, y1), (x2, y2) in pairwise(line.points):
        left, right = sorted((x1, x2))
        top, bottom = sorted((y1, y2))
        if left < box.right and right > box.x and top < box.bottom and bottom > box.y:
            return True
    return False


def check_geometry(chart: Chart) -> None:
    boxes = {box.id: box for box in chart.boxes}
    assert len(boxes) == len(chart.boxes), "a seat is drawn twice"
    for one, other in combinations(chart.boxes, 2):
        assert not overlapping(one, other), (one, other)
    for box in chart.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= chart.width
        assert box.bottom <= chart.height
    for line in chart.lines:
        assert on_border(boxes[line.seat], line.points[0]), line
        assert on_border(boxes[line.superior], line.points[-1]), line
        for start, end in pairwise(line.points):
            assert start[0] == end[0] or start[1] == end[1], "a line is neither level nor upright"
        if not line.dotted:
            for box in chart.boxes:
                assert not crosses(line, box), (line, box)


@settings(max_examples=100, deadline=None)
@given(organisations())
def test_any_organisation_is_drawn_whole_and_without_overlap(nodes: list[Node]) -> None:
    chart = lay_out(nodes)

    check_geometry(chart)
    assert {box.id for box in chart.boxes} == {node.id for node in nodes}
    solid = [line for line in chart.lines if not line.dotted]
    assert len({line.seat for line in solid}) == len(solid), "two solid lines from one seat"
    superiors = {node.id: node.superior for node in nodes}
    assert all(superiors[line.seat] == line.superior for line in solid)


@settings(max_examples=50, deadline=None)
@given(organisations(), st.integers(min_value=0, max_value=3))
def test_folding_hides_only_what_is_deeper_and_says_how_many(nodes: list[Node], depth: int) -> None:
    tree = tree_of(nodes)

    chart = lay_out(nodes, depth=depth)

    check_geometry(chart)
    assert {box.id for box in chart.boxes} == {
        seat for seat in tree.order if tree.level[seat] <= depth
    }
    folded = sum(box.folded for box in chart.boxes if tree.level[box.id] == depth)
    assert len(chart.boxes) + folded == len(nodes)


@settings(max_examples=50, deadline=None)
@given(organisations().filter(bool), st.data())
def test_a_subtree_holds_exactly_those_who_report_to_its_top(
    nodes: list[Node], data: st.DataObject
) -> None:
    root = data.draw(st.sampled_from([node.id for node in nodes]))
    superiors = {node.id: node.superior for node in nodes}

    def reports(seat: int) -> bool:
        seen = set()
        at: int | None = seat
        while at is not None and at not in seen:
            if at == root:
                return True
            seen.add(at)
            at = superiors.get(at)
        return False

    drawn = {box.id for box in lay_out(nodes, root=root).boxes}

    assert drawn == {seat for seat in superiors if reports(seat)}


def test_the_seat_above_stands_above_and_in_the_order_given() -> None:
    nodes = [Node(1), Node(2, 1), Node(3, 1), Node(4, 2)]

    chart = lay_out(nodes)
    boxes = {box.id: box for box in chart.boxes}

    assert boxes[1].bottom < boxes[2].y
    assert boxes[2].bottom < boxes[4].y
    assert (boxes[2].y, boxes[2].x) < (boxes[3].y, boxes[3].x + 1)
    assert [box.below for box in chart.boxes] == [3, 1, 0, 0]


@pytest.mark.parametrize(("seats", "tallest"), [(30, 700), (200, 3400), (500, 7200)])
def test_a_company_stays_within_the_page(seats: int, tallest: int) -> None:
    """Readable means: no sideways scrolling on a laptop, and a few screens down at most."""
    chart = lay_out(a_company(seats))

    check_geometry(chart)
    assert chart.width <= CHART_WIDTH + 6 * INDENT
    assert chart.height <= tallest
    dotted = [line for line in chart.lines if line.dotted]
    behind = [line for line in dotted if any(crosses(line, box) for box in chart.boxes)]
    assert len(behind) <= len(dotted) // 10, "dotted lines run between the boxes, not behind them"


def test_two_hundred_people_under_one_seat_become_columns() -> None:
    chart = lay_out([Node(0), *(Node(n, 0) for n in range(1, 201))])

    check_geometry(chart)
    assert chart.width <= CHART_WIDTH + INDENT
    assert chart.height < 200 * 20


def test_a_chain_of_two_thousand_is_drawn_without_overflowing_anything() -> None:
    chart = lay_out([Node(0), *(Node(n, n - 1) for n in range(1, 2000))])

    assert len(chart.boxes) == 2000


def test_the_first_drawing_stops_at_the_level_that_still_fits() -> None:
    wide = [
        Node(0),
        *(Node(n, 0) for n in range(1, 11)),
        *(Node(n, n % 10 + 1) for n in range(11, 400)),
    ]

    assert default_depth(tree_of(wide), most=500) is None
    assert default_depth(tree_of(wide), most=260) == 1
