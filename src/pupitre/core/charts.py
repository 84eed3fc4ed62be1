"""Charts that the server draws: stacked bars over days, as SVG without style or script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 1_000.0, 240.0
MOST_SERIES = 6  # colours that can be told apart; what is beyond goes into the last
_GAP = 0.18  # of a day's room, left empty on its right


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of the chart: a label, and a value for each day."""

    label: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float
    colour: int  # 1 to MOST_SERIES


@dataclass(frozen=True, slots=True)
class Grid:
    """A line across the chart, and the value that it stands for."""

    y: float
    value: int


@dataclass(frozen=True, slots=True)
class DailyBars:
    """Ready to be drawn by ``core/parts/bars.html``."""

    days: tuple[date, ...]
    series: tuple[Series, ...]
    pieces: tuple[Piece, ...]
    grid: tuple[Grid, ...]
    width: float = WIDTH
    height: float = HEIGHT

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def middle(self) -> date:
        return self.days[len(self.days) // 2]

    @property
    def last(self) -> date:
        return self.days[-1]


def daily_bars(days: Sequence[date], series: Sequence[Series]) -> DailyBars:
    """Stacked bars, the first series at the bottom. Takes at least one day."""
    if not days:
        raise ValueError("a chart needs a day")
    shown = _bounded(series)
    highest = max((sum(s.values[i] for s in shown) for i in range(len(days))), default=0)
    top = _round_up(highest)
    room = WIDTH / len(days)
    pieces = []
    for i in range(len(days)):
        y = HEIGHT
        for colour, one in enumerate(shown, 1):
            height = one.values[i] / top * HEIGHT
            y -= height
            if height:
                pieces.append(
                    Piece(
                        x=round(i * room + room * _GAP / 2, 2),
                        y=round(y, 2),
                        width=round(room * (1 - _GAP), 2),
                        height=round(height, 2),
                        colour=colour,
                    )
                )
    grid = tuple(Grid(round(HEIGHT - HEIGHT * part / 2, 2), top * part // 2) for part in (1, 2))
    return DailyBars(tuple(days), shown, tuple(pieces), grid)


def _bounded(series: Sequence[Series]) -> tuple[Series, ...]:
    """At most as many as there are colours: the last one is what the others add up to."""
    if len(series) <= MOST_SERIES:
        return tuple(series)
    kept, rest = series[: MOST_SERIES - 1], series[MOST_SERIES - 1 :]
    others = tuple(sum(values) for values in zip(*(one.values for one in rest), strict=True))
    return (*kept, Series("…", others))


def _round_up(value: int) -> int:
    """The next number that halves well: 2, 4, 10, 20, 40, 100…"""
    step = 1
    while True:
        for leading in (2, 4, 10):
            if value <= leading * step:
                return leading * step
        step *= 10
