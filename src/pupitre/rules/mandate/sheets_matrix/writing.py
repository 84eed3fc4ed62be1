"""A matrix as a CSV file or a workbook: one line a row, one column a seat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Page, write_csv, write_workbook
from pupitre.core.spreadsheets.reading import MAX_COLUMNS
from pupitre.rules.mandate.contracts import Domain
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.sheets_matrix.columns import COLUMNS, SEPARATOR, Rows

_WIDTHS = (14, 26, 44, 12, 12)  # characters, one for each of COLUMNS
_SEAT_WIDTH = 14


def matrix_csv(law: Law, rows: Rows, *, language: str) -> bytes:
    header, lines = _table(law, rows)
    return write_csv(header, lines, language=language)


def matrix_xlsx(law: Law, rows: Rows, *, title: str) -> bytes:
    """A workbook: the matrix, and a second sheet that says what the letters mean."""
    header, lines = _table(law, rows)
    seats = len(header) - len(COLUMNS)
    matrix = Page(
        title=title,
        header=header,
        rows=lines,
        widths=(*_WIDTHS, *(_SEAT_WIDTH for _seat in range(seats))),
        frozen_columns=3,
    )
    legend = Page(
        title=_("How to fill it in"),
        header=(_("Letter"), _("The seat…"), _("In a row")),
        rows=_legend(),
        widths=(12, 70, 70),
    )
    return write_workbook(matrix, legend)


def _legend() -> Iterator[tuple[str, str, str]]:
    yield "A", _("is accountable: it approves, and answers for the outcome"), _("exactly one")
    yield "R", _("is responsible: it acts, and asks for decisions"), _("at least one")
    yield "A R", _("approves and acts"), _("where one seat does both")
    yield "C", _("is consulted before the decision"), _("where an opinion may change it")
    yield "I", _("is informed afterwards"), _("wherever work depends on the outcome")
    yield "", _("has no part in it"), ""


def _table(law: Law, rows: Rows) -> tuple[tuple[str, ...], Iterable[tuple[str, ...]]]:
    seats = _columns(law, rows)
    header = (
        *(str(name) for name in COLUMNS.values()),
        *(f"{seat.key}{SEPARATOR}{seat.name}" for seat in seats),
    )
    return header, _lines(law, rows, seats)


def _columns(law: Law, rows: Rows) -> tuple[SeatFacts, ...]:
    """Open seats, for somebody may want to fill them in, and whichever holds a letter."""
    lettered = {seat for row in rows.values() for seat in row}
    seats = [s for s in law.seats.values() if s.closed_on is None or s.id in lettered]
    room = MAX_COLUMNS - len(COLUMNS)
    if len(seats) > room:
        seats = [seat for seat in seats if seat.id in lettered]
    if len(seats) > room:
        raise Invalid(
            _("A spreadsheet holds %(room)s seats, and %(count)s have letters. Take the PDF.")
            % {"room": room, "count": len(seats)}
        )
    return tuple(seats)


def _lines(law: Law, rows: Rows, seats: Sequence[SeatFacts]) -> Iterator[tuple[str, ...]]:
    """Rows, and the activities that have none yet, as empty lines to fill in."""
    unwritten: Rows = {("", key): {} for key in law.activities if ("", key) not in rows}
    everything = {**unwritten, **rows}
    for (scope, key), row in sorted(everything.items(), key=lambda line: _rank(law, line[0])):
        activity = law.activities.get(key)
        yield (
            scope,
            key,
            str(activity.name) if activity else "",
            str(activity.domain.label) if activity else "",
            (_("yes") if activity.enforced else _("no")) if activity else "",
            *(" ".join(row.get(seat.id, "")) for seat in seats),
        )


def _rank(law: Law, row: tuple[str, str]) -> tuple[str, int, str]:
    """The company's rows first, by domain; then those of each initiative."""
    scope, key = row
    activity = law.activities.get(key)
    return (scope, list(Domain).index(activity.domain) if activity else len(Domain), key)
