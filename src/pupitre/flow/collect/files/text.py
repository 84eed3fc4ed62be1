"""Text files as bytes of UTF-8, block by block, and where their records begin and end.

Records are found before any parser sees them: so that a bad one can be told by its line and cut
out, and a chunk always ends between two. Quotes are looked at with numpy; only a block whose
quotes are not where RFC 4180 puts them is walked through character by character.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

import numpy as np

from pupitre.flow.collect.files.chunks import CHUNK_BYTES, MAX_RECORD_BYTES

READ_BYTES = 1024 * 1024
QUOTE, NEWLINE, RETURN = 34, 10, 13
MISPLACED = -1
BOM = codecs.BOM_UTF8
ENCODINGS = ("utf-8", "cp1252", "utf-16")


class Reading(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Utf8:
    """A file as UTF-8 without a byte-order mark. What its encoding does not have becomes U+FFFD."""

    def __init__(self, file: BinaryIO, encoding: str, *, old_mac: bool = False) -> None:
        self._file = file
        self._old_mac = old_mac
        self._decoder = None
        if encoding != "utf-8":
            self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self._first = True

    def read(self, size: int) -> bytes:
        """As many bytes as asked for, or more; fewer at the end only."""
        parts, left = [], size
        while left > 0:
            data = self._some(min(left, READ_BYTES * 8))
            if not data:
                break
            parts.append(data)
            left -= len(data)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        while True:
            data = self._file.read(size)
            ended = not data
            if self._decoder is not None:
                data = self._decoder.decode(data, final=ended).encode("utf-8", "replace")
            if self._first and data:
                self._first = False
                data = data.removeprefix(BOM)
            if data or ended:
                return data.replace(b"\r", b"\n") if self._old_mac else data


@dataclass(frozen=True, slots=True)
class Block:
    """Whole records. ``starts`` and ``ends`` are places in the data; an end is its newline."""

    data: bytes
    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray  # where each record begins in the file, from 1
    unclosed: frozenset[int] = field(default_factory=frozenset)  # starts of records whose quote
    # is never closed: each is cut at the end of its line


def blocks(source: Reading, *, separator: int | None, size: int = CHUNK_BYTES) -> Iterator[Block]:
    """The records of a text, in blocks of about ``size`` bytes. Without a separator, of lines."""
    rest, line = b"", 1
    while True:
        asked = max(size - len(rest), READ_BYTES)
        fresh = source.read(asked)
        final = len(fresh) < asked
        data = rest + fresh
        if final and data and not data.endswith(b"\n"):
            data += b"\n"
        if not data:
            return
        ends, unclosed = record_ends(data, separator, final=final)
        if not len(ends):
            if len(data) <= MAX_RECORD_BYTES:
                rest = data
                continue
            yield _endless(data, line)
            rest = _after_newline(source, data)
            line += 1
            continue
        whole, rest = data[: ends[-1] + 1], data[ends[-1] + 1 :]
        starts = np.empty_like(ends)
        starts[0], starts[1:] = 0, ends[:-1] + 1
        newlines = newlines_of(whole)
        lines = line + (
            np.arange(len(ends)) if len(newlines) == len(ends) else newlines.searchsorted(starts)
        )
        line += len(newlines)
        yield Block(whole, starts, ends, lines, frozenset(unclosed))
        if final and not rest:
            return


def _endless(data: bytes, line: int) -> Block:
    """A line longer than any may be: what was read of it, as one record that is too long."""
    start, end = np.zeros(1, dtype=np.int64), np.asarray([len(data)], dtype=np.int64)
    return Block(data, start, end, np.asarray([line], dtype=np.int64))


def _after_newline(source: Reading, data: bytes) -> bytes:
    """Read on to the end of an endless line; what follows it."""
    while data:
        place = data.find(b"\n")
        if place >= 0:
            return data[place + 1 :]
        data = source.read(READ_BYTES)
    return b""


def newlines_of(data: bytes) -> np.ndarray:
    return np.flatnonzero(np.frombuffer(data, np.uint8) == NEWLINE)


def record_ends(
    data: bytes, separator: int | None, *, final: bool
) -> tuple[np.ndarray, frozenset[int]]:
    """Where the whole records end. Data begin with a record; of the last one some may be missing.

    A record that goes on for longer than it may ends at the end of its line.
    """
    newlines = newlines_of(data)
    if separator is None or b'"' not in data:
        return newlines, frozenset()
    array = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(array == QUOTE)
    if regular(array, quotes, separator):
        outside = newlines[quotes.searchsorted(newlines) % 2 == 0]
        tail = len(data) - (outside[-1] + 1 if len(outside) else 0)
        longest = np.diff(outside, prepend=-1).max() if len(outside) else 0
        waits = tail <= MAX_RECORD_BYTES if not final else tail == 0
        if waits and longest <= MAX_RECORD_BYTES:
            return outside, frozenset()
    return walked(data, separator, final=final)


def regular(array: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether quotes open where a cell begins and close where it ends (RFC 4180)."""
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[np.maximum(opening - 1, 0)]
    opens = (opening == 0) | (before == separator) | (before == NEWLINE) | (before == QUOTE)
    after = array[np.minimum(closing + 1, len(array) - 1)]
    closes = (after == separator) | (after == NEWLINE) | (after == RETURN) | (after == QUOTE)
    last = closing == len(array) - 1
    return bool(opens.all() and (closes | last).all())


def walked(data: bytes, separator: int, *, final: bool) -> tuple[np.ndarray, frozenset[int]]:
    """The same, record by record: a quote counts only where a cell begins."""
    ends: list[int] = []
    unclosed: set[int] = set()
    start = 0
    while start < len(data):
        line_end = data.find(b"\n", start)
        if line_end < 0:
            break
        end = line_end
        if data.find(b'"', start, line_end) >= 0:
            found = _end_of_record(data, start, separator)
            if found is None or found == MISPLACED or found - start > MAX_RECORD_BYTES:
                if found is None and not final and len(data) - start <= MAX_RECORD_BYTES:
                    break
                unclosed.add(start)
            else:
                end = found
        ends.append(end)
        start = end + 1
    return np.asarray(ends, dtype=np.int64), frozenset(unclosed)


def _end_of_record(data: bytes, start: int, separator: int) -> int | None:
    """The newline that ends the record; none where a quote is not closed, as far as one may go.

    MISPLACED where it is closed on another line by what looks like the opening of another.
    """
    cell, mark = start, bytes([separator])
    limit = min(len(data), start + MAX_RECORD_BYTES + 1)
    while True:
        if data[cell : cell + 1] == b'"':
            opened = cell
            cell = data.find(b'"', cell + 1, limit)
            while cell >= 0 and data[cell + 1 : cell + 2] == b'"':
                cell = data.find(b'"', cell + 2, limit)
            if cell < 0:
                return None
            follows = data[cell + 1 : cell + 2]
            if follows not in (mark, b"\n", b"\r", b"") and b"\n" in data[opened:cell]:
                return MISPLACED
        newline = data.find(b"\n", cell, limit)
        following = data.find(mark, cell, newline if newline >= 0 else limit)
        if following < 0:
            return newline if newline >= 0 else None
        cell = following + 1


def beginning(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)
