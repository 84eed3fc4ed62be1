"""Which pairs are worth a look: those that agree on all columns of at least one rule.

Rules are not written down but chosen from the values themselves, level by level as Apriori does
(Agrawal and Srikant, 1994): a set of columns is a rule where few enough pairs agree on all of it,
and none of its subsets is a rule already. So a rare family name is a rule by itself in a small file
and needs a postcode beside it in a large one, without anybody setting anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Rule = tuple[str, ...]  # columns that agree
Codes = npt.NDArray[np.int64]

MAX_COLUMNS = 3  # in a rule
MAX_RULES = 40
RULE_CANDIDATES = 40.0  # a person, on average, from one rule
ALL_CANDIDATES = 120.0  # a person, on average, from all rules together
NOBODY = -1  # the code of a row without a value


def codes(column: pa.ChunkedArray) -> Codes:
    """A number for each different value of a text column, by row; NOBODY for null."""
    dictionary = column.combine_chunks().dictionary_encode()
    return np.asarray(pc.fill_null(dictionary.indices, NOBODY)).astype(np.int64)


def joint(parts: Sequence[Codes]) -> Codes:
    """One code for the values of several columns; NOBODY where any of them is missing."""
    missing = np.any([part == NOBODY for part in parts], axis=0)
    together = parts[0]
    for part in parts[1:]:
        mixed = together * (int(part.max(initial=0)) + 2) + part
        together = np.unique(mixed, return_inverse=True)[1].astype(np.int64)
    return np.where(missing, NOBODY, together)


def pairs(code: Codes, left: int | None) -> int:
    """How many pairs agree: within one source, or between its first `left` rows and the rest."""
    known = code != NOBODY
    if left is None:
        once = np.unique(code[known], return_counts=True)[1]
        return int((once * (once - 1) // 2).sum())
    width = int(code.max(initial=0)) + 1
    sizes = [
        np.bincount(part[part != NOBODY], minlength=width) for part in (code[:left], code[left:])
    ]
    return int((sizes[0] * sizes[1]).sum())


def costs(records: pa.Table, columns: Sequence[str], left: int | None) -> dict[Rule, int]:
    """Minimal sets of columns that few enough pairs agree on, each with its number of pairs."""
    coded = {column: codes(records[column]) for column in columns}
    most = RULE_CANDIDATES * len(records) / 2  # a pair is a candidate for two people
    kept: dict[Rule, int] = {}
    for size in range(1, MAX_COLUMNS + 1):
        for rule in _new(columns, size, kept):
            found = pairs(joint([coded[column] for column in rule]), left)
            if found <= most:
                kept[rule] = found
    return kept


def _new(columns: Sequence[str], size: int, kept: dict[Rule, int]) -> Iterator[Rule]:
    smaller = [frozenset(rule) for rule in kept]
    for rule in combinations(columns, size):
        if not any(known <= frozenset(rule) for known in smaller):
            yield rule


def chosen(found: Mapping[Rule, int], people: int) -> tuple[Rule, ...]:
    """Of `costs`, the cheapest first, as many as the whole budget allows.

    Raises ValueError where nothing tells few enough people apart to be compared at all.
    """
    budget = ALL_CANDIDATES * people / 2
    rules: list[Rule] = []
    for rule, cost in sorted(found.items(), key=lambda item: (item[1], item[0])):
        budget -= cost
        if budget < 0 or len(rules) == MAX_RULES:
            break
        # Nobody shares an e-mail address yet, and the next newcomer may.
        if cost or len(rule) == 1:
            rules.append(rule)
    if not rules:
        raise ValueError("no columns tell people apart well enough to compare them")
    return tuple(rules)
