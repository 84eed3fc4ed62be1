"""What stewards' answers teach: how sure a score really is, and where to draw the lines.

Answers are accepted and refused pairs with their weights. The probability that a pair of a given
weight is one person is estimated by isotonic regression (Ayer and others, 1955; for calibration
Zadrozny and Elkan, 2002): it may only rise with the weight, and takes no other shape for granted.
How sure a zone's precision is comes from the beta-binomial posterior under Jeffreys' prior (Brown,
Cai and DasGupta, 2001). Few answers move nothing: a line moves only where its interval says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.stats import beta

from pupitre.flow.identify.matching.contracts import Thresholds

JEFFREYS = 0.5
SURE = 0.95  # of a one-sided bound
MIN_ANSWERS = 30  # before a threshold moves


@dataclass(frozen=True, slots=True)
class Answer:
    weight: float  # bits, as the pair was scored
    probability: float  # as the model had it
    accepted: bool


@dataclass(frozen=True, slots=True)
class Precision:
    """Share of true pairs, with a 95 % credible interval."""

    answers: int
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Probability by weight: rises in steps. Between the weights that were answered it is drawn
    straight; outside it stays level."""

    weights: tuple[float, ...]  # bits, ascending, each once
    probabilities: tuple[float, ...]

    def at(self, weight: float) -> float:
        return float(np.interp(weight, self.weights, self.probabilities))


def precision(answers: Sequence[Answer]) -> Precision:
    """Of a zone, from the answers that fell into it. Without any it is wide open: 0 to 1."""
    accepted = sum(one.accepted for one in answers)
    posterior = beta(accepted + JEFFREYS, len(answers) - accepted + JEFFREYS)
    tail = (1 - SURE) / 2
    # Brown, Cai and DasGupta: closed at the ends, where nothing or everything was accepted.
    low = 0.0 if accepted == 0 else float(posterior.ppf(tail))
    high = 1.0 if accepted == len(answers) else float(posterior.ppf(1 - tail))
    return Precision(len(answers), float(posterior.mean()), low, high)


def calibrated(answers: Sequence[Answer]) -> Calibrated:
    """Raises ValueError without answers."""
    if not answers:
        raise ValueError("nobody has answered yet")
    weights, at = np.unique([one.weight for one in answers], return_inverse=True)
    each = np.bincount(at).astype(np.float64)
    accepted = np.bincount(at, [one.accepted for one in answers])
    fitted = isotonic_regression(accepted / each, weights=each).x
    return Calibrated(tuple(weights.tolist()), tuple(np.clip(fitted, 0, 1).tolist()))


def relearnt(answers: Sequence[Answer], current: Thresholds) -> Thresholds:
    """The lines that the answers ask for, still as probabilities of the model.

    `link_from` comes down to the lowest probability above which accepted pairs are, with 95 %
    certainty, at least as frequent as `link_from` promises, and whose own calibrated probability
    promises it too, so that certain pairs do not vouch for doubtful ones. It goes up where the
    answers above it show, with the same certainty, that the promise is broken. `propose_from` goes
    up where the least likely of the proposals are true less often than it promises. Without enough
    answers nothing moves.
    """
    if len(answers) < MIN_ANSWERS:
        return current
    ordered = sorted(answers, key=lambda one: -one.probability)
    probability = np.array([one.probability for one in ordered])
    accepted = np.cumsum([one.accepted for one in ordered]).astype(np.float64)
    answered = np.arange(1, len(ordered) + 1, dtype=np.float64)
    low, high = _bounds(accepted, answered)
    # A line lies below all pairs of one probability or above them all, never between.
    last = np.append(probability[1:] < probability[:-1], True)
    fitted = calibrated(answers)
    promised = np.array([fitted.at(one.weight) for one in ordered]) >= current.link_from
    good = last & (answered >= MIN_ANSWERS) & promised & (low >= current.link_from)
    link = _link_from(probability, good, high, last & (answered >= MIN_ANSWERS), current)
    propose = min(_propose_from(ordered, current), link)
    return Thresholds(link_from=link, propose_from=propose)


def _bounds(
    accepted: npt.NDArray[np.float64], answered: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    a, b = accepted + JEFFREYS, answered - accepted + JEFFREYS
    return beta.ppf(1 - SURE, a, b), beta.ppf(SURE, a, b)


def _link_from(
    probability: npt.NDArray[np.float64],
    good: npt.NDArray[np.bool_],
    high: npt.NDArray[np.float64],
    lines: npt.NDArray[np.bool_],
    current: Thresholds,
) -> float:
    kept = np.flatnonzero(good)
    if len(kept) and probability[kept[-1]] < current.link_from:
        return float(max(probability[kept[-1]], current.propose_from))
    above = np.flatnonzero(lines & (probability >= current.link_from))
    if len(above) and high[above[-1]] < current.link_from:
        held = above[high[above] >= current.link_from]
        return float(probability[held[-1]]) if len(held) else 1.0
    return current.link_from


def _propose_from(ordered: Sequence[Answer], current: Thresholds) -> float:
    """Up to where the pairs just above the line are true as often as it promises."""
    proposed = [one for one in ordered if current.propose_from <= one.probability]
    lowest = proposed[-MIN_ANSWERS:]
    if len(lowest) < MIN_ANSWERS:
        return current.propose_from
    found = sum(one.accepted for one in lowest)
    highest = beta.ppf(SURE, found + JEFFREYS, len(lowest) - found + JEFFREYS)
    return lowest[0].probability if highest < current.propose_from else current.propose_from
