"""The organisation chart as a page draws it, and the same as a list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import FunctionKind
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import ReportingLine
from pupitre.rules.mandate.organisation import chart, geometry
from pupitre.rules.mandate.organisation.lettering import fitting
from pupitre.rules.mandate.organisation.queries import SeatRow, seat_rows, superior_on

SHOWN_AT_FIRST = 260  # seats; beyond it the first drawing stops at a level that keeps it readable
DRAWN_AT_MOST = 1_200  # seats, whatever is asked for
DEEPEST = 30  # levels that a reader may ask for
TEXT_WIDTH = geometry.BOX_WIDTH - 17  # pixels left for words beside the colour and the margins
BADGE = 32  # the count of those below, in the box's own corner
CORNER = 12  # cut off a vacant seat's box
NAME_SIZE, HOLDER_SIZE = 13.0, 12.5  # pixels, as in the stylesheet


@dataclass(frozen=True, slots=True)
class DrawnSeat:
    """A box: where it stands, what it says, and what it says in full when one asks."""

    box: geometry.Box
    row: SeatRow
    name: str  # shortened to what fits
    holder: str
    full: str
    focus: str  # what the badge does that counts those below

    @property
    def vacant(self) -> bool:
        return self.row.vacant

    # Coordinates of the parts, from the box's own corner. Half a pixel keeps thin strokes sharp.

    @property
    def inner_width(self) -> int:
        return self.box.width - 1

    @property
    def inner_height(self) -> int:
        return self.box.height - 1

    @property
    def cut(self) -> int:
        return self.box.height - CORNER

    @property
    def cut_x(self) -> int:
        return self.box.width - CORNER

    @property
    def tick_end(self) -> int:
        return self.box.height - 6

    @property
    def fold_x(self) -> int:
        return self.box.width - 32

    @property
    def fold_y(self) -> int:
        return self.box.height - 20

    @property
    def fold_text(self) -> int:
        return self.fold_x + 13

    @property
    def fold_base(self) -> int:
        return self.fold_y + 13


@dataclass(frozen=True, slots=True)
class DrawnLine:
    path: str  # of an SVG path
    dotted: bool
    label: str


@dataclass(frozen=True, slots=True)
class ListedSeat:
    """A seat in the list that says the same as the drawing; ``opens`` and ``closes`` nest it."""

    row: SeatRow
    level: int
    also: tuple[Bilingual, ...]  # the other ends of its dotted lines
    below: int
    folded: int
    first: bool  # of those who report to the same seat: opens their list
    leaf: bool  # nobody is listed under it
    closes: tuple[int, ...]  # one entry a list that ends after it


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    seats: tuple[DrawnSeat, ...]
    lines: tuple[DrawnLine, ...]
    listed: tuple[ListedSeat, ...]
    kinds: tuple[FunctionKind, ...]  # for the legend
    total: int
    vacant: int
    root: SeatRow | None
    depth: int | None
    deepest: int  # levels under the top
    path: tuple[SeatRow, ...]  # from the top down to the root, for going back up


def draw(*, law: Law, day: date, root: str = "", depth: int | None = None) -> Drawing | None:
    """None where ``root`` is no open seat. ``depth`` 0 is "all levels", None is "as fits"."""
    rows = {row.id: row for row in seat_rows(law=law, day=day)}
    top = next((row for row in rows.values() if row.key == root), None)
    if root and top is None:
        return None
    nodes = _nodes(rows, law, day)
    tree = chart.tree_of(nodes, root=top.id if top else None)
    levels = _levels(tree, depth)
    laid = chart.lay_out(nodes, root=top.id if top else None, depth=levels)
    shown = [rows[box.id] for box in laid.boxes]
    dotted = {node.id: node.dotted for node in nodes}
    return Drawing(
        width=laid.width,
        height=laid.height,
        seats=tuple(_drawn(box, rows[box.id]) for box in laid.boxes),
        lines=tuple(_line(line, rows) for line in laid.lines),
        listed=_listed(tree, laid, rows, dotted, levels),
        kinds=tuple(kind for kind in FunctionKind if any(row.kind is kind for row in shown)),
        total=len(tree.order),
        vacant=sum(rows[seat].vacant for seat in tree.order),
        root=top,
        depth=levels,
        deepest=max((tree.level[seat] for seat in tree.order), default=0),
        path=_path(top, rows, law, day),
    )


def _nodes(rows: Mapping[int, SeatRow], law: Law, day: date) -> tuple[chart.Node, ...]:
    dotted: dict[int, list[int]] = {}
    for line in ReportingLine.objects.filter(dotted=True):
        if line.superior_id in rows:
            dotted.setdefault(line.seat_id, []).append(line.superior_id)
    return tuple(
        chart.Node(seat, superior_on(law, seat, day), tuple(dotted.get(seat, ()))) for seat in rows
    )


def _levels(tree: chart.Tree, asked: int | None) -> int | None:
    if asked is None:
        return chart.default_depth(tree, most=SHOWN_AT_FIRST)
    most = chart.default_depth(tree, most=DRAWN_AT_MOST)
    wanted = min(asked, DEEPEST) if asked > 0 else None
    return min((limit for limit in (most, wanted) if limit is not None), default=None)


def _path(
    top: SeatRow | None, rows: Mapping[int, SeatRow], law: Law, day: date
) -> tuple[SeatRow, ...]:
    path: list[SeatRow] = []
    at = superior_on(law, top.id, day) if top else None
    while at is not None and at in rows and rows[at] not in path:
        path.insert(0, rows[at])
        at = superior_on(law, at, day)
    return tuple(path)


def _drawn(box: geometry.Box, row: SeatRow) -> DrawnSeat:
    holder, deputies = row.holder_names, row.deputy_names
    if not holder and deputies:
        holder = _("Vacant; deputy: %(names)s") % {"names": deputies}
    elif not holder:
        holder = _("Vacant")
    full = f"{row.name} · {holder}"
    if row.holders and deputies:
        full = _("%(seat)s; deputy today: %(names)s") % {"seat": full, "names": deputies}
    return DrawnSeat(
        box=box,
        row=row,
        name=fitting(str(row.name), TEXT_WIDTH, NAME_SIZE),
        holder=fitting(holder, TEXT_WIDTH - (BADGE if box.below else 0), HOLDER_SIZE),
        full=full,
        focus=_("Show only “%(seat)s” and those below: %(count)s")
        % {"seat": row.name, "count": box.below},
    )


def _line(line: geometry.Line, rows: Mapping[int, SeatRow]) -> DrawnLine:
    start, *rest = line.points
    path = f"M{start[0]} {start[1]}" + "".join(f"L{x} {y}" for x, y in rest)
    names = {"seat": rows[line.seat].name, "superior": rows[line.superior].name}
    label = _("Dotted line: %(seat)s, %(superior)s") % names if line.dotted else ""
    return DrawnLine(path=path, dotted=line.dotted, label=label)


def _listed(
    tree: chart.Tree,
    laid: chart.Chart,
    rows: Mapping[int, SeatRow],
    dotted: Mapping[int, tuple[int, ...]],
    levels: int | None,
) -> tuple[ListedSeat, ...]:
    """Depth first, as one reads a list."""
    boxes = {box.id: box for box in laid.boxes}
    order: list[tuple[int, bool]] = []
    stack = [(seat, number == 0) for number, seat in reversed(list(enumerate(tree.roots)))]
    while stack:
        seat, first = stack.pop()
        order.append((seat, first))
        if levels is None or tree.level[seat] < levels:
            below = list(enumerate(tree.children[seat]))
            stack.extend((child, number == 0) for number, child in reversed(below))
    after = [tree.level[seat] for seat, _first in order[1:]] + [0]
    return tuple(
        ListedSeat(
            row=rows[seat],
            level=tree.level[seat],
            also=tuple(rows[other].name for other in dotted[seat]),
            below=boxes[seat].below,
            folded=boxes[seat].folded,
            first=first,
            leaf=next_level <= tree.level[seat],
            closes=tuple(range(max(tree.level[seat] - next_level, 0))),
        )
        for (seat, first), next_level in zip(order, after, strict=True)
    )
