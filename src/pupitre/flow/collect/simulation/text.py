"""Text by the million: fixed-width numbers, JSON fragments, and books of strings told by number.

Nothing here loops over rows in Python. An event carries numbers that point into a book; the text
is gathered once, when rows are laid out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation.streams import Ints

HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
# What JSON wants escaped, and what no reader should meet raw.
UNSAFE = r'[\x00-\x1f"\\\x7f]'


def from_matrix(letters: npt.NDArray[np.uint8]) -> Any:
    """Rows of equally many ASCII letters, as an Arrow string array, without copying by row."""
    rows, width = letters.shape
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32)
    data = np.ascontiguousarray(letters)
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data))


def hexadecimal(values: Any, width: int) -> Any:
    numbers = np.asarray(values).astype(np.uint64)
    shifts = np.arange(4 * (width - 1), -1, -4, dtype=np.uint64)
    return from_matrix(HEX[((numbers[:, None] >> shifts) & np.uint64(15)).astype(np.uint8)])


def decimal(values: Any, width: int) -> Any:
    """Zero-padded decimal numbers of one width."""
    numbers = np.asarray(values).astype(np.int64)
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return from_matrix((numbers[:, None] // powers % 10 + 48).astype(np.uint8))


def join(*parts: Any) -> Any:
    """The parts side by side; a Python string stands in every row, a NumPy array is plain."""
    made = [pa.array(p) if isinstance(p, np.ndarray) else p for p in parts]
    return pc.binary_join_element_wise(*made, "")


def whole(values: Ints) -> Any:
    return pc.cast(pa.array(values), pa.string())


CENTS = pa.array([f".{n:02d}" for n in range(100)])


def money(cents: Ints) -> Any:
    """1290 as 12.90: a JSON number that says cents exactly. Never negative."""
    return join(whole(cents // 100), CENTS.take(pa.array(cents % 100)))


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def quote(array: Any) -> Any:
    """Strings as JSON strings, exactly; the few that need escapes go one by one."""
    plain = join('"', array, '"')
    unsafe = pc.match_substring_regex(array, UNSAFE)
    if not pc.any(unsafe).as_py():
        return plain
    escaped = pa.array([quoted(text) for text in array.filter(unsafe).to_pylist()])
    return pc.replace_with_mask(plain, unsafe, escaped)


def strings(values: Iterable[str]) -> Any:
    return pa.array(list(values), type=pa.string())


def pick(catalogue: Any, chosen: Any) -> Any:
    return catalogue.take(pa.array(chosen))


class Book:
    """Strings by number. What is added keeps its place; a chapter is added once."""

    def __init__(self, *opening: str) -> None:
        self._chapters: list[Any] = []
        self._length = 0
        if opening:
            self.add(strings(opening))

    def add(self, array: Any) -> int:
        """Put strings at the end; the number of the first."""
        began = self._length
        self._chapters.append(array)
        self._length += len(array)
        return began

    def __len__(self) -> int:
        return self._length

    def bound(self) -> Any:
        return pa.concat_arrays(self._chapters)
