"""Where each seat stands on the organisation chart: a tidy, layered drawing of bounded width.

Top levels spread side by side and wrap into bands; below them seats hang in columns, so that
500 seats make a page to scroll down, never a sheet ten thousand pixels wide. Pure: seats in,
boxes and lines out. Lengths are CSS pixels at natural size.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

BOX_WIDTH = 184
BOX_HEIGHT = 46
INDENT = 18  # a hanging seat stands this far right of the one that it reports to
STACK_GAP = 8  # between two seats that hang under each other
COLUMN_GAP = 18  # between two columns of a band
BUS_DROP = 14  # from a box down to the line that serves a band, and from there to the band
GUTTER = 14  # left of the bands, for the line that serves the second band and the next ones
TRUNK = 10  # how far inside its box's left edge a hanging line starts
CHART_WIDTH = 1040  # what fits beside the rail on a laptop
MARGIN = 8

# A part of the tree taller than the limit spreads sideways; the limit giving the lowest chart
# that fits is the one taken. In pixels.
HANGING_LIMITS = (330, 550, 880, 1300, 2000, 3200)

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A seat, and the seats that it reports to."""

    id: int
    superior: int | None = None
    dotted: tuple[int, ...] = ()


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


@dataclass(slots=True)
class _Block:
    """A seat with everything under it, while sizes are worked out. Offsets are to its corner."""

    width: int
    height: int
    box_x: int
    offsets: dict[int, Point]
    buses: dict[int, int]  # child → height of the line that serves its band; none for hanging
    banded: bool


def tree_of(nodes: Sequence[Node], *, root: int | None = None) -> Tree:
    """The forest of solid lines, in the order given; a circle of seats is opened, not followed."""
    known = {node.id: node for node in nodes}
    reports: dict[int, list[int]] = {node.id: [] for node in nodes}
    tops: list[int] = []
    for node in nodes:
        if node.superior in known and node.superior != node.id:
            reports[node.superior].append(node.id)  # type: ignore[index]
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
    layouts = [_arranged(tree, limit, width) for limit in HANGING_LIMITS]
    boxes_at, links, size = min(
        layouts, key=lambda layout: (max(layout[2][0], width), layout[2][1], layout[2][0])
    )
    shown = tree.below()
    boxes = {
        seat: Box(id=seat, x=x, y=y, below=below[seat], folded=below[seat] - shown[seat])
        for seat, (x, y) in boxes_at.items()
    }
    lines = [_solid(boxes[seat], boxes[superior], via) for seat, superior, via in links]
    lines += [
        _dotted(boxes[node.id], boxes[superior])
        for node in nodes
        for superior in node.dotted
        if node.id in boxes and superior in boxes and superior != node.id
    ]
    return Chart(
        boxes=tuple(boxes[seat] for seat in tree.order),
        lines=tuple(lines),
        width=size[0] + 2 * MARGIN,
        height=size[1] + 2 * MARGIN,
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


_Link = tuple[int, int, tuple[int, int, int] | None]  # seat, superior, (bus, first bus, gutter)


def _arranged(
    tree: Tree, limit: int, width: int
) -> tuple[dict[int, Point], list[_Link], tuple[int, int]]:
    """Corners of all boxes, links to draw, and the size; for one limit on hanging columns."""
    blocks: dict[int, _Block] = {}
    for seat in reversed(tree.order):
        room = width - tree.level[seat] * INDENT
        blocks[seat] = _block(tree.children[seat], blocks, limit, room)
    top = _bands(tree.roots, blocks, width, top=0, gap=2 * BUS_DROP)
    corners = {seat: (x + MARGIN, y + MARGIN) for seat, (x, y) in top.offsets.items()}
    boxes: dict[int, Point] = {}
    links: list[_Link] = []
    for seat in tree.order:
        x, y = corners[seat]
        block = blocks[seat]
        boxes[seat] = (x + block.box_x, y)
        first_bus = min(block.buses.values(), default=0)
        for child in tree.children[seat]:
            dx, dy = block.offsets[child]
            corners[child] = (x + dx, y + dy)
            via = None
            if block.banded:
                via = (y + block.buses[child], y + first_bus, x + GUTTER // 2)
            links.append((child, seat, via))
    return boxes, links, (top.width, top.height)


def _block(children: Iterable[int], blocks: Mapping[int, _Block], limit: int, room: int) -> _Block:
    """A seat above its children: hanging where that stays low, else spread in bands."""
    hanging = _hanging(children, blocks)
    if hanging.height <= limit or not hanging.offsets:
        return hanging
    bands = _bands(children, blocks, room, top=BOX_HEIGHT + 2 * BUS_DROP, gap=2 * BUS_DROP)
    bands.width = max(bands.width, BOX_WIDTH)
    bands.box_x = (bands.width - BOX_WIDTH) // 2
    return bands


def _hanging(children: Iterable[int], blocks: Mapping[int, _Block]) -> _Block:
    offsets: dict[int, Point] = {}
    width, y = BOX_WIDTH, BOX_HEIGHT
    for child in children:
        y += STACK_GAP
        offsets[child] = (INDENT, y)
        width = max(width, INDENT + blocks[child].width)
        y += blocks[child].height
    return _Block(width=width, height=y, box_x=0, offsets=offsets, buses={}, banded=False)


def _bands(
    children: Iterable[int], blocks: Mapping[int, _Block], room: int, *, top: int, gap: int
) -> _Block:
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
    buses: dict[int, int] = {}
    width, y = 0, top
    for band in bands:
        x = left
        for child in band:
            offsets[child] = (x, y)
            buses[child] = y - BUS_DROP
            x += blocks[child].width + COLUMN_GAP
        width = max(width, x - COLUMN_GAP)
        y += max((blocks[child].height for child in band), default=0) + gap
    return _Block(
        width=max(width, 0),
        height=max(y - gap, 0),
        box_x=0,
        offsets=offsets,
        buses=buses,
        banded=True,
    )


def _solid(box: Box, superior: Box, via: tuple[int, int, int] | None) -> Line:
    if via is None:
        trunk = superior.x + TRUNK
        points: tuple[Point, ...] = (
            (box.x, box.middle),
            (trunk, box.middle),
            (trunk, superior.bottom),
        )
    else:
        bus, first_bus, gutter = via
        detour: tuple[Point, ...] = () if bus == first_bus else ((gutter, bus), (gutter, first_bus))
        points = (
            (box.centre, box.y),
            (box.centre, bus),
            *detour,
            (superior.centre, first_bus),
            (superior.centre, superior.bottom),
        )
    return Line(seat=box.id, superior=superior.id, dotted=False, points=points)


def _dotted(box: Box, superior: Box) -> Line:
    """Along the free strip right of a column, then into the superior's nearer side."""
    strip = box.right + COLUMN_GAP // 3
    if superior.x > strip:
        end = (superior.x, superior.middle)
    elif superior.right < box.x:
        strip = box.x - COLUMN_GAP // 3
        end = (superior.right, superior.middle)
    else:
        strip = max(box.right, superior.right) + COLUMN_GAP // 3
        end = (superior.right, superior.middle)
    start = (box.x, box.middle) if strip < box.x else (box.right, box.middle)
    points = (start, (strip, start[1]), (strip, end[1]), end)
    return Line(seat=box.id, superior=superior.id, dotted=True, points=points)
