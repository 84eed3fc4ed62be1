"""Where each seat stands on the organisation chart: a tidy, layered drawing of bounded width.

Top levels spread side by side and wrap into bands; below them seats hang in columns, so that
500 seats make a page to scroll down, never a sheet ten thousand pixels wide. Pure: seats in,
boxes and lines out. Lengths are CSS pixels at natural size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pupitre.rules.mandate.organisation.geometry import (
    BOX_HEIGHT,
    BOX_WIDTH,
    STACK_GAP,
    Box,
    Line,
    Point,
    dotted_line,
)

INDENT = 18  # a hanging seat stands this far right of the one that it reports to
COLUMN_GAP = 16  # between two columns of a band
BUS_DROP = 14  # from a box down to the line that serves a band, and from there to the band
GUTTER = 14  # left of the bands, for the line that serves the second band and the next ones
TRUNK = 10  # how far inside its box's left edge a hanging line starts
CHART_WIDTH = 1000  # what fits beside the rail on a laptop
MARGIN = 8

# A part of the tree taller than the limit spreads sideways; the limit giving the lowest chart
# that fits is the one taken. In pixels.
HANGING_LIMITS = (300, 500, 800, 1300, 2000, 3200, 5000, 8000)
STACKING_SAVES = 0.8  # the share of the height that stacked columns must come under


@dataclass(frozen=True, slots=True)
class Node:
    """A seat, and the seats that it reports to."""

    id: int
    superior: int | None = None
    dotted: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Tree:
    """The solid lines as a forest. ``order``: every seat once, superiors first."""

    roots: tuple[int, ...]
    children: Mapping[int, tuple[int, ...]]
    order: tuple[int, ...]
    level: Mapping[int, int]

    def below(self) -> dict[int, int]:
        """How many seats report to each, directly or through others."""
        count = dict.fromkeys(self.order, 0)
        for seat in reversed(self.order):
            count[seat] = sum(1 + count[child] for child in self.children[seat])
        return count


@dataclass(frozen=True, slots=True)
class _Block:
    """A seat with everything under it. Points are counted from the block's own corner."""

    width: int
    height: int
    box_x: int
    offsets: Mapping[int, Point]  # of the children's blocks
    paths: Mapping[int, tuple[Point, ...]]  # from each child's box up to this one

    @property
    def entry(self) -> int:
        """Where a line from above reaches the box: the middle of its upper side."""
        return self.box_x + BOX_WIDTH // 2


def tree_of(nodes: Sequence[Node], *, root: int | None = None) -> Tree:
    """The forest of solid lines, in the order given; a circle of seats is opened, not followed."""
    known = {node.id: node for node in nodes}
    reports: dict[int, list[int]] = {node.id: [] for node in nodes}
    tops: list[int] = []
    for node in nodes:
        if node.superior in known and node.superior != node.id:
            reports[node.superior].append(node.id)
        else:
            tops.append(node.id)
    order: list[int] = []
    level: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    roots: list[int] = []
    # After the true tops, whatever is still missing stands in a circle: its first seat is a top.
    for top in [root] if root is not None else [*tops, *known]:
        if top in level or top not in known:
            continue
        roots.append(top)
        level[top] = 0
        queue = [top]
        for seat in queue:  # grows while it is walked: level by level
            children[seat] = [child for child in reports[seat] if child not in level]
            for child in children[seat]:
                level[child] = level[seat] + 1
            queue.extend(children[seat])
        order.extend(queue)
    return Tree(
        roots=tuple(roots),
        children={seat: tuple(below) for seat, below in children.items()},
        order=tuple(order),
        level=level,
    )


