"""The one place that reads the wall clock; everything else is handed the time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def day_of(at: datetime) -> date:
    """The calendar day of an instant in the company's time zone: seats are held by the day."""
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
