"""Events for tests, and a lake of one's own for each."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pupitre.lake.contracts import EVENT_SCHEMA

DAY = datetime(2026, 3, 10, 9, 0)  # noqa: DTZ001  (the lake's own times are naive UTC)


def event(number: int, **given: Any) -> dict[str, Any]:
    at = DAY + timedelta(minutes=number)
    person = f"p{number % 7}"
    return {
        "message_id": f"m{number}",
        "source": "web-shop",
        "type": "track",
        "name": "Product Viewed",
        "channel": "web",
        "identity": f"user_id:{person}",
        "user_id": person,
        "anonymous_id": None,
        "previous_id": None,
        "group_id": None,
        "original_at": at,
        "sent_at": at,
        "received_at": at,
        "corrected_at": at,
        "properties": '{"sku":"coat-42"}',
        "traits": "{}",
        "context": "{}",
        "extra": "{}",
        "amount": Decimal("19.9000"),
        "currency": "EUR",
        **given,
    }


def events(*numbers: int, **given: Any) -> pa.Table:
    rows = [event(number, **given) for number in numbers]
    return pa.Table.from_pylist(rows, schema=EVENT_SCHEMA)
