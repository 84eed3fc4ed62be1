"""Instants as machines write them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ONE = timedelta(microseconds=1)


def since_1970(at: datetime) -> int:
    return (at - EPOCH) // _ONE


def instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)
