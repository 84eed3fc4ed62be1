"""A matrix as a page draws it: columns, groups, rows and cells, within named limits. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from urllib.parse import urlencode

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, SeatView
from pupitre.rules.mandate.findings import Finding
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.filters import Filters

Rows = Mapping[tuple[str, str], Mapping[int, str]]

MAX_COLUMNS = 40  # seats drawn side by side
MAX_ROWS = 80  # rows drawn on one page: with MAX_COLUMNS, 3,200 cells at most
FEW_SEATS = 12  # a company this small sees all its seats, letters or not
MANY_COLUMNS = 9  # from here on the names stand upright
_ORDER = {"A": 0, "AR": 1, "R": 2, "C": 3, "I": 4}
_DOMAINS = {domain: position for position, domain in enumerate(Domain)}


@dataclass(frozen=True, slots=True)
class Column:
    seat: SeatView
    vacant: bool  # nobody sits there and nobody deputises
    closed: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell. ``wrong``: a finding is about it."""

    seat: SeatView
    letters: str  # "", "A", "R", "AR", "C", "I"
    vacant: bool
    wrong: bool
    before: str | None = None  # in the version that this one is compared with, where it differs

    @property
    def change(self) -> str:
        """ "added", "removed", "changed", or "" where nothing changes."""
        if self.before is None:
            return ""
        if not self.before:
            return "added"
        return "changed" if self.letters else "removed"


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``level``: "bad" where an error is about it, "warn" for a warning."""

    id: str  # for the page: letters and digits
    scope: str
    scope_name: Bilingual | None
    activity: Activity
    known: bool  # False where the activity was retired
    cells: tuple[Mark, ...]  # one a column
    held: tuple[Mark, ...]  # every seat with letters, A first, drawn or not
    level: str = ""

    @property
    def changed(self) -> tuple[Mark, ...]:
        """Drawn cells that hold something else than in the version compared with."""
        return tuple(cell for cell in self.cells if cell.change)

    @property
    def by_letters(self) -> tuple[tuple[Mark, ...], ...]:
        """Seats that hold the same letters together: what a narrow page lists."""
        return tuple(
            tuple(marks) for _letters, marks in groupby(self.held, key=lambda mark: mark.letters)
        )

    @property
    def query(self) -> str:
        """The row in an address."""
        return urlencode({"scope": self.scope, "activity": self.activity.key})

    @property
    def beyond(self) -> int:
        """Letters of this row whose seats are not among the columns."""
        return len(self.held) - sum(1 for cell in self.cells if cell.letters)


@dataclass(frozen=True, slots=True)
class Group:
    domain: Domain
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class MatrixTable:
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    total_rows: int  # that the filters keep, on all pages
    total_columns: int
    pages: int
    page: int
    column_pages: int
    column_page: int

    @property
    def many(self) -> bool:
        return len(self.columns) > MANY_COLUMNS

    @property
    def width(self) -> int:
        return len(self.columns) + 1

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def first_column(self) -> int:
        return (self.column_page - 1) * MAX_COLUMNS + 1

    @property
    def last_column(self) -> int:
        return self.first_column + len(self.columns) - 1


@dataclass(frozen=True, slots=True)
class Source:
    """What a table is drawn from: a version in the company of a day."""

    law: Law
    rows: Rows
    activities: Mapping[str, Activity]  # names, retired ones included
    scopes: Mapping[str, Bilingual]
    day: date
    findings: tuple[Finding, ...] = ()
    empty_rows: bool = False  # whether activities without letters are drawn too
    before: Rows | None = None  # the version that this one is compared with


def row_id(scope: str, activity: str) -> str:
    """An id for the page. Keys hold dots, which selectors take for something else."""
    return "r" + hashlib.sha256(f"{scope}|{activity}".encode()).hexdigest()[:12]


def plain(text: str) -> str:
    """For comparing and sorting what people wrote: no accents, no capitals."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())


