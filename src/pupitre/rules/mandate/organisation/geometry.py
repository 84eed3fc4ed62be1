"""Boxes and lines of the organisation chart, and how dotted lines find their way. Pure.

Lengths are CSS pixels at natural size.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

BOX_WIDTH = 184
BOX_HEIGHT = 42
STACK_GAP = 6  # between two seats that hang under each other
STRIP = 4  # how far beside a box a dotted line runs
STRIPS_TRIED = 8

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Box:
    id: int
    x: int
    y: int
    below: int  # seats that report here, directly or through others
    folded: int  # how many of them this drawing leaves out
    width: int = BOX_WIDTH
    height: int = BOX_HEIGHT

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def centre(self) -> int:
        return self.x + self.width // 2

    @property
    def middle(self) -> int:
        return self.y + self.height // 2


@dataclass(frozen=True, slots=True)
class Line:
    """From a seat up to its superior, corner by corner."""

    seat: int
    superior: int
    dotted: bool
    points: tuple[Point, ...]


def dotted_line(box: Box, superior: Box, boxes: Collection[Box]) -> Line:
    """A way around the boxes: beside the column, along a gap between rows, in from above or below.

    Of the ways there are, the one that passes behind the fewest boxes; then on the right, for
    solid lines run on the left; then the shortest.
    """
    ways = [
        _way(box, superior, to_the_right=right, from_above=above, boxes=boxes)
        for right in (True, False)
        for above in (True, False)
    ]
    points = min(ways, key=lambda way: (_behind(way, boxes), way[0][0] != box.right, _length(way)))
    return Line(seat=box.id, superior=superior.id, dotted=True, points=points)


def _way(
    box: Box, superior: Box, *, to_the_right: bool, from_above: bool, boxes: Collection[Box]
) -> tuple[Point, ...]:
    row = superior.y - STACK_GAP // 2 if from_above else superior.bottom + STACK_GAP // 2
    strip = _strip(box, row, to_the_right, boxes)
    # Not the middle, where solid lines arrive.
    end = superior.x + (3 * superior.width // 4 if strip > superior.centre else superior.width // 4)
    start = box.right if to_the_right else box.x
    edge = superior.y if from_above else superior.bottom
    return ((start, box.middle), (strip, box.middle), (strip, row), (end, row), (end, edge))


def _strip(box: Box, row: int, to_the_right: bool, boxes: Collection[Box]) -> int:
    """Where a line can run up or down beside the box and those that stand further out."""
    top, bottom = sorted((box.middle, row))
    strip = box.right + STRIP if to_the_right else box.x - STRIP
    beside = [other for other in boxes if other.y < bottom and other.bottom > top]
    for _ in range(STRIPS_TRIED):
        hit = next((other for other in beside if other.x < strip < other.right), None)
        if hit is None:
            break
        strip = hit.right + STRIP if to_the_right else hit.x - STRIP
    return strip


def _behind(points: Sequence[Point], boxes: Iterable[Box]) -> int:
    """How many boxes a line would pass behind."""
    return sum(crosses(points, box) for box in boxes)


def crosses(points: Sequence[Point], box: Box) -> bool:
    """Whether a line of level and upright parts passes through the inside of a box."""
    for (x1, y1), (x2, y2) in pairwise(points):
        across = min(x1, x2) < box.right and max(x1, x2) > box.x
        if across and min(y1, y2) < box.bottom and max(y1, y2) > box.y:
            return True
    return False


def _length(points: Sequence[Point]) -> int:
    return sum(abs(x1 - x2) + abs(y1 - y2) for (x1, y1), (x2, y2) in pairwise(points))
