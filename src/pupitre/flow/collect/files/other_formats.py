"""JSON lines, Parquet and workbooks, each in bounded memory."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.utils.translation import gettext as _
from openpyxl import load_workbook

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail
from pupitre.flow.collect.files import text
from pupitre.flow.collect.files.chunks import (
    CHUNK_BYTES,
    CHUNK_ROWS,
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
from pupitre.lake import queries as lake
from pupitre.lake.contracts import Sql

SNIFFED_BYTES = 1024 * 1024
SNIFFED_LINES = 1_000
MAX_PARTS = 500  # files inside a workbook
MAX_UNPACKED_BYTES = 2 * 1024**3
MAX_SHARED_BYTES = 128 * 1024**2  # the texts of a workbook, which its reader keeps in memory
MAX_CELL_CHARACTERS = 32_767  # as Excel's own bound is
MAX_BAD_BYTES = 4096
SHEET_ROWS = 20_000
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class JsonLines:
    """An object a line. A column may be a path into it: ``address.city``."""

    unit = "bytes"

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.size = path.stat().st_size
        self._paths: dict[str, tuple[str, ...]] = {}
        for block in self._blocks(SNIFFED_BYTES):
            for start, end in zip(block.starts[:SNIFFED_LINES], block.ends, strict=False):
                self._learn(block.data[start:end], ())
            break
        if not self._paths:
            raise Invalid(_("No line of this file is a JSON object."))
        self.columns = tuple(self._paths)
        self.layout = replace(layout, encoding="utf-8", separator="", header=False)

    def _learn(self, raw: bytes | msgspec.Raw, above: tuple[str, ...]) -> None:
        try:
            fields = _object.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return
        for name, value in fields.items():
            path = (*above, name)
            whole = ".".join(path)
            if not name or "\0" in whole or len(self._paths) >= MAX_COLUMNS:
                continue
            if bytes(value)[:1] == b"{" and len(path) < 4:
                self._learn(value, path)
            else:
                self._paths.setdefault(whole, path)

    def _blocks(self, size: int) -> Iterator[text.Block]:
        with self.path.open("rb") as file:
            yield from text.blocks(text.Utf8(file, "utf-8"), separator=None, size=size)

    def chunks(
        self, columns: Sequence[str], *, size: int = CHUNK_BYTES, after: int = -1
    ) -> Iterator[Chunk]:
        wanted = {self.columns.index(name): self._paths[name] for name in columns}
        with lake.bench() as bench, self.path.open("rb") as file:
            found = text.blocks(text.Utf8(file, "utf-8"), separator=None, size=size)
            for number, block in enumerate(found):
                if number > after:
                    yield self._chunk(number, block, wanted, bench, file.tell())

    def _chunk(
        self, number: int, block: text.Block, wanted: dict[int, tuple[str, ...]],
        bench: lake.Bench, done: int,
    ) -> Chunk:  # fmt: skip
        bad: list[BadRow] = []
        good = np.ones(len(block.starts), dtype=bool)
        whole = _is_utf8(block.data) and b"\0" not in block.data
        long = block.ends - block.starts > MAX_RECORD_BYTES
        for index in np.flatnonzero(long) if whole else range(len(block.starts)):
            raw = block.data[block.starts[index] : block.ends[index]]
            wrong = _wrong_line(raw)
            if wrong is not None:
                good[index] = False
                bad.append(_bad(int(block.lines[index]), wrong, raw))
        pairs = zip(block.starts[good].tolist(), block.ends[good].tolist(), strict=True)
        raws = pa.array([block.data[start:end] for start, end in pairs], pa.binary())
        given = pa.table({"raw": raws.cast(pa.string()), "line": pa.array(block.lines[good])})
        if not given.num_rows:
            return Chunk(number, of_cells([], [], list(wanted)), tuple(bad), done)
        table = bench.shape(_taken_apart(wanted), given)
        broken = table.filter(pa.compute.invert(table["ok"]))
        if broken.num_rows:
            for line, raw in zip(
                broken["line"].to_pylist(), broken["raw"].to_pylist(), strict=True
            ):
                if raw.strip():
                    bad.append(_bad(line, detail(Wrong.NO_JSON_OBJECT), raw.encode()))
            table = table.filter(table["ok"])
        return Chunk(number, table.drop_columns(["ok", "raw"]), tuple(bad), done)


def _is_utf8(data: bytes) -> bool:
    try:
        str(data, "utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong_line(raw: bytes) -> Detail | None:
    if len(raw) > MAX_RECORD_BYTES:
        return detail(Wrong.ROW_TOO_LONG, most=MAX_RECORD_BYTES // 1024)
    if b"\0" in raw:
        return detail(Wrong.HOLDS_NUL)
    return None if _is_utf8(raw) else detail(Wrong.NOT_UTF8)


def _bad(line: int, why: Detail, raw: bytes) -> BadRow:
    wrong = detail(Wrong.ON_LINE, line=line, what=why)
    return BadRow(line, Refusal.BAD_ROW, wrong, raw[:MAX_BAD_BYTES])


def _taken_apart(wanted: dict[int, tuple[str, ...]]) -> Sql:
    cells = "".join(
        f", CASE WHEN ok THEN json_extract_string(raw, {_quoted(_json_path(path))}) END "
        f"AS {cell_name(index)}"
        for index, path in wanted.items()
    )
    return Sql(
        "take JSON lines apart",
        f"SELECT line, ok, CASE WHEN NOT ok THEN raw END AS raw{cells} FROM "  # noqa: S608
        "(SELECT line, raw, coalesce(CASE WHEN json_valid(raw) THEN json_type(raw) = 'OBJECT' END, "
        "false) AS ok FROM given)",
    )


def _json_path(path: Sequence[str]) -> str:
    return "$" + "".join(
        '."' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in path
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


class Parquet:
    """Columns of any type, as text."""

    unit = "rows"

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        try:
            with pq.ParquetFile(path) as file:
                self.size = file.metadata.num_rows
                self._schema = file.schema_arrow
                weights = [
                    file.metadata.row_group(n).total_byte_size / max(1, group_rows)
                    for n in range(file.metadata.num_row_groups)
                    if (group_rows := file.metadata.row_group(n).num_rows)
                ]
        except (pa.ArrowException, OSError) as error:
            raise Invalid(_("This Parquet file cannot be read.")) from error
        if len(self._schema.names) > MAX_COLUMNS:
            raise Invalid(_("At most %(count)s columns.") % {"count": MAX_COLUMNS})
        if not self.size:
            raise Invalid(_("This file is empty."))
        heaviest = max(weights, default=0)
        if heaviest > MAX_RECORD_BYTES:
            raise Invalid(_("The rows of this file are too large."))
        self._rows = int(max(1_000, min(CHUNK_ROWS, CHUNK_BYTES * 2 // max(heaviest, 1))))
        self.columns = distinct_names(self._schema.names)
        self.layout = replace(layout, encoding="", separator="", header=False)

    def chunks(self, columns: Sequence[str], *, size: int = 0, after: int = -1) -> Iterator[Chunk]:
        wanted = sorted({self.columns.index(name) for name in columns})
        step = _as_text(self._schema, wanted)
        rows = self._rows if not size else min(self._rows, 1_000)
        try:
            with pq.ParquetFile(self.path) as file, lake.bench() as bench:
                names = [self._schema.names[index] for index in wanted] or self._schema.names[:1]
                done = 0
                batches = file.iter_batches(batch_size=rows, columns=names)
                for number, batch in enumerate(batches):
                    lines = np.arange(done + 1, done + batch.num_rows + 1)
                    done += batch.num_rows
                    if number > after:
                        table = with_lines(pa.Table.from_batches([batch]), lines)
                        table = table.rename_columns(
                            [*(cell_name(i) for i in wanted or [0]), "line"]
                        )
                        yield Chunk(number, bench.shape(step, table), (), done)
        except (pa.ArrowException, OSError) as error:
            raise Invalid(_("This Parquet file cannot be read.")) from error


def _as_text(schema: pa.Schema, wanted: Sequence[int]) -> Sql:
    def cell(index: int) -> str:
        name, kind = cell_name(index), schema.types[index]
        nested = pa.types.is_nested(kind)
        return f"{'to_json' if nested else ''}({name})::VARCHAR AS {name}"

    cells = "".join(f"{cell(index)}, " for index in wanted)
    return Sql("Parquet as text", f"SELECT {cells}line FROM given")  # noqa: S608


class Workbook:
    """One sheet of an .xlsx file. A formula counts as what Excel computed last."""

    unit = "rows"

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self._check_parts()
        with self._book() as book:
            names = book.sheetnames
            if layout.sheet and layout.sheet not in names:
                raise Invalid(
                    _("There is no sheet “%(name)s”. There are: %(names)s.")
                    % {"name": layout.sheet[:60], "names": ", ".join(names)[:400]}
                )
            self._sheet = layout.sheet or names[0]
            self.size = int(book[self._sheet].max_row or 0)
            first = next((cells for _line, cells in self._rows(book)), None)
        if first is None:
            raise Invalid(_("This sheet is empty."))
        header = True if layout.header is None else layout.header
        self._header = header
        self.columns = distinct_names(first if header else [""] * len(first))
        self.layout = replace(layout, encoding="", separator="", header=header, sheet=self._sheet)

    def _check_parts(self) -> None:
        try:
            with zipfile.ZipFile(self.path) as parts:
                inside = parts.infolist()
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise Invalid(_("This workbook cannot be read.")) from error
        whole = sum(part.file_size for part in inside)
        texts = sum(part.file_size for part in inside if "sharedstrings" in part.filename.lower())
        if len(inside) > MAX_PARTS or whole > MAX_UNPACKED_BYTES or texts > MAX_SHARED_BYTES:
            raise Invalid(_("This workbook unpacks to more than we read: save it as CSV."))

    @contextmanager
    def _book(self) -> Iterator[Any]:
        with ExitStack() as stack:
            # Opened by us: its reader judges a path by its ending.
            file = stack.enter_context(self.path.open("rb"))
            try:
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            except Exception as error:  # whatever a hostile workbook makes its reader stumble over
                raise Invalid(_("This workbook cannot be read.")) from error
            stack.callback(book.close)
            yield book

    def _rows(self, book: Any) -> Iterator[tuple[int, list[str | None]]]:
        sheet = book[self._sheet]
        sheet.reset_dimensions()
        try:
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                if len(values) > MAX_COLUMNS:
                    raise Invalid(_("At most %(count)s columns.") % {"count": MAX_COLUMNS})
                if any(value is not None for value in values):
                    yield line, [_cell(value) for value in values]
        except Invalid:
            raise
        except Exception as error:
            raise Invalid(_("This workbook cannot be read.")) from error

    def chunks(self, columns: Sequence[str], *, size: int = 0, after: int = -1) -> Iterator[Chunk]:
        wanted = sorted({self.columns.index(name) for name in columns})
        rows = 200 if size else SHEET_ROWS
        number, header = 0, self._header
        cells: list[list[str | None]] = []
        lines: list[int] = []
        bad: list[BadRow] = []
        with self._book() as book:
            for line, row in self._rows(book):
                if header:
                    header = False
                    continue
                width = len(self.columns)
                if any(cell is not None for cell in row[width:]):
                    raw = msgspec.json.encode(row)
                    bad.append(_bad(line, detail(Wrong.CELLS_TOO_MANY, width=width), raw))
                else:
                    cells.append((row + [None] * width)[:width])
                    lines.append(line)
                if len(cells) + len(bad) >= rows:
                    if number > after:
                        yield Chunk(number, of_cells(cells, lines, wanted), tuple(bad), line)
                    number, cells, lines, bad = number + 1, [], [], []
        if (cells or bad) and number > after:
            yield Chunk(number, of_cells(cells, lines, wanted), tuple(bad), self.size)


def _cell(value: object) -> str | None:
    """As a person sees it; days as ISO 8601 writes them."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)[:MAX_CELL_CHARACTERS].replace("\0", "\ufffd")
