"""Which message ids were seen: exact, for weeks, at a cost that hardly grows with their number.

Fingerprints have no order in time, so each round would rewrite a tree of them all over: at thirty
million, sixty thousand new ones touch sixty thousand pages. Here a round leaves one *run*, cut into
parts by the fingerprints' first bits; runs of one size are merged into one (a log-structured merge,
as O'Neil et al. 1996), and a Bloom filter (1970) of each says which runs cannot have an id. What a
filter lets through is looked for in its part: the answer is exact.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from pupitre.flow.collect.intake.fingerprints import DIGEST_BYTES

PART_IDS = 512  # about as many in one row
MERGED_AT_ONCE = 4  # runs of one size
MAX_RUN_IDS = 8_000_000  # beyond that, runs are left as they are
BITS_AN_ID = 12  # of a filter, at least: one in 300 passes that should not, or fewer
PROBES = 5
PARTS_BITS = 22  # of a place: the number of its run stands above them
RUN_BITS = 40

Pairs = npt.NDArray[np.uint64]  # (n, 2): a fingerprint's two halves
Filter = npt.NDArray[np.uint8]


class Engine(Protocol):
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None: ...


def schema(blob: str) -> tuple[str, ...]:
    # INTEGER is SQLite's word for its own row number; PostgreSQL's would be too small.
    place = "INTEGER" if blob == "BLOB" else "BIGINT"
    return (
        "CREATE TABLE IF NOT EXISTS seen_run(run BIGINT PRIMARY KEY, period BIGINT NOT NULL, "
        f"ids BIGINT NOT NULL, bits BIGINT NOT NULL, sieve {blob} NOT NULL)",
        f"CREATE TABLE IF NOT EXISTS seen_part(place {place} PRIMARY KEY, ids {blob} NOT NULL)",
    )


@dataclass(frozen=True, slots=True)
class Run:
    number: int  # random: one that was rolled back is never taken for another
    period: int
    ids: int
    bits: int  # so many first bits of a fingerprint say in which part it is

    @property
    def places(self) -> tuple[int, int]:
        return self.place_of(0), self.place_of((1 << PARTS_BITS) - 1)

    def place_of(self, part: int) -> int:
        return (self.number << PARTS_BITS) + part

    @property
    def size_class(self) -> int:
        """The logarithm of its size, in base ``MERGED_AT_ONCE``."""
        return (self.ids.bit_length() - 1) // (MERGED_AT_ONCE.bit_length() - 1)


class Seen:
    """Filters of the runs are kept in memory: two or three bytes an id. For one thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._filters: dict[int, Filter] = {}

    def known(self, ids: Sequence[bytes], *, since: int) -> set[bytes]:
        """Which of these were seen in this period or a later one."""
        found: set[bytes] = set()
        if not ids:
            return found
        pairs = pairs_of(b"".join(ids))
        for run in self._runs():
            if run.period >= since:
                for place, some in _by_part(run, pairs, passing(self._filter(run), pairs)):
                    there = set(self._part(place))
                    found.update(ids[index] for index in some if ids[index] in there)
        return found

    def add(self, ids: Sequence[bytes], *, period: int) -> None:
        """Enter ids that were not seen. Within the caller's transaction."""
        if not ids:
            return
        raw = b"".join(ids)
        others = [run for run in self._runs() if run.period == period]
        while peers := _to_merge(_new_run(raw, period), others):
            raw = b"".join((raw, *map(self._whole, peers)))
            for run in peers:
                self._drop(run)
            others = [run for run in others if run not in peers]
        self._write(_new_run(raw, period), raw)

    def forget(self, ids: Sequence[bytes]) -> None:
        """Let these be new again. Within the caller's transaction."""
        if not ids:
            return
        pairs = pairs_of(b"".join(ids))
        for run in self._runs():
            for place, some in _by_part(run, pairs, passing(self._filter(run), pairs)):
                gone = {ids[index] for index in some}
                kept = [one for one in self._part(place) if one not in gone]
                self._engine.run(
                    "UPDATE seen_part SET ids = ? WHERE place = ?", [b"".join(kept), place]
                )

    def forget_before(self, period: int) -> None:
        """Let go of the periods before. Within the caller's transaction."""
        for run in self._runs():
            if run.period < period:
                self._drop(run)

    # --- runs ------------------------------------------------------------------------------------

    def _runs(self) -> list[Run]:
        rows = self._engine.run("SELECT run, period, ids, bits FROM seen_run ORDER BY run")
        runs = [Run(*map(int, row)) for row in rows]
        standing = {run.number for run in runs}
        self._filters = {n: kept for n, kept in self._filters.items() if n in standing}
        return runs

    def _filter(self, run: Run) -> Filter:
        kept = self._filters.get(run.number)
        if kept is None:
            rows = self._engine.run("SELECT sieve FROM seen_run WHERE run = ?", [run.number])
            kept = self._filters[run.number] = np.frombuffer(bytes(rows[0][0]), np.uint8)
        return kept

    def _part(self, place: int) -> list[bytes]:
        rows = self._engine.run("SELECT ids FROM seen_part WHERE place = ?", [place])
        raw = bytes(rows[0][0]) if rows else b""
        return [raw[at : at + DIGEST_BYTES] for at in range(0, len(raw), DIGEST_BYTES)]

    def _whole(self, run: Run) -> bytes:
        rows = self._engine.run("SELECT ids FROM seen_part WHERE place BETWEEN ? AND ?", run.places)
        return b"".join(bytes(ids) for (ids,) in rows)

    def _drop(self, run: Run) -> None:
        self._engine.run("DELETE FROM seen_part WHERE place BETWEEN ? AND ?", run.places)
        self._engine.run("DELETE FROM seen_run WHERE run = ?", [run.number])

    def _write(self, run: Run, raw: bytes) -> None:
        pairs = pairs_of(raw)
        kept = self._filters[run.number] = sieve(pairs)
        self._engine.run(
            "INSERT INTO seen_run(run, period, ids, bits, sieve) VALUES (?, ?, ?, ?, ?)",
            [run.number, run.period, run.ids, run.bits, kept.tobytes()],
        )
        part = part_of(pairs, run.bits)
        order = np.argsort(part, kind="stable")
        ends = np.searchsorted(part, np.arange(1 << run.bits), side="right", sorter=order)
        laid = np.frombuffer(raw, f"V{DIGEST_BYTES}")[order].tobytes()
        rows, start = [], 0
        for number, end in enumerate((ends * DIGEST_BYTES).tolist()):
            if end > start:
                rows.append((run.place_of(number), laid[start:end]))
            start = end
        self._engine.many("INSERT INTO seen_part(place, ids) VALUES (?, ?)", rows)


