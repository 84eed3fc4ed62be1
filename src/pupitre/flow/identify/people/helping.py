"""The three facts that help whoever stands before a customer. Pure: events in, facts out.

Most pressing first: a case that is open, what they asked not to receive, money that they wait for,
what they bought last and where. Names of events are Segment's specification for commerce, and
those of the service desk and the e-mail tool that this module lists; others say nothing here.

What is understood, exactly:

* ``Case Opened`` / ``Case Closed`` with the same ``case_id``: open until closed.
* ``Return Requested`` / ``Order Refunded`` with the same ``order_id``: money waited for; a refund
  within the last ``REFUND_DAYS`` is told as done.
* ``Order Completed``: the last purchase, unless ``Order Cancelled`` took it back.
* ``Email Bounced``: told where it is newer than anything opened.

What they asked not to receive is no matter of the last events: the ledger of consents says it, and
it is given.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

MOST = 3
REFUND_DAYS = 30
CASE_DAYS = 90  # an older case that nobody closed is a mistake of the desk, not news
NAMES: tuple[str, ...] = (
    "Case Opened",
    "Case Closed",
    "Return Requested",
    "Order Refunded",
    "Order Completed",
    "Order Cancelled",
    "Email Bounced",
    "Email Opened",
)


class Help(enum.StrEnum):
    """What a fact is about."""

    CASE = "case"  # a case waits for an answer
    RETURN = "return"  # something was sent back, and not paid back
    SILENCE = "silence"  # what they asked not to receive
    REFUNDED = "refunded"  # it was paid back of late
    PURCHASE = "purchase"
    BOUNCED = "bounced"  # their address takes no more messages


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, as far as it may be seen: hidden properties are absent."""

    name: str
    channel: str
    at: datetime
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Fact:
    about: Help
    at: datetime
    channel: str = ""
    details: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    channels: tuple[str, ...] = ()  # of silence


def helpful(
    events: Iterable[Happened], *, now: datetime, silence: Iterable[Fact] = ()
) -> tuple[Fact, ...]:
    """At most three facts, the most pressing first; the order in which events come is no matter."""
    ordered = sorted(
        (event for event in events if event.at <= now), key=lambda event: (event.at, event.name)
    )
    found = (
        *_open_cases(ordered, now),
        *_returns(ordered),
        *silence,
        *_refund(ordered, now),
        *_purchase(ordered),
        *_bounced(ordered),
    )
    return found[:MOST]


def _of(events: list[Happened], *names: str) -> list[Happened]:
    return [event for event in events if event.name in names]


def _open_cases(events: list[Happened], now: datetime) -> tuple[Fact, ...]:
    """The one that waits longest: a second fact about a case would hide another thing."""
    closed = {e.properties.get("case_id", "") for e in _of(events, "Case Closed")}
    waiting = [
        event
        for event in _of(events, "Case Opened")
        if event.properties.get("case_id", "") not in closed
        and event.at >= now - timedelta(days=CASE_DAYS)
    ]
    return tuple(_fact(Help.CASE, event) for event in waiting[:1])


def _returns(events: list[Happened]) -> tuple[Fact, ...]:
    paid = {e.properties.get("order_id", "") for e in _of(events, "Order Refunded")}
    asked = [
        event
        for event in _of(events, "Return Requested")
        if event.properties.get("order_id", "") not in paid
    ]
    return tuple(_fact(Help.RETURN, event) for event in asked[:1])


def _refund(events: list[Happened], now: datetime) -> tuple[Fact, ...]:
    late = [e for e in _of(events, "Order Refunded") if e.at >= now - timedelta(days=REFUND_DAYS)]
    return tuple(_fact(Help.REFUNDED, event) for event in late[-1:])


def _purchase(events: list[Happened]) -> tuple[Fact, ...]:
    cancelled = {e.properties.get("order_id") for e in _of(events, "Order Cancelled")} - {None, ""}
    bought = [
        event
        for event in _of(events, "Order Completed")
        if event.properties.get("order_id") not in cancelled
    ]
    return tuple(_fact(Help.PURCHASE, event) for event in bought[-1:])


def _bounced(events: list[Happened]) -> tuple[Fact, ...]:
    """A message that was opened since says that the address works again."""
    mails = _of(events, "Email Bounced", "Email Opened")
    if mails and mails[-1].name == "Email Bounced":
        return (_fact(Help.BOUNCED, mails[-1]),)
    return ()


def _fact(about: Help, event: Happened) -> Fact:
    return Fact(about, event.at, event.channel, event.properties)
