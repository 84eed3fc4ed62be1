"""Instants as the book writes them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)


def microseconds(at: datetime) -> int:
    return (at - EPOCH) // _ONE


def instant(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)