def lay_out(
    nodes: Sequence[Node],
    *,
    root: int | None = None,
    depth: int | None = None,
    width: int = CHART_WIDTH,
) -> Chart:
    """The drawing of a company, or of what stands under one seat.

    ``depth`` counts the levels shown below the top one; None shows all of them.
    """
    whole = tree_of(nodes, root=root)
    below = whole.below()
    tree = _pruned(whole, depth)
    arranged = (_arranged(tree, limit, width) for limit in HANGING_LIMITS)
    placed = min(arranged, key=lambda each: (max(each.width, width), each.height, each.width))
    shown = tree.below()
    boxes = {
        seat: Box(id=seat, x=x, y=y, below=below[seat], folded=below[seat] - shown[seat])
        for seat, (x, y) in placed.boxes.items()
    }
    dotted = [
        dotted_line(boxes[node.id], boxes[superior], boxes.values())
        for node in nodes
        for superior in node.dotted
        if node.id in boxes and superior in boxes and superior != node.id
    ]
    return Chart(
        boxes=tuple(boxes[seat] for seat in tree.order),
        lines=(*placed.lines, *dotted),
        width=placed.width + 2 * MARGIN,
        height=placed.height + 2 * MARGIN,
    )


def default_depth(tree: Tree, *, most: int) -> int | None:
    """The deepest drawing of at most that many seats; None where all of them fit."""
    if len(tree.order) <= most:
        return None
    counted = 0
    deepest = max(tree.level.values(), default=0)
    for depth in range(deepest + 1):
        counted += sum(1 for seat in tree.order if tree.level[seat] == depth)
        if counted > most:
            return max(depth - 1, 1)
    return None


