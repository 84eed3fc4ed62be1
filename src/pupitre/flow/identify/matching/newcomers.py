"""One new person against everybody, without a full run.

The index is made once: for each rule the rows in the order of a hash of their values, so that those
who share a new person's values are one binary search away. They are scored with the same statements
as a full run, so a pair gets the same weight either way.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.identify.matching import frequencies
from pupitre.flow.identify.matching.blocking import Rule
from pupitre.flow.identify.matching.contracts import PERSON
from pupitre.flow.identify.matching.model import Model, settings
from pupitre.flow.identify.matching.scoring import LOWEST_WEIGHT, tidy
from pupitre.flow.identify.matching.splinking import compared_with
from pupitre.flow.identify.matching.standardising import standardised

MAX_CANDIDATES = 10_000  # compared with one newcomer; those that most rules name come first
MIX = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio's odd 64 bits (Knuth, volume 3, 6.4)

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class _Ordered:
    """One rule: hashes in ascending order, and the row that each came from."""

    rule: Rule
    hashes: Hashes
    rows: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Index:
    """Everybody, ready to be compared with. Holds personal data: a store like any other."""

    model: Model
    records: pa.Table  # standardised, one row a person, with `tf_<column>`
    fingerprint: str  # of the model
    ordered: tuple[_Ordered, ...]

    def __len__(self) -> int:
        return len(self.records)


def prepared(model: Model, records: pa.Table) -> Index:
    """The index over records with the columns of the model's schema."""
    names = [one.column for one in model.columns]
    ready = standardised(records, model.schema).select([PERSON, *names]).combine_chunks()
    shares = frequencies.borne_by_others(ready, names)
    return _index(model, ready, frequencies.with_shares(ready, shares))


def beside(index: Index, records: pa.Table) -> Index:
    """A small index over people who are not in the large one. How rare their values are is not
    known there: where two of them share one, it counts as neither rare nor common."""
    names = [one.column for one in index.model.columns]
    ready = standardised(records, index.model.schema).select([PERSON, *names]).combine_chunks()
    return _index(index.model, ready, _unknown_shares(ready))


def _index(model: Model, ready: pa.Table, shared: pa.Table) -> Index:
    hashed = {name: _hashes(ready[name]) for rule in model.rules for name in rule}
    ordered = []
    for rule in model.rules:
        keys, known = _joint([hashed[name] for name in rule])
        rows = np.flatnonzero(known)
        order = np.argsort(keys[rows], kind="stable")
        ordered.append(_Ordered(rule, keys[rows][order], rows[order].astype(np.int32)))
    return Index(model, shared, model.fingerprint, tuple(ordered))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") | 1


def _hashes(column: pa.ChunkedArray) -> Hashes:
    """Of each value; 0 for null, which no value hashes to."""
    texts = column.combine_chunks().dictionary_encode()
    each = np.array([_hash(text) for text in texts.dictionary.to_pylist()] + [0], dtype=np.uint64)
    made: Hashes = each[np.asarray(pc.fill_null(texts.indices, len(each) - 1))]
    return made


def _joint(parts: list[Hashes]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    known = np.all([part != 0 for part in parts], axis=0)
    together = parts[0]
    for part in parts[1:]:
        together = (together * MIX) ^ part  # wraps, as a hash may
    return together, known


def candidates(index: Index, newcomer: pa.Table) -> npt.NDArray[np.int64]:
    """Rows of the index that agree with a standardised newcomer on all columns of some rule."""
    named = []
    for one in index.ordered:
        key, known = _joint([_hashes(newcomer[name]) for name in one.rule])
        if known[0]:
            first = np.searchsorted(one.hashes, key[0], side="left")
            last = np.searchsorted(one.hashes, key[0], side="right")
            named.append(one.rows[first:last])
    if not named:
        return np.zeros(0, dtype=np.int64)
    rows, times = np.unique(np.concatenate(named), return_counts=True)
    if len(rows) > MAX_CANDIDATES:
        rows = rows[np.sort(np.argsort(-times, kind="stable")[:MAX_CANDIDATES])]
    return rows.astype(np.int64)


def _unknown_shares(newcomer: pa.Table) -> pa.Table:
    """How rare a value is counts where two people share it, and then the other one knows."""
    for name in newcomer.column_names:
        if name != PERSON:
            nothing = pa.nulls(len(newcomer), pa.float64())
            newcomer = newcomer.append_column(f"tf_{name}", nothing)
    return newcomer


def compare(index: Index, newcomer: pa.Table, *, least_weight: float = LOWEST_WEIGHT) -> pa.Table:
    """One person (a table of one row) against the index: `scoring.tidy`'s table, newcomer left.

    The newcomer may stand in the index already: nobody is compared with themselves. Somebody who
    does not is not counted among the bearers of their values until the index is made again.
    """
    if len(newcomer) != 1:
        raise ValueError("one newcomer at a time")
    model = index.model
    names = [one.column for one in model.columns]
    ready = standardised(newcomer, model.schema).select([PERSON, *names])
    rows = candidates(index, ready)
    others = index.records.take(pa.array(rows))
    others = others.filter(pc.not_equal(others[PERSON], ready[PERSON][0]))
    scored = compared_with(
        _unknown_shares(ready),
        others,
        settings(model, linking=False),
        index.fingerprint,
    )
    return tidy(scored.filter(pc.greater_equal(scored["match_weight"], least_weight)), model)
