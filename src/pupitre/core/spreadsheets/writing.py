"""Writing tables that a spreadsheet opens well and never runs.

Cells that a spreadsheet would take for a formula become text by a leading apostrophe; reading
takes it away again, so a round trip changes nothing.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from pupitre.core.errors import Invalid

MAX_EXPORT_ROWS = 100_000
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# What Excel, LibreOffice or Google Sheets may take for a formula, the full-width forms that an
# East Asian Excel also accepts, and the blanks that some of them skip first. Text that already
# wears our apostrophes gets one more, so that reading can always take exactly one away.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
# Characters that XML 1.0 cannot carry, and lone surrogates that UTF-8 cannot.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
XLSX_CELL_CHARACTERS = 32_767  # Excel's own limit
EXACT_DIGITS = 10**15  # beyond it a spreadsheet's double rounds: such a number leaves as text

Plain = str | int | float | Decimal | date | None


def safe_cell(value: object) -> Plain:
    """A value that a spreadsheet shows and never runs: numbers and dates stay what they are.

    Aware instants become local time of the active zone, for a spreadsheet knows no zones;
    true and false become words; anything else becomes text with formulas made harmless.
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int):
        return value if abs(value) < EXACT_DIGITS else str(value)
    if isinstance(value, (float, Decimal)):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    text = UNPRINTABLE.sub("", str(value))
    return f"'{text}" if FORMULA.match(text) else text


def write_csv(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, language: str
) -> bytes:
    """A CSV file that a double click opens well in the reader's Excel.

    UTF-8 with a byte-order mark, for without it Excel guesses another encoding. In French the
    separator is ";" and the decimal mark ",", in English "," and ".": what the Excel of each
    language expects. Every text is quoted, so that another separator cannot split it.
    """
    french = language.startswith("fr")
    file = io.StringIO(newline="")
    writer = csv.writer(
        file, delimiter=";" if french else ",", quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n"
    )
    for row in _bounded(header, rows):
        writer.writerow([_csv_cell(safe_cell(value), french=french) for value in row])
    return "\ufeff".encode() + file.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet of a workbook. ``widths`` are in characters; by default they follow the header."""

    title: str
    header: Sequence[object]
    rows: Iterable[Sequence[object]]
    widths: Sequence[int] = ()
    frozen_columns: int = 0  # how many stay in sight on the left


def write_xlsx(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, title: str = ""
) -> bytes:
    """A workbook of one sheet, its first line bold and kept in sight. Text is stored as text."""
    return write_workbook(Page(title=title, header=header, rows=rows))


def write_workbook(*pages: Page) -> bytes:
    """A workbook of several sheets, as ``write_xlsx`` writes one."""
    book = Workbook(write_only=True)
    for page in pages:
        _write_page(book, page)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_page(book: Workbook, page: Page) -> None:
    sheet: Any = book.create_sheet(_sheet_title(page.title))  # the stubs know half of it
    sheet.freeze_panes = f"{get_column_letter(page.frozen_columns + 1)}2"
    for position, name in enumerate(page.header):
        width = min(max(len(str(name)) + 4, 12), 48)
        if position < len(page.widths):
            width = page.widths[position]
        sheet.column_dimensions[get_column_letter(position + 1)].width = width
    for number, row in enumerate(_bounded(page.header, page.rows)):
        cells = [_xlsx_cell(sheet, safe_cell(value)) for value in row]
        if number == 0:
            for cell in cells:
                cell.font = Font(bold=True)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.append(cells)


def _bounded(
    header: Sequence[object], rows: Iterable[Sequence[object]]
) -> Iterable[Sequence[object]]:
    yield header
    for number, row in enumerate(rows, start=1):
        check_export_size(number)
        yield row


def check_export_size(rows: int) -> None:
    """Refuse an export that is too long, before or while it is read."""
    if rows > MAX_EXPORT_ROWS:
        raise Invalid(
            _("This export has more than %(limit)s rows. Filter the list first, then export.")
            % {"limit": f"{MAX_EXPORT_ROWS:,}".replace(",", "\u202f")}
        )


def _csv_cell(value: Plain, *, french: bool) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, Decimal)):
        # Fixed notation: "1e-05" is text in some spreadsheets.
        plain = format(Decimal(str(value)), "f")
        return _Bare(plain.replace(".", ",")) if french else _Bare(plain)
    return value


class _Bare(float):
    """A number that the csv module leaves unquoted, written as we wrote it."""

    _text: str

    def __new__(cls, text: str) -> _Bare:
        bare = super().__new__(cls, 0.0)
        bare._text = text
        return bare

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__


def _xlsx_cell(sheet: Any, value: Plain) -> Cell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, date) and value.year < 1900:
        value = value.isoformat()  # before the spreadsheet's calendar begins
    if isinstance(value, str):
        if len(value) > XLSX_CELL_CHARACTERS:
            value = value[: XLSX_CELL_CHARACTERS - 1] + "…"
        cell.value = value
        cell.data_type = "s"  # never "f", whatever the text begins with
    else:
        cell.value = value
    return cell


def _sheet_title(title: str) -> str:
    """Excel refuses some characters in a sheet's name, and more than 31 of any."""
    return re.sub(r"[\[\]:*?/\\']", " ", UNPRINTABLE.sub("", title)).strip()[:31] or "Pupitre"
