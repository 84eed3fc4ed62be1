"""A delivery, from the calls to the lake: nothing less, nothing more, nothing twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from tests.sdks.calls import Call, row_of
from tests.sdks.expecting import compare, copies_sent, the_one_kept
from tests.sdks.proxy import Fault, Proxy, proxying
from tests.sdks.station import Row, Station

# The first request is never passed on, the second is accepted though its sender is told 503.
FAULTS = (Fault.LOST, Fault.FORGOTTEN)
Sender = Callable[[Sequence[Call], str, str], None]  # of calls, with a key, to an address


def delivered(
    station: Station, source: str, plan: Sequence[Call], send: Sender, *, whole: int
) -> tuple[list[Row], Proxy]:
    """Send by way of a proxy that fails twice; what the lake holds once all came to rest."""
    with proxying(station.served.port, FAULTS) as proxy:
        send(plan, station.keys[source], proxy.url)
        station.until(
            lambda: len(copies_sent(proxy.sent())) >= whole and came_again(proxy),
            f"{source} has sent {len(proxy.sent())} requests, of {whole} messages",
        )
    station.at_rest()
    station.until(lambda: len(station.rows(source)) >= whole, f"{source} is not in the lake")
    return station.rows(source), proxy


def check_wire(rows: Iterable[Row], proxy: Proxy) -> None:
    """Each message that passed is one row, and there is no other."""
    sent = copies_sent(proxy.sent())
    found = {row["message_id"]: row for row in rows}
    assert len(found) == len(list(rows)), "a message stands there twice"
    assert found.keys() == sent.keys()
    assert came_again(proxy)
    for message_id, copies in sent.items():
        message, _ = the_one_kept(copies, found[message_id])
        compare(message, found[message_id])


def came_again(proxy: Proxy) -> bool:
    """Whether what was accepted and denied was sent again: the test would say little else."""
    return any(len(copies) > 1 for copies in copies_sent(proxy.sent()).values())


def check_calls(rows: Iterable[Row], plan: Iterable[Call], *, library: str) -> None:
    """Each call is one row, and says what was said."""
    rows = list(rows)
    for call in plan:
        row = row_of(call, rows)
        where = "traits" if call.does in ("identify", "group") else "properties"
        kept = json.loads(row[where]) or json.loads(row["context"]).get("traits", {})
        if call.does != "alias":
            assert kept.items() >= dict(call.body).items(), call
        assert row["type"] == call.does
        assert row["name"] == (call.name or None)
        assert row["user_id"] == call.user
        assert row["previous_id"] == (call.previous or None)
        assert row["group_id"] == (call.group or None)
        if call.anonymous:
            assert row["anonymous_id"] == call.anonymous
        if call.message_id:
            assert row["message_id"] == call.message_id
        if call.at:
            assert row["original_at"] == call.at.replace(tzinfo=None)
        assert json.loads(row["context"])["library"]["name"] == library
