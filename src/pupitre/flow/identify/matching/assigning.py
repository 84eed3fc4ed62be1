"""One partner each, where both sources are known to hold nobody twice."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from pupitre.flow.identify.matching.blocking import codes

MAX_GROUP = 3_000  # people of one source who hang together by pairs; beyond, the best goes first
FORBIDDEN = -1e9  # bits

Flags = npt.NDArray[np.bool_]


def one_to_one(scored: pa.Table) -> Flags:
    """Which rows of `scoring.tidy` stay: those whose weights add up highest when nobody is used
    twice (Jaro, 1989). Only pairs more likely than not compete: leaving somebody without a partner
    counts 0 bits, so a pair below 0 would lower the sum.

    A second partner is then no second chance but a sign against both: without duplicates in a
    source, at most one of two rivals can be true. Where a source may hold duplicates this reasoning
    is wrong, and this function must not be called.
    """
    left, right = codes(scored["left"]), codes(scored["right"])
    weight = scored["weight"].to_numpy()
    stays = np.zeros(len(scored), dtype=np.bool_)
    rows = np.flatnonzero(weight > 0)
    if not len(rows):
        return stays
    people = int(left.max()) + 1, int(right.max()) + 1
    graph = csr_array(
        (np.ones(len(rows)), (left[rows], people[0] + right[rows])), shape=(sum(people),) * 2
    )
    group = connected_components(graph, directed=False)[1][left[rows]]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for members in np.split(rows[order], starts[1:]):
        best = members if len(members) == 1 else _best(left, right, weight, members)
        stays[best] = True
    return stays


def _best(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    lefts, at_left = np.unique(left[rows], return_inverse=True)
    rights, at_right = np.unique(right[rows], return_inverse=True)
    if max(len(lefts), len(rights)) > MAX_GROUP:
        return _greedy(left, right, weight, rows)
    # As many empty columns as people: to stay alone must always be possible.
    square = np.full((len(lefts), len(rights) + len(lefts)), FORBIDDEN)
    square[:, len(rights) :] = 0.0
    square[at_left, at_right] = weight[rows]
    taken = dict(zip(*linear_sum_assignment(square, maximize=True), strict=True))
    return rows[[taken[a] == b for a, b in zip(at_left, at_right, strict=True)]]


def _greedy(
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> npt.NDArray[np.int64]:
    """The strongest first: never worse than half of the best sum, and bounded in memory."""
    used_left: set[int] = set()
    used_right: set[int] = set()
    best = []
    for row in rows[np.argsort(-weight[rows], kind="stable")]:
        if int(left[row]) not in used_left and int(right[row]) not in used_right:
            used_left.add(int(left[row]))
            used_right.add(int(right[row]))
            best.append(row)
    return np.asarray(best, dtype=np.int64)