def _pruned(tree: Tree, depth: int | None) -> Tree:
    if depth is None:
        return tree
    kept = tuple(seat for seat in tree.order if tree.level[seat] <= depth)
    return Tree(
        roots=tree.roots,
        children={s: tree.children[s] if tree.level[s] < depth else () for s in kept},
        order=kept,
        level=tree.level,
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    boxes: Mapping[int, Point]
    lines: tuple[Line, ...]
    width: int
    height: int


def _arranged(tree: Tree, limit: int, width: int) -> _Placed:
    """Every box and solid line in its place, for one limit on hanging columns."""
    blocks: dict[int, _Block] = {}
    for seat in reversed(tree.order):
        room = width - tree.level[seat] * INDENT
        blocks[seat] = _block(tree.children[seat], blocks, limit, room)
    top = _bands(tree.roots, blocks, width, top=0)
    corners = {seat: (x + MARGIN, y + MARGIN) for seat, (x, y) in top.offsets.items()}
    boxes: dict[int, Point] = {}
    lines: list[Line] = []
    for seat in tree.order:
        x, y = corners[seat]
        block = blocks[seat]
        boxes[seat] = (x + block.box_x, y)
        for child, (dx, dy) in block.offsets.items():
            corners[child] = (x + dx, y + dy)
            points = tuple((x + px, y + py) for px, py in block.paths[child])
            lines.append(Line(seat=child, superior=seat, dotted=False, points=points))
    return _Placed(boxes, tuple(lines), top.width, top.height)


def _block(children: Sequence[int], blocks: Mapping[int, _Block], limit: int, room: int) -> _Block:
    """A seat above its children: hanging where that stays low, else spread sideways.

    Side by side reads best; stacked columns are taken where they save a good part of the height.
    """
    hanging = _hanging(children, blocks)
    if hanging.height <= limit or not children:
        return hanging
    bands = _bands(children, blocks, room, top=BOX_HEIGHT + 2 * BUS_DROP)
    columns = _columns(children, blocks, room)
    if columns.width <= room and columns.height < STACKING_SAVES * bands.height:
        return columns
    return bands


def _hanging(children: Sequence[int], blocks: Mapping[int, _Block]) -> _Block:
    offsets: dict[int, Point] = {}
    paths: dict[int, tuple[Point, ...]] = {}
    width, y = BOX_WIDTH, BOX_HEIGHT
    for child in children:
        y += STACK_GAP
        offsets[child] = (INDENT, y)
        side = (INDENT + blocks[child].box_x, y + BOX_HEIGHT // 2)
        paths[child] = (side, (TRUNK, side[1]), (TRUNK, BOX_HEIGHT))
        width = max(width, INDENT + blocks[child].width)
        y += blocks[child].height
    return _Block(width=width, height=y, box_x=0, offsets=offsets, paths=paths)


def _bands(children: Sequence[int], blocks: Mapping[int, _Block], room: int, *, top: int) -> _Block:
    """Blocks side by side in the order given, on as many bands as the room asks for."""
    bands: list[list[int]] = [[]]
    used = GUTTER
    for child in children:
        wide = blocks[child].width
        if bands[-1] and used + wide > room:
            bands.append([])
            used = GUTTER
        bands[-1].append(child)
        used += wide + COLUMN_GAP
    left = GUTTER if len(bands) > 1 else 0
    offsets: dict[int, Point] = {}
    width, y = BOX_WIDTH if top else 0, top
    for band in bands:
        x = left
        for child in band:
            offsets[child] = (x, y)
            x += blocks[child].width + COLUMN_GAP
        width = max(width, x - COLUMN_GAP)
        y += max((blocks[child].height for child in band), default=0) + 2 * BUS_DROP
    box_x = (width - BOX_WIDTH) // 2
    foot = (box_x + BOX_WIDTH // 2, top - 2 * BUS_DROP)
    first_bus = top - BUS_DROP
    paths = {}
    for child, (x, at) in offsets.items():
        entry, bus = x + blocks[child].entry, at - BUS_DROP
        detour = () if bus == first_bus else ((GUTTER // 2, bus), (GUTTER // 2, first_bus))
        paths[child] = ((entry, at), (entry, bus), *detour, (foot[0], first_bus), foot)
    return _Block(
        width=width, height=max(y - 2 * BUS_DROP, 0), box_x=box_x, offsets=offsets, paths=paths
    )


def _columns(children: Sequence[int], blocks: Mapping[int, _Block], room: int) -> _Block:
    """Children in the order given, down one column and then the next, as even as may be."""
    columns = _partition(children, blocks, room)
    top = BOX_HEIGHT + BUS_DROP
    offsets: dict[int, Point] = {}
    trunks: dict[int, int] = {}
    x, height = 0, 0
    for column in columns:
        y = top
        for child in column:
            y += STACK_GAP
            offsets[child] = (x + INDENT, y)
            trunks[child] = x + TRUNK
            y += blocks[child].height
        height = max(height, y)
        x += INDENT + max(blocks[child].width for child in column) + COLUMN_GAP
    width = max(x - COLUMN_GAP, BOX_WIDTH)
    box_x = (width - BOX_WIDTH) // 2
    foot = (box_x + BOX_WIDTH // 2, BOX_HEIGHT)
    paths: dict[int, tuple[Point, ...]] = {}
    for child, (left, at) in offsets.items():
        side = (left + blocks[child].box_x, at + BOX_HEIGHT // 2)
        trunk = trunks[child]
        paths[child] = (side, (trunk, side[1]), (trunk, top), (foot[0], top), foot)
    return _Block(width=width, height=height, box_x=box_x, offsets=offsets, paths=paths)


def _partition(children: Sequence[int], blocks: Mapping[int, _Block], room: int) -> list[list[int]]:
    """The lowest split into columns that fits the room: tries heights, halving the interval."""
    lengths = {child: blocks[child].height + STACK_GAP for child in children}
    low, high = max(lengths.values()), sum(lengths.values())
    best = [list(children)]
    while low <= high:
        tallest = (low + high) // 2
        columns: list[list[int]] = [[]]
        used = 0
        for child in children:
            if columns[-1] and used + lengths[child] > tallest:
                columns.append([])
                used = 0
            columns[-1].append(child)
            used += lengths[child]
        wide = sum(
            INDENT + COLUMN_GAP + max(blocks[child].width for child in column) for column in columns
        )
        if wide - COLUMN_GAP <= room:
            best, high = columns, tallest - 1
        else:
            low = tallest + 1
    return best