def draw(source: Source, filters: Filters, *, keep: Collection[int] = ()) -> MatrixTable:
    """The table that the filters ask for, cut to the limits.

    ``keep``: seats that stay drawn although their last letter has just gone.
    """
    places = _places(source, filters)
    pages = max(1, -(-len(places) // MAX_ROWS))
    page = min(max(filters.page, 1), pages)
    shown = places[(page - 1) * MAX_ROWS : page * MAX_ROWS]
    seats = _seats(source, filters, shown, keep)
    column_pages = max(1, -(-len(seats) // MAX_COLUMNS))
    column_page = min(max(filters.column_page, 1), column_pages)
    columns = tuple(
        _column(source, seat)
        for seat in seats[(column_page - 1) * MAX_COLUMNS : column_page * MAX_COLUMNS]
    )
    marks = marks_by_row(source.findings)
    lines = [_line(source, place, columns, marks) for place in shown]
    groups = tuple(
        Group(domain, tuple(line for line in lines if line.activity.domain is domain))
        for domain in Domain
    )
    return MatrixTable(
        columns=columns,
        groups=tuple(group for group in groups if group.lines),
        total_rows=len(places),
        total_columns=len(seats),
        pages=pages,
        page=page,
        column_pages=column_pages,
        column_page=column_page,
    )


@dataclass(frozen=True, slots=True)
class RowMarks:
    """What the findings say of one row: how bad, and which cells."""

    level: str = ""
    wrong: frozenset[int] = frozenset()


def marks_by_row(findings: Iterable[Finding]) -> Mapping[tuple[str, str], RowMarks]:
    """Rows and cells that findings point at.

    What is wrong with a row tints it. What is wrong with a seat does not: an empty chair would
    paint half the matrix. Errors ring the cells that they are about, warnings do not.
    """
    levels: dict[tuple[str, str], str] = {}
    wrong: dict[tuple[str, str], set[int]] = {}
    for finding in findings:
        if finding.activity is not None:
            place = (finding.scope, finding.activity)
            if finding.blocks or place not in levels:
                levels[place] = "bad" if finding.blocks else "warn"
        if finding.blocks:
            for scope, activity, seat in finding.cells:
                wrong.setdefault((scope, activity), set()).add(seat)
    return {
        place: RowMarks(levels.get(place, ""), frozenset(wrong.get(place, ())))
        for place in levels.keys() | wrong.keys()
    }


def _places(source: Source, filters: Filters) -> list[tuple[str, str]]:
    """(scope, activity) of the rows that the filters keep, in reading order."""
    known = set(source.rows)
    if source.empty_rows:
        known |= {("", key) for key in source.law.activities}
    kept = [place for place in known if _kept(source, filters, place)]
    return sorted(kept, key=lambda place: _reading_order(source, place))


def _reading_order(source: Source, place: tuple[str, str]) -> tuple[int, str, str, str]:
    """By domain, by name; the company's row before those of initiatives."""
    scope, key = place
    activity = activity_named(source, key)
    return (_DOMAINS[activity.domain], plain(str(activity.name)), key, scope)


def _kept(source: Source, filters: Filters, place: tuple[str, str]) -> bool:
    scope, key = place
    activity = activity_named(source, key)
    if filters.domain is not None and activity.domain is not filters.domain:
        return False
    if filters.only == "enforced" and not activity.enforced:
        return False
    if filters.only == "own" and activity.enforced:
        return False
    if filters.only == "joint" and not activity.joint:
        return False
    if filters.only == "overridden" and not scope:
        return False
    if not filters.text:
        return True
    words = plain(filters.text).split()
    name = scope_named(source, scope)
    said = plain(
        " ".join([activity.name.fr, activity.name.en, key, *([str(name)] if name else [])])
    )
    return all(word in said for word in words)


def activity_named(source: Source, key: str) -> Activity:
    known = source.activities.get(key)
    return known or Activity(key, Bilingual(key, key), Domain.PROCESS)


def scope_named(source: Source, scope: str) -> Bilingual | None:
    return source.scopes.get(scope, Bilingual(scope, scope)) if scope else None


def _seats(
    source: Source,
    filters: Filters,
    shown: Collection[tuple[str, str]],
    keep: Collection[int],
) -> list[int]:
    """The seats to draw, in the organisation's order."""
    law = source.law
    lettered = {seat for place in shown for seat in source.rows.get(place, {})} | set(keep)
    if source.before is not None:
        lettered |= {seat for place in shown for seat in source.before.get(place, {})}
    if filters.function is not None:
        wanted = {s.id for s in law.seats.values() if s.function_id == filters.function}
        wanted = {s for s in wanted if s in lettered or not _closed(source, s)}
    else:
        open_seats = {seat for seat in law.seats if not _closed(source, seat)}
        everyone = filters.all_seats or (source.empty_rows and len(open_seats) <= FEW_SEATS)
        heads = {seat for seat in open_seats if law.seats[seat].heads}
        wanted = lettered | (open_seats if everyone else set())
        if source.empty_rows:
            wanted |= heads
    return [seat for seat in law.seats if seat in wanted]


def _closed(source: Source, seat_id: int) -> bool:
    closed_on = source.law.seats[seat_id].closed_on
    return closed_on is not None and closed_on <= source.day


def _column(source: Source, seat_id: int) -> Column:
    return Column(
        seat=source.law.seat_view(seat_id, source.day),
        vacant=not source.law.occupied(seat_id, source.day),
        closed=_closed(source, seat_id),
    )


def _line(
    source: Source,
    place: tuple[str, str],
    columns: tuple[Column, ...],
    marks: Mapping[tuple[str, str], RowMarks],
) -> Line:
    scope, key = place
    row = source.rows.get(place, {})
    found = marks.get(place, RowMarks())
    before = _before(source, place)
    cells = tuple(
        Mark(
            c.seat,
            row.get(c.seat.id, ""),
            c.vacant,
            c.seat.id in found.wrong,
            _differing(before, row, c.seat.id),
        )
        for c in columns
    )
    held = sorted(row, key=lambda seat: (_ORDER[row[seat]], seat))
    return Line(
        id=row_id(scope, key),
        scope=scope,
        scope_name=scope_named(source, scope),
        activity=activity_named(source, key),
        known=key in source.law.activities,
        cells=cells,
        held=tuple(_mark(source, seat, row[seat], seat in found.wrong) for seat in held),
        level=found.level,
    )


def _mark(source: Source, seat_id: int, letters: str, wrong: bool) -> Mark:
    return Mark(
        seat=source.law.seat_view(seat_id, source.day),
        letters=letters,
        vacant=not source.law.occupied(seat_id, source.day),
        wrong=wrong,
    )


def _before(source: Source, place: tuple[str, str]) -> Mapping[int, str] | None:
    return None if source.before is None else source.before.get(place, {})


def _differing(
    before: Mapping[int, str] | None, row: Mapping[int, str], seat_id: int
) -> str | None:
    """What the cell held before, where it holds something else now."""
    if before is None or before.get(seat_id, "") == row.get(seat_id, ""):
        return None
    return before.get(seat_id, "")


def held_line(source: Source, place: tuple[str, str]) -> Line:
    """One row in words: who holds which letter, without a cell for each seat."""
    return _line(source, place, (), {})


def line_at(source: Source, place: tuple[str, str]) -> Line:
    """One row by itself, with every open seat and every seat that holds a letter in it."""
    row = source.rows.get(place, {})
    seats = [s for s in source.law.seats if s in row or not _closed(source, s)]
    columns = tuple(_column(source, seat) for seat in seats)
    return _line(source, place, columns, marks_by_row(source.findings))
