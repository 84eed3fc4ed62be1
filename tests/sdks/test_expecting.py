"""The comparison between wire and lake can fail, for each column."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sdks.expecting import compare, copies_sent, the_one_kept
from tests.sdks.proxy import Passed

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
AT = NOON.replace(tzinfo=None)
MESSAGE: dict[str, Any] = {
    "type": "track",
    "event": "Order Completed",
    "messageId": "m-1",
    "userId": "u",
    "anonymousId": "a",
    "timestamp": "2026-11-20T12:59:00+02:00",
    "sentAt": "2026-11-20T10:59:30Z",
    "properties": {"revenue": 12.5, "currency": "eur"},
    "context": {"library": {"name": "x"}},
    "integrations": {"All": True},
}
ROW: dict[str, Any] = {
    "message_id": "m-1",
    "type": "track",
    "name": "Order Completed",
    "channel": "web",
    "identity": "user_id:u",
    "user_id": "u",
    "anonymous_id": "a",
    "previous_id": None,
    "group_id": None,
    "original_at": AT - timedelta(minutes=1),
    "sent_at": AT - timedelta(seconds=30),
    "received_at": AT,
    "corrected_at": AT - timedelta(seconds=30),
    "properties": '{"revenue":12.5,"currency":"eur"}',
    "traits": "{}",
    "context": '{"library":{"name":"x"}}',
    "extra": '{"integrations":{"All":true}}',
    "amount": Decimal("12.5000"),
    "currency": "EUR",
}
OTHERS: dict[type, Any] = {
    str: '{"other":1}',
    datetime: AT - timedelta(seconds=1),
    Decimal: Decimal("12.51"),
    type(None): "x",
}


def test_a_row_that_says_what_was_sent_passes() -> None:
    compare(MESSAGE, ROW)


@pytest.mark.parametrize("column", ROW)
def test_a_column_that_differs_is_found(column: str) -> None:
    with pytest.raises(AssertionError):
        compare(MESSAGE, {**ROW, column: OTHERS[type(ROW[column])]})


def passed(body: object, *, began: datetime = NOON) -> Passed:
    said = json.dumps(body).encode()
    return Passed("POST", "/v1/batch", {}, said, 200, began, began + timedelta(seconds=1))


def test_a_batchs_context_is_each_events_and_a_copy_is_known_by_its_time() -> None:
    batch = {"batch": [MESSAGE], "context": {"ip": "x", "library": 1}, "sentAt": "2020-01-01"}
    copies = copies_sent([passed(batch, began=NOON - timedelta(minutes=1)), passed(batch)])["m-1"]
    assert [message["context"] for message, _ in copies] == [{"ip": "x", **MESSAGE["context"]}] * 2
    assert the_one_kept(copies, ROW) == copies[1]
    with pytest.raises(AssertionError, match="under way"):
        the_one_kept(copies[:1], ROW)
