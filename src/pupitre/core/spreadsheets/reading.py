"""Reading a table that somebody uploaded: bounded, typed as text, each cell with its place.

Every refusal is an `Invalid` whose sentence says what to do, and where in the file.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import PurePath
from typing import Any, BinaryIO

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from pupitre.core.errors import Invalid

MAX_UPLOAD_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 50 * 1024 * 1024
MAX_PARTS = 500  # files inside a workbook; an honest one has a dozen
MAX_ROWS = 20_000
MAX_COLUMNS = 600
MAX_CELL_CHARACTERS = 5_000

ZIP_MARK = b"PK\x03\x04"
OLE_MARK = b"\xd0\xcf\x11\xe0"  # old .xls, and every workbook under a password
TEXT_SUFFIXES = {".csv", ".tsv", ".txt"}
DELIMITERS = (";", ",", "\t")
SNIFFED_RECORDS = 20
# The apostrophe that our own export puts before what looks like a formula.
NEUTRALISED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")
CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. Cells are text, trimmed; positions count from 1, as on screen."""

    line: int
    cells: tuple[str, ...]

    def text(self, column: int) -> str:
        """The cell in a column counted from 1, empty where the line is shorter."""
        return self.cells[column - 1] if 1 <= column <= len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The lines that hold something, in order; the first is the header."""

    filename: str
    rows: tuple[Row, ...]


def column_name(column: int) -> str:
    """The letter that a spreadsheet shows over a column counted from 1: 28 is AB."""
    name = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def place(line: int, column: int | None = None) -> str:
    """Where in the file, in the reader's language: "line 4, column C"."""
    if column is None:
        return _("line %(line)s") % {"line": line}
    return _("line %(line)s, column %(column)s") % {"line": line, "column": column_name(column)}


def read_table(upload: BinaryIO, filename: str) -> Sheet:
    """The first sheet of a CSV or XLSX file, recognised by its content rather than its name.

    Raises `Invalid` for anything that is too large, unreadable, protected, or not a table.
    """
    data = upload.read(MAX_UPLOAD_BYTES + 1)
    if len(data) > MAX_UPLOAD_BYTES:
        raise Invalid(
            _("This file weighs more than %(limit)s MB. Split it, or send only what changes.")
            % {"limit": MAX_UPLOAD_BYTES // 1024**2}
        )
    if not data.strip():
        raise Invalid(_("This file is empty."))
    if data.startswith(OLE_MARK):
        raise Invalid(
            _(
                "This workbook is protected by a password, or comes from an old Excel. "
                "Save it as .xlsx without a password, or as .csv."
            )
        )
    records = _xlsx_records(data) if data.startswith(ZIP_MARK) else _csv_records(data, filename)
    rows = tuple(_rows(records))
    if not rows:
        raise Invalid(_("This file is empty."))
    return Sheet(filename=PurePath(filename).name, rows=rows)


def _rows(records: Iterable[Iterable[object]]) -> Iterator[Row]:
    """Numbered rows without the blank ones, each bound checked as it is met."""
    for line, record in enumerate(records, start=1):
        if line > MAX_ROWS + 1:  # the header is not counted
            raise Invalid(
                _("This file has more than %(limit)s lines. Split it into several files.")
                % {"limit": f"{MAX_ROWS:,}".replace(",", "\u202f")}
            )
        cells = [_text(value) for value in record]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise Invalid(
                _("%(place)s: more than %(limit)s columns. Is this the right file?")
                % {"place": capfirst(place(line)), "limit": MAX_COLUMNS}
            )
        for column, cell in enumerate(cells, start=1):
            if len(cell) > MAX_CELL_CHARACTERS:
                raise Invalid(
                    _("%(place)s: this cell holds more than %(limit)s characters. Shorten it.")
                    % {"place": capfirst(place(line, column)), "limit": MAX_CELL_CHARACTERS}
                )
        if cells:
            yield Row(line=line, cells=tuple(cells))


def _text(value: object) -> str:
    """A cell as the person sees it: whole numbers without ".0", days without midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        if value.time() == time():
            return value.date().isoformat()
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    text = str(value)
    if NEUTRALISED.match(text):
        text = text[1:]
    return CONTROL.sub("", text).strip()


# CSV


def _csv_records(data: bytes, filename: str) -> Iterator[list[str]]:
    text = _decoded(data)
    if text is None or (PurePath(filename).suffix.lower() not in TEXT_SUFFIXES):
        raise Invalid(_("This file is not a table that we can read. Send a .csv or an .xlsx file."))
    delimiter, text = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 0
    try:
        for line, record in enumerate(reader, start=1):  # noqa: B007 - told in the error
            yield record
    except csv.Error as error:
        raise Invalid(
            _(
                "%(place)s: the quotation marks do not match, or a cell is far too long. "
                "Correct this line and send the file again."
            )
            % {"place": capfirst(place(line + 1))}
        ) from error


def _decoded(data: bytes) -> str | None:
    """UTF-8 with or without a mark, Excel's UTF-16, or Windows' Western encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def _delimiter(text: str) -> tuple[str, str]:
    """The separator, and the text without Excel's own "sep=;" line where it has one."""
    hint = re.match(r"sep=([;,\t])\r?\n", text)
    if hint:
        # A blank line keeps the numbering that the spreadsheet shows.
        return hint.group(1), "\n" + text[hint.end() :]
    return max(DELIMITERS, key=lambda delimiter: _score(text, delimiter)), text


def _score(text: str, delimiter: str) -> float:
    """How well a separator cuts the first lines: columns of the header, times agreement."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        widths = [len(record) for record in islice(reader, SNIFFED_RECORDS) if record]
    except csv.Error:
        return 0.0
    if not widths or widths[0] < 2:
        return 0.0
    agreeing = sum(1 for width in widths if width == widths[0])
    return widths[0] * agreeing / len(widths)


# XLSX


def _xlsx_records(data: bytes) -> Iterator[tuple[Any, ...]]:
    _check_parts(data)
    unreadable = Invalid(
        _("This workbook is damaged. Open it in your spreadsheet, save it as .xlsx, try again.")
    )
    book = None
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = book.worksheets
        if not sheets:
            raise unreadable
        sheet = sheets[0]
        sheet.reset_dimensions()  # what the file claims about its size is not to be believed
        yield from sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True)
    except (Invalid, GeneratorExit, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever a hostile file makes it stumble on,
        # and defusedxml, which it parses with where it is installed, refuses entity bombs
        raise unreadable from error
    finally:
        if book is not None:
            book.close()


def _check_parts(data: bytes) -> None:
    """Look at a workbook's table of contents before anything in it is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Invalid(
            _("This workbook is damaged. Open it in your spreadsheet, save it as .xlsx, try again.")
        ) from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise Invalid(_("This file is not a table that we can read. Send a .csv or an .xlsx file."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid(_("This workbook holds macros. Save it as .xlsx, without them."))
    if any(part.flag_bits & 0x1 for part in parts):
        raise Invalid(
            _(
                "This workbook is protected by a password, or comes from an old Excel. "
                "Save it as .xlsx without a password, or as .csv."
            )
        )
    # zipfile never unpacks more than the size declared here, so a false one cannot hurt.
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Invalid(
            _(
                "Once unpacked, this workbook is far too large. "
                "Copy the lines that matter into a new one."
            )
        )
