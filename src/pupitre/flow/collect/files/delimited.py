"""CSV and its kin: any separator, quoted cells over several lines, encodings of Excel's exports."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail
from pupitre.flow.collect.files import text
from pupitre.flow.collect.files.chunks import (
    CHUNK_BYTES,
    MAX_COLUMNS,
    MAX_RECORD_BYTES,
    BadRow,
    Chunk,
    cell_name,
    distinct_names,
    of_cells,
    with_lines,
)
from pupitre.flow.collect.files.mapping import Layout

SNIFFED_BYTES = 256 * 1024
SNIFFED_ROWS = 50
SEPARATORS = (";", ",", "\t", "|", " ")
MAX_BAD_BYTES = 4096  # of one bad row, as quarantine keeps it
_VALUE = re.compile(r"[-+]?[\d\s.,:/TZ-]*\d[\d\s.,:/TZ-]*")  # a number or a date: no heading
_SPACES = re.compile(rb" +")
csv.field_size_limit(MAX_RECORD_BYTES)


class Delimited:
    """A text file with separators. Raises Invalid where it is none."""

    unit = "bytes"

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.size = path.stat().st_size
        data = text.beginning(path, SNIFFED_BYTES)
        encoding = layout.encoding or encoding_of(data)
        if encoding not in text.ENCODINGS:
            raise Invalid(
                _("We read these encodings: %(list)s.") % {"list": ", ".join(text.ENCODINGS)}
            )
        self._old_mac = encoding != "utf-16" and b"\n" not in data and b"\r" in data
        self._encoding = encoding
        lines = self._first_lines()
        if not lines:
            raise Invalid(_("This file is empty."))
        separator = layout.separator or separator_of(lines)
        if len(separator) != 1 or not separator.isascii() or separator in '"\r\n':
            raise Invalid(_("A separator is one character: a comma, a semicolon, a tab."))
        self._separator = separator
        first = self._first_rows(SNIFFED_ROWS)
        width = len(first[0]) if first else 0
        if width > MAX_COLUMNS:
            raise Invalid(_("At most %(count)s columns.") % {"count": MAX_COLUMNS})
        header = has_header(first) if layout.header is None else layout.header
        self._header = header
        if not first[1 if header else 0 :]:
            raise Invalid(_("This file has a header, and no row."))
        self.columns = distinct_names(first[0] if header else [""] * width)
        self.layout = replace(layout, encoding=encoding, separator=separator, header=header)

    def _first_lines(self) -> list[str]:
        with self.path.open("rb") as file:
            data = text.Utf8(file, self._encoding, old_mac=self._old_mac).read(SNIFFED_BYTES)
        lines = data[:SNIFFED_BYTES].decode("utf-8", "replace").splitlines()
        return [line for line in lines[: SNIFFED_ROWS + 1] if line.strip()]

    def _first_rows(self, count: int) -> list[list[str]]:
        for block in self._blocks(SNIFFED_BYTES):
            rows = []
            for start, end in zip(block.starts, block.ends, strict=True):
                raw = block.data[start : min(end, start + MAX_RECORD_BYTES)]
                if raw.strip():
                    rows.append(self._cells(raw.decode("utf-8", "replace")))
                if len(rows) >= count:
                    break
            return rows
        return []

    def _blocks(self, size: int) -> Iterator[text.Block]:
        with self.path.open("rb") as file:
            source = text.Utf8(file, self._encoding, old_mac=self._old_mac)
            yield from text.blocks(source, separator=ord(self._separator), size=size)

    def chunks(
        self, columns: Sequence[str], *, size: int = CHUNK_BYTES, after: int = -1
    ) -> Iterator[Chunk]:
        """The rows, with the columns that are asked for. Chunks up to ``after`` are passed over."""
        wanted = sorted({self.columns.index(name) for name in columns})
        header = self._header
        with self.path.open("rb") as file:
            source = text.Utf8(file, self._encoding, old_mac=self._old_mac)
            found = text.blocks(source, separator=ord(self._separator), size=size)
            for number, block in enumerate(found):
                if number > after:
                    yield self._chunk(number, block, wanted, header, file.tell())
                header = False

    def _chunk(
        self, number: int, block: text.Block, wanted: Sequence[int], header: bool, done: int
    ) -> Chunk:
        starts, ends, lines = block.starts, block.ends, block.lines
        blank = ends - starts <= 2  # a newline, perhaps a space or a return before it
        if blank.any():
            blank[blank] = [
                not block.data[start:end].strip()
                for start, end in zip(starts[blank], ends[blank], strict=True)
            ]
        kept = ~blank
        if header and kept.any():
            kept[np.argmax(kept)] = False
        starts, ends, lines = starts[kept], ends[kept], lines[kept]
        plain = self._separator != " " and not block.unclosed and b"\0" not in block.data
        if plain and len(starts) and int((ends - starts).max()) <= MAX_RECORD_BYTES:
            table = self._parsed(block.data[starts[0] :], len(starts), wanted)
            if table is not None:
                return Chunk(number, with_lines(table, lines), (), done)
        return self._carefully(number, block, (starts, ends, lines), wanted, done)

    def _parsed(self, data: bytes, rows: int, wanted: Sequence[int]) -> pa.Table | None:
        """All rows at once; nothing where one of them is not as it should be."""
        names = [cell_name(index) for index in range(len(self.columns))]
        include = [names[index] for index in wanted] or names[:1]
        try:
            table = arrow_csv.read_csv(
                pa.py_buffer(data),
                read_options=arrow_csv.ReadOptions(
                    column_names=names, block_size=4 * MAX_RECORD_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._separator, newlines_in_values=b'"' in data
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    include_columns=include,
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != rows:
            return None
        return table

    def _carefully(
        self,
        number: int,
        block: text.Block,
        records: tuple[np.ndarray, np.ndarray, np.ndarray],
        wanted: Sequence[int],
        done: int,
    ) -> Chunk:
        """Row by row, to tell the bad ones."""
        good: list[list[str]] = []
        lines: list[int] = []
        bad: list[BadRow] = []
        for start, end, line in zip(*(part.tolist() for part in records), strict=True):
            raw = block.data[start:end]
            found = self._row(raw, start in block.unclosed)
            if isinstance(found, Detail):
                wrong = detail(Wrong.ON_LINE, line=line, what=found)
                bad.append(BadRow(line, Refusal.BAD_ROW, wrong, raw[:MAX_BAD_BYTES]))
            else:
                good.append(found)
                lines.append(line)
        return Chunk(number, of_cells(good, lines, wanted), tuple(bad), done)

    def _row(self, raw: bytes, unclosed: bool) -> list[str] | Detail:
        """Its cells, or what is wrong with it."""
        if unclosed:
            return detail(Wrong.UNCLOSED)
        if len(raw) > MAX_RECORD_BYTES:
            return detail(Wrong.ROW_TOO_LONG, most=MAX_RECORD_BYTES // 1024)
        if b"\0" in raw:
            return detail(Wrong.HOLDS_NUL)
        try:
            cells = self._cells(raw.decode("utf-8"))
        except UnicodeDecodeError as error:
            return detail(Wrong.BYTE_NOT_UTF8, byte=error.start + 1)
        except csv.Error as error:
            return detail(Wrong.NO_CELLS, engine=str(error))
        if len(cells) != len(self.columns):
            return detail(Wrong.CELLS_EXPECTED, cells=len(cells), expected=len(self.columns))
        return cells

    def _cells(self, line: str) -> list[str]:
        line = line.rstrip("\r\n")
        if self._separator == " ":
            line = " ".join(line.split(" ")).strip() if '"' in line else " ".join(line.split())
        return next(csv.reader(io.StringIO(line, newline=""), delimiter=self._separator), [])


def encoding_of(data: bytes) -> str:
    """By its first bytes: what is no UTF-8 comes from an older Excel in Western Europe."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(data) - 4:  # the last character may have been cut in two
            return "cp1252"
    return "utf-8"


def separator_of(lines: Sequence[str]) -> str:
    """The one that cuts the first lines into the same number of cells, and into the most."""
    best, score = ",", (0.0, 0)
    for separator in SEPARATORS:
        cut = [" ".join(line.split()) for line in lines] if separator == " " else list(lines)
        counts = [len(row) for row in csv.reader(cut, delimiter=separator)]
        usual = max(set(counts), key=counts.count)
        if usual < 2:
            continue
        alike = counts.count(usual) / len(counts)
        quality = (round(alike, 1) - (0.4 if separator == " " else 0), usual)
        if quality > score:
            best, score = separator, quality
    return best


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Words, each another, and none that looks like a number or a date."""
    if not rows:
        return False
    first = [cell.strip() for cell in rows[0]]
    named = [cell for cell in first if cell]
    if not named or len(set(named)) != len(named) or len(named) < len(first) / 2:
        return False
    return not any(_VALUE.fullmatch(cell) or "@" in cell for cell in named)
