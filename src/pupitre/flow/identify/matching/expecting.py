"""Expectation-maximisation over patterns of agreement, with a little doubt built in.

Splink brings its own, which this stands in for: where all pairs that share an e-mail address are
true and agree, as they do in clean data, its probabilities reach 1 and the next statement divides
by nothing. Here a few imagined pairs (a Dirichlet prior) keep every probability inside. Sums run
over patterns in a fixed order, so the same counts give the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int64]

ROUNDS = 500
SETTLED = 1e-9  # change of the prior at which it ends
IMAGINED_PAIRS = 10.0  # of one person, added to what was counted
IMAGINED_SAME = 0.9  # of those; the rest is spread over the other levels
MOST = 1 - 1e-6  # of pairs that share something, at most so many are true
UNKNOWN = -1


@dataclass(frozen=True)
class Patterns:
    """Pairs that agree alike: `levels` is patterns × columns, 0 the closest, UNKNOWN for none."""

    columns: tuple[str, ...]
    levels: Levels
    pairs: Floats  # by pattern


def expected(patterns: Patterns, different: Mapping[str, Floats]) -> dict[str, Floats]:
    """How often one person's records are at each level (m), by column.

    `different` is how often two people's are (u), and stays fixed (Winkler, 1988).
    """
    sizes = [len(different[name]) for name in patterns.columns]
    imagined = [_imagined(size) for size in sizes]
    same = [prior / prior.sum() for prior in imagined]
    against = _likelihood(patterns, [different[name] for name in patterns.columns])
    share = 0.5
    for _ in range(ROUNDS):
        odds = _likelihood(patterns, same) / against * share / (1 - share)
        true = patterns.pairs * odds / (1 + odds)
        for at, size in enumerate(sizes):
            known = patterns.levels[:, at] != UNKNOWN
            met = np.bincount(patterns.levels[known, at], weights=true[known], minlength=size)
            same[at] = (met + imagined[at]) / (met + imagined[at]).sum()
        last, share = share, min(float(true.sum() / patterns.pairs.sum()), MOST)
        share = max(share, 1 - MOST)
        if abs(share - last) < SETTLED:
            break
    return dict(zip(patterns.columns, same, strict=True))


def _imagined(size: int) -> Floats:
    spread = np.full(size, IMAGINED_PAIRS * (1 - IMAGINED_SAME) / (size - 1))
    spread[0] = IMAGINED_PAIRS * IMAGINED_SAME
    return spread


def _likelihood(patterns: Patterns, probabilities: Sequence[Floats]) -> Floats:
    """Of each pattern; a column that says nothing counts 1."""
    total = np.ones(len(patterns.pairs))
    for at, each in enumerate(probabilities):
        total *= np.append(each, 1.0)[patterns.levels[:, at]]  # UNKNOWN is the last
    return total
