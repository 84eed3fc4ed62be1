"""The French year, against what calendars say."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from pupitre.flow.collect.simulation import seasons
from pupitre.flow.collect.simulation.contracts import Scenario, months_before


@pytest.mark.parametrize(
    ("year", "day"),
    [(2023, (4, 9)), (2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2038, (4, 25))],
)
def test_easter_is_on_its_sunday(year: int, day: tuple[int, int]) -> None:
    assert seasons.easter(year) == date(year, *day)


def test_the_eleven_public_holidays_of_2025() -> None:
    assert sorted(seasons.public_holidays(2025)) == [
        date(2025, *day)
        for day in (
            (1, 1), (4, 21), (5, 1), (5, 8), (5, 29), (6, 9),
            (7, 14), (8, 15), (11, 1), (11, 11), (12, 25),
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("year", "winter", "summer"),
    [
        (2023, (1, 11), (6, 28)),
        (2024, (1, 10), (6, 26)),
        (2025, (1, 8), (6, 25)),
        (2026, (1, 7), (6, 24)),  # the second Wednesday is the 14th: too late
        (2027, (1, 6), (6, 23)),  # the last Wednesday of June is the 30th: too late
    ],
)
def test_sales_begin_when_the_code_of_commerce_says(
    year: int, winter: tuple[int, int], summer: tuple[int, int]
) -> None:
    assert seasons.sales(year) == (date(year, *winter), date(year, *summer))


@pytest.mark.parametrize(("year", "day"), [(2023, 24), (2024, 29), (2025, 28), (2026, 27)])
def test_black_friday_follows_the_fourth_thursday(year: int, day: int) -> None:
    assert seasons.black_friday(year) == date(year, 11, day)


@pytest.mark.parametrize("year", [2024, 2025, 2026])
def test_an_average_day_is_average(year: int) -> None:
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    assert seasons.factors(date(year, 1, 1), days).mean() == pytest.approx(1.0)


def test_business_time_runs_there_and_back() -> None:
    calendar = seasons.calendar(Scenario(people=1, months=6, seed=0))
    days = np.linspace(-1_000, calendar.days + 300, 997)
    assert calendar.unwarp(calendar.warp(days)) == pytest.approx(days)
    friday = seasons.HISTORY_DAYS + 3  # 2025-07-04
    assert calendar.factor[friday + 1] > calendar.factor[friday]


def test_clocks_in_paris_are_one_or_two_hours_ahead() -> None:
    calendar = seasons.calendar(Scenario(people=1, months=12, seed=0))
    hours = calendar.offset_us / 3_600_000_000
    assert hours[14] == 1  # 15 January
    assert hours[195] == 2  # 15 July


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 1, 1), 12, date(2025, 1, 1)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 11, 22), 11, date(2025, 12, 22)),
    ],
)
def test_months_before(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
