"""A refused event that is replayed is, field by field, what it would have been at first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pupitre.core import clock
from pupitre.core.microseconds import instant
from pupitre.flow.collect import services
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty, Refusal
from pupitre.flow.collect.intake.records import MAX_QUARANTINED_BYTES, Record, Refused
from pupitre.flow.collect.queries import Held
from pupitre.flow.collect.receiving import aside
from pupitre.flow.collect.tests.collector_kit import SHOP, Desk, FixedLoader

NOW = datetime(2026, 3, 1, 12, 0, 0, 123_457, tzinfo=UTC)
AGREED = (PlannedEvent("track", "Agreed", (PlannedProperty("total", "number"),)),)
STRICT = replace(SHOP, plan_mode=PlanMode.ENFORCE, plan=AGREED)
EVENT = {
    "type": "track",
    "event": "Bought",
    "userId": "u1",
    "anonymousId": "a1",
    "messageId": "m1",
    "timestamp": "2026-02-28T10:00:00.654321Z",
    "properties": {"total": 1.50, "name": "é \u2028", "deep": [{"a": [1]}]},
    "channel": "server",
    "_metadata": {"x": 1},
    "of our own": [1, {"b": None}],
}
SHARED = {"ip": "192.0.2.1", "library": {"name": "lib", "version": "2"}, "locale": "fr-FR"}


@pytest.fixture
def desk(loader: FixedLoader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    assert loader.book
    monkeypatch.setattr(clock, "now", lambda: NOW)
    desk = Desk(tmp_path)
    yield desk
    desk.close()


def sent(desk: Desk, loader: FixedLoader, path: str, body: object) -> tuple[Record, Record]:
    """The same body to a source without a plan and to one whose plan refuses it: what the first
    kept, and what replay makes of what the second put aside once its plan refuses no more."""
    assert desk.ask(path, body).status == 200
    loader.fill(STRICT)
    desk.collector._keeper._looked = float("-inf")  # or the book would be good for a little longer
    desk.ask(path, body)
    first, second = desk.parcels()
    (at_first,) = first.records
    (put_aside,) = second.refused
    assert put_aside.reason == Refusal.NOT_PLANNED
    loader.fill(SHOP)
    return at_first, replayed(put_aside, second.received_us, loader)


def replayed(put_aside: Refused, received_us: int, loader: FixedLoader) -> Record:
    parcel = services._tried(held(put_aside, received_us), loader.book)
    assert parcel is not None
    assert parcel.received_us == received_us
    (record,) = parcel.records
    return record


def held(put_aside: Refused, received_us: int = 0) -> Held:
    return Held(
        7,
        "web-shop",
        instant(received_us),
        put_aside.reason,
        None,
        put_aside.raw,
        put_aside.whole,
        put_aside.type,
        put_aside.sent_us,
    )


BATCHES: dict[str, dict[str, Any]] = {
    "nothing shared": {"batch": [EVENT]},
    "a context": {"batch": [EVENT], "context": SHARED},
    "both, and when it was sent": {
        "batch": [EVENT],
        "context": SHARED,
        "integrations": {"All": True, "Ads": False},
        "sentAt": "2026-02-28T10:00:05.000001Z",
    },
    "a clock that is years ahead": {
        "batch": [EVENT | {"timestamp": "2399-01-01T00:00:00.000003Z"}],
        "sentAt": "2399-01-01T00:00:09Z",
    },
    "a clock of another age": {
        "batch": [EVENT | {"timestamp": "6000-01-01T00:00:00Z"}],
        "sentAt": "6000-01-01T00:01:00Z",
    },
    "what the event says of it stands": {
        "batch": [
            EVENT
            | {
                "context": {"locale": "en-GB", "page": {"path": "/"}},
                "integrations": {"Ads": True},
                "sentAt": "2026-02-28T10:01:00Z",
            }
        ],
        "context": SHARED,
        "integrations": {"Ads": False, "All": True},
        "sentAt": "2026-03-01T11:59:00Z",
    },
    "nothing of it is an object": {
        "batch": [EVENT | {"context": None, "integrations": True}],
        "context": SHARED,
        "integrations": {"All": True},
    },
    "sent in seconds, and no time of its own": {
        "batch": [{k: v for k, v in EVENT.items() if k != "timestamp"}],
        "context": SHARED,
        "sentAt": 1_772_000_000.25,
    },
    "a field that is called batch": {"batch": [EVENT | {"batch": [1]}]},
    "one, with a context too": {"batch": [EVENT | {"batch": {}}], "context": SHARED},
    "a context near the bound of an event": {
        "batch": [EVENT | {"properties": {"text": "x" * 15_000}}],
        "context": {"text": "y" * 30_000},
    },
    "a number for an id": {"batch": [EVENT | {"userId": 17}], "context": SHARED},
}


@pytest.mark.parametrize("name", BATCHES)
@pytest.mark.parametrize("path", ["/v1/batch", "/v1/import"])
def test_of_a_batch(desk: Desk, loader: FixedLoader, path: str, name: str) -> None:
    at_first, again = sent(desk, loader, path, BATCHES[name])
    assert msgspec.structs.asdict(again) == msgspec.structs.asdict(at_first)


def test_its_times_and_its_context_are_those_of_its_batch(desk: Desk, loader: FixedLoader) -> None:
    """What the test above compares is not empty."""
    _, again = sent(desk, loader, "/v1/batch", BATCHES["both, and when it was sent"])
    assert json.loads(again.context) == SHARED
    assert json.loads(again.extra)["integrations"] == {"All": True, "Ads": False}
    assert again.sent_us is not None
    assert instant(again.sent_us) == datetime(2026, 2, 28, 10, 0, 5, 1, tzinfo=UTC)
    assert instant(again.corrected_us) == NOW - timedelta(seconds=4, microseconds=345_680)


@pytest.mark.parametrize("own", [{}, {"sentAt": "2026-03-01T11:59:00Z", "context": SHARED}])
def test_of_one_event(desk: Desk, loader: FixedLoader, own: dict[str, object]) -> None:
    at_first, again = sent(desk, loader, "/v1/track", EVENT | own)
    assert again == at_first


def test_an_event_that_msgspec_could_not_read_keeps_its_batch_too(
    desk: Desk, loader: FixedLoader
) -> None:
    """Refused while it was parsed; replayed, it is refused again, and says why once more."""
    desk.ask("/v1/batch", {"batch": [EVENT | {"userId": []}, 7], "context": SHARED})
    for one in desk.refused():
        assert one.whole
        assert json.loads(one.raw)["context"] == SHARED
        assert services._tried(held(one), loader.book) is None


def test_an_event_without_an_id_is_given_one_of_its_number(desk: Desk, loader: FixedLoader) -> None:
    nameless = {k: v for k, v in EVENT.items() if k != "messageId"}
    at_first, again = sent(desk, loader, "/v1/batch", {"batch": [nameless], "context": SHARED})
    assert again.message_id == "replayed-7-0"
    assert at_first == msgspec.structs.replace(again, message_id=at_first.message_id)


class TestBounds:
    def test_what_does_not_fit_is_not_called_whole(self, desk: Desk, loader: FixedLoader) -> None:
        event = EVENT | {"event": ""}
        desk.ask("/v1/batch", {"batch": [event], "context": {"text": "y" * 70_000}})
        (one,) = desk.refused()
        assert not one.whole
        assert len(one.raw) == MAX_QUARANTINED_BYTES
        assert one.raw.startswith(b'{"batch":[{"type": "track"')
        assert services._tried(held(one), loader.book) is None

    def test_of_one_request_it_is_bounded(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A large context is not written two thousand times."""
        monkeypatch.setattr(aside, "MAX_SHARED_BYTES", 50_000)
        body = {"batch": [EVENT | {"event": ""}] * 100, "context": {"text": "y" * 10_000}}
        desk.ask("/v1/batch", body)
        found = desk.refused()
        assert [one.whole for one in found].count(True) == 4
        assert sum(len(one.raw) for one in found) < 50_000 + 100 * len(json.dumps(EVENT))
        alone = next(one for one in found if not one.whole)
        assert json.loads(alone.raw) == EVENT | {"event": ""}

    def test_no_write_key_is_kept(self, desk: Desk) -> None:
        body = {"batch": [EVENT | {"event": "", "writeKey": "secret"}], "writeKey": "secret"}
        desk.ask("/v1/batch", body | {"context": {"writeKey": "secret"}})
        (one,) = desk.refused()
        assert b"secret" not in one.raw
        assert one.whole


def test_what_was_mended_in_a_name_is_refused_again(desk: Desk, loader: FixedLoader) -> None:
    """Two customers whose numbers were broken alike are not made one by a replay."""
    for broken in (b"\\u0000", b"\xff"):
        desk.ask("/v1/track", b'{"event":"x","userId":"a' + broken + b'"}')
    found = desk.refused()
    assert [one.reason for one in found] == [Refusal.UNREADABLE] * 2
    assert [services._tried(held(one), loader.book) for one in found] == [None, None]
