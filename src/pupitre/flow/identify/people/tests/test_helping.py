"""The three facts that help now: each rule, and which come first."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from pupitre.flow.identify.people.helping import (
    CASE_DAYS,
    MOST,
    NAMES,
    REFUND_DAYS,
    Fact,
    Happened,
    Help,
    helpful,
)

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)


def happened(name: str, days_ago: float, channel: str = "web", **properties: str) -> Happened:
    return Happened(name, channel, NOW - timedelta(days=days_ago), properties)


def about(*events: Happened) -> list[Help]:
    orders = {
        tuple(fact.about for fact in helpful(order, now=NOW))
        for order in itertools.islice(itertools.permutations(events), 24)
    }
    assert len(orders) == 1  # the order in which events come is no matter
    return list(orders.pop())


def test_nothing_happened() -> None:
    assert about() == []
    assert about(happened("Page Viewed", 1)) == []


def test_a_case_is_open_until_it_is_closed() -> None:
    opened = happened("Case Opened", 2, "service", case_id="7", topic="delivery")
    assert about(opened) == [Help.CASE]
    assert about(opened, happened("Case Closed", 1, case_id="8")) == [Help.CASE]
    assert about(opened, happened("Case Closed", 1, case_id="7")) == []
    assert about(happened("Case Opened", CASE_DAYS + 1, case_id="7")) == []


def test_the_case_that_waits_longest_is_told() -> None:
    (fact,) = helpful(
        [happened("Case Opened", 2, case_id="a"), happened("Case Opened", 9, case_id="b")], now=NOW
    )
    assert fact.details["case_id"] == "b"


def test_a_return_waits_until_it_is_paid_back() -> None:
    asked = happened("Return Requested", 6, order_id="C1")
    assert about(asked) == [Help.RETURN]
    assert about(asked, happened("Order Refunded", 1, order_id="C2")) == [
        Help.RETURN,
        Help.REFUNDED,
    ]
    assert about(asked, happened("Order Refunded", 1, order_id="C1")) == [Help.REFUNDED]
    assert about(happened("Order Refunded", REFUND_DAYS + 1, order_id="C1")) == []


def test_the_last_purchase_that_was_not_cancelled() -> None:
    first, second = (happened("Order Completed", d, order_id=o) for d, o in ((9, "C1"), (3, "C2")))
    (fact,) = helpful([first, second], now=NOW)
    assert fact.details["order_id"] == "C2"
    cancelled = happened("Order Cancelled", 1, order_id="C2")
    (fact,) = helpful([first, second, cancelled], now=NOW)
    assert fact.details["order_id"] == "C1"
    assert about(happened("Order Completed", 1), happened("Order Cancelled", 0.5)) == [
        Help.PURCHASE
    ]


def test_an_address_that_took_no_message_until_one_was_opened() -> None:
    came_back = happened("Email Bounced", 3, "email")
    assert about(came_back) == [Help.BOUNCED]
    assert about(came_back, happened("Email Opened", 2, "email")) == []


def test_three_at_most_and_what_presses_first() -> None:
    told = [
        happened("Order Completed", 1),
        happened("Email Bounced", 1),
        happened("Return Requested", 4, order_id="C1"),
        happened("Case Opened", 1, case_id="7"),
    ]
    quiet = Fact(Help.SILENCE, NOW, channels=("email",))
    found = [fact.about for fact in helpful(told, now=NOW, silence=[quiet])]
    assert found == [Help.CASE, Help.RETURN, Help.SILENCE]
    assert len(found) == MOST


def test_what_has_not_happened_yet_is_no_fact() -> None:
    """A clock that is wrong sends events from tomorrow."""
    assert about(happened("Order Completed", -1)) == []


@pytest.mark.parametrize("name", NAMES)
def test_an_event_without_any_property_does_no_harm(name: str) -> None:
    helpful([happened(name, 1)], now=NOW)
