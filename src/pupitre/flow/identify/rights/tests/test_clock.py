"""The month that the law gives: at the ends of months, in leap years, across time zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from pupitre.core import clock as wall
from pupitre.flow.identify.rights.clock import (
    Urgency,
    due_on,
    may_extend,
    months_after,
    urgency,
)


@pytest.mark.parametrize(
    ("received", "due", "extended"),
    [
        (date(2026, 1, 15), date(2026, 2, 15), date(2026, 4, 15)),
        (date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30)),
        (date(2028, 1, 31), date(2028, 2, 29), date(2028, 4, 30)),  # a leap year
        (date(2028, 2, 29), date(2028, 3, 29), date(2028, 5, 29)),
        (date(2026, 2, 28), date(2026, 3, 28), date(2026, 5, 28)),
        (date(2026, 3, 31), date(2026, 4, 30), date(2026, 6, 30)),
        (date(2026, 11, 30), date(2026, 12, 30), date(2027, 2, 28)),
        (date(2026, 12, 31), date(2027, 1, 31), date(2027, 3, 31)),
        (date(2100, 1, 30), date(2100, 2, 28), date(2100, 4, 30)),  # no leap year
    ],
)
def test_a_month_ends_with_its_own_day_or_the_last(
    received: date, due: date, extended: date
) -> None:
    assert due_on(received) == due
    assert due_on(received, extended=True) == extended


def test_both_terms_run_from_the_receipt() -> None:
    """Not from the end of the first month: 31 January would lose three days."""
    assert due_on(date(2026, 1, 31), extended=True) == date(2026, 4, 30)
    assert months_after(due_on(date(2026, 1, 31)), 2) == date(2026, 4, 28)


def test_no_day_of_a_century_has_more_than_a_month_nor_less_than_twenty_eight_days() -> None:
    day = date(2000, 1, 1)
    while day < date(2101, 1, 1):
        due = due_on(day)
        assert 28 <= (due - day).days <= 31
        assert due.month == day.month % 12 + 1
        assert due <= due_on(day + timedelta(days=1))  # who asks later is never answered earlier
        day += timedelta(days=1)


def test_the_last_day_is_in_time_and_the_next_is_not() -> None:
    due = date(2026, 2, 28)
    assert urgency(due, today=date(2026, 2, 20)) is Urgency.IN_TIME
    assert urgency(due, today=date(2026, 2, 21)) is Urgency.SOON
    assert urgency(due, today=due) is Urgency.SOON
    assert urgency(due, today=date(2026, 3, 1)) is Urgency.LATE
    assert may_extend(date(2026, 1, 31), today=due)
    assert not may_extend(date(2026, 1, 31), today=date(2026, 3, 1))


def test_a_day_is_the_company_s(settings: object) -> None:
    """Half past eleven at night in UTC is the next morning in Paris, and the last day is over."""
    evening = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
    assert wall.day_of(evening) == date(2026, 3, 1)
    assert urgency(date(2026, 2, 28), today=wall.day_of(evening)) is Urgency.LATE
    settings.TIME_ZONE = "America/Martinique"  # type: ignore[attr-defined]
    assert wall.day_of(evening) == date(2026, 2, 28)
    assert urgency(date(2026, 2, 28), today=wall.day_of(evening)) is Urgency.SOON
