"""When in the day things happen: from days and fractions of them to instants."""

from __future__ import annotations

import numpy as np

from pupitre.flow.collect.simulation.contracts import DAY_US, Scenario
from pupitre.flow.collect.simulation.seasons import Calendar
from pupitre.flow.collect.simulation.streams import Floats, Ints

# How much happens in each hour of the day, Paris time, from midnight.
AT_HOME = (2, 1, 1, 0, 0, 1, 3, 6, 8, 9, 10, 10, 12, 12, 10, 9, 9, 10, 12, 14, 17, 18, 12, 6)
IN_SHOPS = (0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 8, 10, 9, 7, 9, 11, 13, 14, 11, 4, 0, 0, 0, 0)
ON_THE_LINE = (0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 12, 12, 5, 6, 10, 11, 10, 8, 4, 0, 0, 0, 0, 0)
OPENING_HOUR = 9


def hour(fraction: Floats, habits: tuple[int, ...]) -> Floats:
    """A share of a day's business as an hour of that day: order is kept."""
    reached = np.concatenate([[0.0], np.cumsum(habits)]) / sum(habits)
    return np.asarray(np.interp(fraction, reached + np.arange(25) * 1e-12, np.arange(25.0)))


def instant(scenario: Scenario, calendar: Calendar, day: Ints, hours: Floats) -> Ints:
    """A local time on a day counted from the first, as microseconds since 1970, UTC."""
    known = np.clip(day, 0, len(calendar.offset_us) - 1)
    local = scenario.origin_us + day * DAY_US + (hours * 3_600_000_000).astype(np.int64)
    return local - calendar.offset_us[known]


def spread(
    scenario: Scenario, calendar: Calendar, at: Floats, habits: tuple[int, ...] = AT_HOME
) -> Ints:
    """Days with a fraction as instants; the fraction tells the hour by these habits."""
    day = np.floor(at)
    return instant(scenario, calendar, day.astype(np.int64), hour(at - day, habits))
