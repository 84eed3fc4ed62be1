"""The legal clock (GDPR, art. 12(3)): one month from receipt, and two more with a reason.

By Regulation 1182/71, art. 3, a month ends with the day of the same number, or with the last of
a shorter month. Where that day is a holiday the law gives until the next working day; we do not
take it: the day that we name is never too late.
"""

from __future__ import annotations

import calendar
import enum
from datetime import date

ANSWER_MONTHS = 1
EXTENSION_MONTHS = 2
SOON_DAYS = 7


class Urgency(enum.StrEnum):
    LATE = "late"
    SOON = "soon"
    IN_TIME = "in_time"


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later; the last of the month where it has none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def due_on(received: date, *, extended: bool = False) -> date:
    """The last day on which the answer is in time. Both terms run from the receipt: an extension
    asked for on the last day of February does not lose the days that February has not."""
    return months_after(received, ANSWER_MONTHS + (EXTENSION_MONTHS if extended else 0))


def may_extend(received: date, *, today: date) -> bool:
    """Whoever asked must be told of it, with the reason, within the first month."""
    return today <= due_on(received)


def urgency(due: date, *, today: date) -> Urgency:
    if today > due:
        return Urgency.LATE
    return Urgency.SOON if (due - today).days <= SOON_DAYS else Urgency.IN_TIME