def _new_run(raw: bytes, period: int) -> Run:
    ids = len(raw) // DIGEST_BYTES
    bits = min(PARTS_BITS, max(1, (ids // PART_IDS).bit_length()))
    return Run(secrets.randbits(RUN_BITS), period, ids, bits)


def _to_merge(new: Run, others: Sequence[Run]) -> list[Run]:
    """What the new run is merged with, once there is enough of it: runs no larger than its kind."""
    peers = [run for run in others if run.size_class <= new.size_class]
    size = new.ids + sum(run.ids for run in peers)
    return peers if len(peers) >= MERGED_AT_ONCE - 1 and size <= MAX_RUN_IDS else []


def pairs_of(raw: bytes) -> Pairs:
    """The first half's first byte is its highest: a part is a range of fingerprints."""
    return np.frombuffer(raw, ">u8").astype(np.uint64).reshape(-1, 2)


def part_of(pairs: Pairs, bits: int) -> npt.NDArray[np.uint32]:
    return (pairs[:, 0] >> np.uint64(64 - bits)).astype(np.uint32)


def _by_part(
    run: Run, pairs: Pairs, chosen: npt.NDArray[np.intp]
) -> Iterator[tuple[int, list[int]]]:
    """The chosen fingerprints, by the place of the part that would have them."""
    if not chosen.size:
        return
    part = part_of(pairs[chosen], run.bits)
    order = np.argsort(part, kind="stable")
    numbers, starts = np.unique(part[order], return_index=True)
    for number, some in zip(numbers.tolist(), np.split(chosen[order], starts[1:]), strict=True):
        yield run.place_of(number), some.tolist()


# --- filters --------------------------------------------------------------------------------------


def sieve(pairs: Pairs) -> Filter:
    """A Bloom filter of these fingerprints."""
    size = 1 << max(3, (len(pairs) * BITS_AN_ID - 1).bit_length())
    bits = np.zeros(size, dtype=bool)
    for number in range(PROBES):
        bits[_probe(pairs, number, size)] = True
    return np.packbits(bits, bitorder="little")


def passing(kept: Filter, pairs: Pairs) -> npt.NDArray[np.intp]:
    """Which of these the filter cannot rule out."""
    left = np.arange(len(pairs))
    for number in range(PROBES):
        at = _probe(pairs[left], number, len(kept) * 8)
        left = left[(kept[at >> 3] >> (at & 7).astype(np.uint8)) & 1 == 1]
    return left


def _probe(pairs: Pairs, number: int, size: int) -> npt.NDArray[np.intp]:
    """Fingerprints are random as they are: two halves make as many hashes as one likes
    (Kirsch and Mitzenmacher, 2006)."""
    step = pairs[:, 0] | np.uint64(1)
    at = (pairs[:, 1] + np.uint64(number) * step) & np.uint64(size - 1)
    return at.astype(np.intp)
