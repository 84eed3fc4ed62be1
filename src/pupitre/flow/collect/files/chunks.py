"""What every format is read as: chunks of rows, as text, each row with its line in the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pupitre.flow.collect.details import Detail

# Chunks have the same rows whenever a file is read: their numbers name batches of the lake. Who
# changes a bound here changes VERSION, which is part of those names.
VERSION = 1
CHUNK_BYTES = 32 * 1024 * 1024  # of text
CHUNK_ROWS = 250_000  # of formats that tell rows, and not bytes
MAX_COLUMNS = 1_000
MAX_RECORD_BYTES = 1024 * 1024  # of one row; an event may weigh 32 KB
MAX_HEADER_CHARACTERS = 200  # of one column's name
LINE = "line"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read, or not be mapped."""

    line: int
    reason: str  # contracts.Refusal
    detail: Detail
    raw: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows in the order of the file. Columns are text named c0, c1…, and ``line``."""

    number: int
    table: pa.Table
    bad: tuple[BadRow, ...] = ()
    done: int = 0  # how far into the file, in the unit of its size

    @property
    def rows(self) -> int:
        return int(self.table.num_rows) + len(self.bad)


def cell_name(index: int) -> str:
    return f"c{index}"


def of_cells(
    rows: Sequence[Sequence[str | None]], lines: Sequence[int], wanted: Sequence[int]
) -> pa.Table:
    """A chunk's table from Python's own rows, with the wanted columns."""
    columns = [pa.array([row[index] for row in rows], pa.string()) for index in wanted]
    return with_lines(
        pa.Table.from_arrays(columns, [cell_name(index) for index in wanted]),
        np.asarray(lines, dtype=np.int64),
    )


def with_lines(table: pa.Table, lines: np.ndarray) -> pa.Table:
    column = pa.array(lines, pa.int64())
    if not table.num_columns:
        return pa.table({LINE: column})
    return table.append_column(LINE, column)


def distinct_names(found: Sequence[object]) -> tuple[str, ...]:
    """Names of columns, each once: an empty one is called by its place, a second by its number."""
    names: list[str] = []
    taken: set[str] = set()
    for number, said in enumerate(found, start=1):
        name = " ".join(str(said if said is not None else "").split())[:MAX_HEADER_CHARACTERS]
        name = name or f"column {number}"
        unique, again = name, 2
        while unique in taken:
            unique, again = f"{name} {again}", again + 1
        taken.add(unique)
        names.append(unique)
    return tuple(names)
