"""A waterfall of match weights: from the prior, column by column, to the sum. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, ROW, BAR = 600.0, 26.0, 18.0  # units of the drawing
_LEAST_SPAN = 4.0  # bits: a chart of nearly nothing is not blown up


@dataclass(frozen=True, slots=True)
class Bar:
    """One row: from where to where, in units of the drawing. ``tone``: for, against or sum."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    bits: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    bars: tuple[Bar, ...]  # prior, then each weight, then the sum
    joins: tuple[tuple[float, float, float], ...]  # x, y from, y to: where one bar hands over
    zero: float  # x of no evidence either way
    low: float  # bits at the left edge
    high: float
    width: float
    height: float


def waterfall(prior: float, weights: Sequence[float]) -> Waterfall:
    """The bars of each weight begin where those before it ended."""
    ends = [prior]
    for weight in weights:
        ends.append(ends[-1] + weight)
    reach = (0.0, *ends)
    low, high = min(reach), max(reach)
    spare = max((_LEAST_SPAN - (high - low)) / 2, 0.0)
    low, high = low - spare, high + spare

    def x(bits: float) -> float:
        return round((bits - low) / (high - low) * WIDTH, 2)

    steps = [(0.0, prior, "sum"), *zip(ends, ends[1:], ("",) * len(weights), strict=False)]
    steps.append((0.0, ends[-1], "sum"))
    bars = tuple(
        Bar(
            x=min(x(start), x(end)),
            y=round(row * ROW + (ROW - BAR) / 2, 2),
            width=max(abs(round(x(end) - x(start), 2)), 1.0),
            height=BAR,
            tone=tone or ("for" if end >= start else "against"),
            bits=end - start,
        )
        for row, (start, end, tone) in enumerate(steps)
    )
    joins = tuple(
        (x(end), round(row * ROW + (ROW + BAR) / 2, 2), round((row + 1) * ROW + (ROW - BAR) / 2, 2))
        for row, end in enumerate(ends)
    )
    return Waterfall(bars, joins, x(0.0), low, high, WIDTH, len(bars) * ROW)
