"""Charts that the server draws: nothing lost, nothing drawn out of the frame."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.core.charts import HEIGHT, MOST_SERIES, WIDTH, Series, daily_bars

DAY = date(2026, 11, 20)


def days(count: int) -> list[date]:
    return [DAY + timedelta(days=n) for n in range(count)]


def test_bars_stand_on_each_other() -> None:
    chart = daily_bars(days(2), [Series("web", (10, 0)), Series("shop", (30, 20))])
    assert [(p.colour, p.height, p.y) for p in chart.pieces] == [
        (1, 60.0, 180.0),
        (2, 180.0, 0.0),
        (2, 120.0, 120.0),
    ]
    assert [(line.value, line.y) for line in chart.grid] == [(20, 120.0), (40, 0.0)]


def test_a_day_without_anything_draws_nothing() -> None:
    chart = daily_bars(days(3), [Series("web", (0, 0, 0))])
    assert chart.pieces == ()
    assert (chart.first, chart.middle, chart.last) == tuple(days(3))


def test_what_has_no_colour_left_is_added_up() -> None:
    many = [Series(str(n), (n, 1)) for n in range(1, 10)]
    chart = daily_bars(days(2), many)
    assert len(chart.series) == MOST_SERIES
    assert chart.series[-1] == Series("…", (6 + 7 + 8 + 9, 4))
    assert sum(s.total for s in chart.series) == sum(s.total for s in many)


def test_it_needs_a_day() -> None:
    with pytest.raises(ValueError, match="needs a day"):
        daily_bars([], [])


@given(st.lists(st.lists(st.integers(0, 10**12), min_size=4, max_size=4), max_size=9))
def test_it_stays_in_its_frame_and_keeps_proportions(values: list[list[int]]) -> None:
    chart = daily_bars(days(4), [Series(str(n), tuple(row)) for n, row in enumerate(values)])
    top = chart.grid[-1].value
    assert top >= max((sum(day) for day in zip(*values, strict=True)), default=0)
    for piece in chart.pieces:
        assert -0.1 <= piece.y <= HEIGHT
        assert piece.y + piece.height <= HEIGHT + 0.1
        assert 0 <= piece.x < piece.x + piece.width <= WIDTH
    drawn = sum(piece.height for piece in chart.pieces) / HEIGHT * top
    assert drawn == pytest.approx(sum(map(sum, values)), rel=0.01, abs=top * 0.001)
