"""The four times of an event: when it happened, was sent, was received, and the corrected one."""

from __future__ import annotations

from datetime import UTC, datetime

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail
from pupitre.flow.collect.receiving.limits import EARLIEST_YEAR

SECOND_US = 1_000_000
EARLIEST_US = round(datetime(EARLIEST_YEAR, 1, 1, tzinfo=UTC).timestamp()) * SECOND_US
LATEST_US = round(datetime(9999, 12, 31, tzinfo=UTC).timestamp()) * SECOND_US
MILLISECONDS_FROM = 1e11  # as seconds that would be the year 5138; as milliseconds it is 1973


class NotLetIn(Exception):
    """An event that is refused, and why."""

    def __init__(self, reason: Refusal, found: Detail) -> None:
        super().__init__(reason, found)
        self.reason = reason
        self.detail = found


def microseconds(said: str | int | float) -> int:
    """An instant as SDKs write it, in microseconds since 1970.

    ISO 8601, or seconds or milliseconds since 1970. Without an offset it is taken for UTC. Raises
    ValueError or OverflowError.
    """
    if said.__class__ is str:
        try:
            at = datetime.fromisoformat(said)
        except ValueError:
            said = float(said)  # a number in quotes; "nan" and "inf" are refused below
        else:
            if at.tzinfo is None:
                at = at.replace(tzinfo=UTC)
            if at.year < EARLIEST_YEAR:
                raise ValueError("before any customer")
            return round(at.timestamp() * SECOND_US)
    number = float(said)
    scale = 1_000 if abs(number) >= MILLISECONDS_FROM else SECOND_US
    found = round(number * scale)  # raises on what is not finite
    if not EARLIEST_US <= found <= LATEST_US:
        raise ValueError("in no calendar")
    return found


def happened(said: str | int | float, field: str) -> int:
    try:
        return microseconds(said)
    except (ValueError, OverflowError):
        raise NotLetIn(
            Refusal.BAD_TIME, detail(Wrong.NO_INSTANT, field=field, said=repr(str(said)[:60]))
        ) from None


def sent(said: str | int | float | None) -> int | None:
    """When the sender says that it sent. Unreadable, it corrects nothing: that loses no event."""
    if said is None or said == "":
        return None
    try:
        return microseconds(said)
    except (ValueError, OverflowError):
        return None
