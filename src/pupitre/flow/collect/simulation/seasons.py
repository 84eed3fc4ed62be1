"""The French year of a shop: public holidays, sales, weekdays, and how much is bought on a day.

Sales follow article D310-15-2 of the commercial code: winter ones begin on the second Wednesday of
January (on the first where the second falls after the 12th), summer ones on the last Wednesday of
June (on the one before where that falls after the 28th); they last four weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.streams import Flags, Floats, Ints

PARIS = ZoneInfo("Europe/Paris")
HISTORY_DAYS = 1_095  # how long before the first day customers may have come
FUTURE_DAYS = 365  # how far behind the last day lifetimes are played on
SALES_DAYS = 28
WEEKDAYS = (0.84, 0.88, 1.02, 0.92, 1.08, 1.42, 0.84)  # Monday first
MONTHS = (0.96, 0.86, 0.91, 0.94, 1.0, 0.98, 0.93, 0.76, 1.06, 1.02, 1.12, 1.46)
SALES, BLACK_FRIDAY, HOLIDAY = 1.45, 1.7, 0.6


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Butcher's algorithm)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return date(year, month, day + 1)


def public_holidays(year: int) -> frozenset[date]:
    """The eleven of metropolitan France."""
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    sunday = easter(year)
    moving = (timedelta(days=1), timedelta(days=39), timedelta(days=50))
    return frozenset({date(year, m, d) for m, d in fixed} | {sunday + after for after in moving})


def sales(year: int) -> tuple[date, date]:
    """First days of the winter and the summer sales."""
    january = date(year, 1, 1)
    winter = january + timedelta(days=(2 - january.weekday()) % 7 + 7)
    if winter.day > 12:
        winter -= timedelta(days=7)
    june = date(year, 6, 30)
    summer = june - timedelta(days=(june.weekday() - 2) % 7)
    if summer.day > 28:
        summer -= timedelta(days=7)
    return winter, summer


def black_friday(year: int) -> date:
    """The Friday after the fourth Thursday of November."""
    november = date(year, 11, 1)
    return november + timedelta(days=(3 - november.weekday()) % 7 + 22)


def in_sales(day: date) -> bool:
    return any(0 <= (day - first).days < SALES_DAYS for first in sales(day.year))


def shops_open(day: date) -> bool:
    return day.weekday() != 6 and (day not in public_holidays(day.year))


def raw_factor(day: date) -> float:
    factor = WEEKDAYS[day.weekday()] * MONTHS[day.month - 1]
    if in_sales(day):
        factor *= SALES
    if 0 <= (black_friday(day.year) - day).days <= 4:
        factor *= BLACK_FRIDAY
    return factor * HOLIDAY if day in public_holidays(day.year) else factor


def year_mean(year: int) -> float:
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return sum(raw_factor(date(year, 1, 1) + timedelta(days=n)) for n in range(days)) / days


def factors(first: date, days: int) -> Floats:
    """How busy each day is; one, on average, over each calendar year."""
    means = {year: year_mean(year) for year in range(first.year, first.year + days // 365 + 2)}
    every = [first + timedelta(days=n) for n in range(days)]
    return np.array([raw_factor(day) / means[day.year] for day in every])


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days count from the first simulated one; tables run from years before to one after."""

    factor: Floats  # by day, from -HISTORY_DAYS
    busy: Floats  # the sum of factors up to the morning of each day
    edges: Floats  # the days themselves: where `busy` is known
    open: Flags  # by day from 0: whether shops are open
    offset_us: Ints  # by day from 0: from UTC to Paris, at noon
    days: int

    def warp(self, at: Floats | float) -> Floats:
        """Business time: it runs faster when much is bought. Rates are per day of it."""
        return np.asarray(np.interp(at, self.edges, self.busy))

    def unwarp(self, busy: Floats) -> Floats:
        return np.interp(busy, self.busy, self.edges)


def calendar(scenario: Scenario) -> Calendar:
    total = HISTORY_DAYS + scenario.days + FUTURE_DAYS
    factor = factors(scenario.first - timedelta(days=HISTORY_DAYS), total)
    window = [scenario.first + timedelta(days=n) for n in range(scenario.days + 1)]
    offsets = [datetime.combine(d, time(12), PARIS).utcoffset() or timedelta() for d in window]
    return Calendar(
        factor=factor,
        busy=np.concatenate([[0.0], np.cumsum(factor)]),
        edges=np.arange(total + 1, dtype=np.float64) - HISTORY_DAYS,
        open=np.array([shops_open(day) for day in window]),
        offset_us=np.array([int(o.total_seconds()) * 1_000_000 for o in offsets], dtype=np.int64),
        days=scenario.days,
    )
