"""What the collector answers, and what its journal has after it: Segment's API, fact by fact."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.receiving.routes import is_collectors
from pupitre.flow.collect.tests.collector_kit import KEY, SHOP, Desk, FixedLoader, basic

pytestmark = pytest.mark.once
TRACK = {"event": "Order Completed", "userId": "u1"}
EVENTS = {
    "identify": {"userId": "u1", "traits": {"email": "a@example.org"}},
    "track": TRACK,
    "page": {"anonymousId": "a1", "name": "Home"},
    "screen": {"anonymousId": "a1", "name": "Cart"},
    "group": {"userId": "u1", "groupId": "g1"},
    "alias": {"userId": "u1", "previousId": "a1"},
}


@pytest.fixture
def desk(loader: FixedLoader, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "journal")
    yield made
    made.close()


# --- addresses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EVENTS)
def test_each_kind_has_a_long_and_a_short_address(desk: Desk, kind: str) -> None:
    for path in (f"/v1/{kind}", f"/v1/{kind[0]}"):
        answer = desk.ask(path, EVENTS[kind])
        assert (answer.status, answer.json) == (200, {"success": True})
    kept = desk.records()
    assert [record.type for record in kept] == [kind, kind]
    assert {record.name for record in kept} == {
        EVENTS[kind].get("event") or EVENTS[kind].get("name")
    }


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/v1/beacon"])
def test_a_batch(desk: Desk, path: str) -> None:
    items = [{"type": kind, **event} for kind, event in EVENTS.items()]
    assert desk.ask(path, {"batch": items}).status == 200
    assert [record.type for record in desk.records()] == list(EVENTS)


def test_import_and_beacon_take_one_event_too(desk: Desk) -> None:
    for path in ("/v1/import", "/v1/beacon"):
        assert desk.ask(path, {"type": "track", **TRACK}).status == 200
    assert len(desk.records()) == 2


def test_what_the_browser_tells_of_itself_is_thanked_and_not_kept(desk: Desk) -> None:
    told = {"series": [{"type": "Counter", "metric": "x", "value": 1, "tags": {}}]}
    assert desk.ask("/v1/m", told, {}).status == 200
    assert desk.parcels() == []


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/events", "/v1/tracks"])
def test_other_addresses_under_v1_are_nobodys(desk: Desk, path: str) -> None:
    answer = desk.ask(path, TRACK)
    assert answer.status == 404
    assert set(answer.json) == {"code", "message"}
    assert is_collectors(path)
    assert not is_collectors("/v1x")
    assert not is_collectors("/")


def test_events_are_not_sent_by_get(desk: Desk) -> None:
    answer = desk.ask("/v1/track", method="GET")
    assert answer.status == 405
    assert "POST" in answer.headers["allow"]


# --- whose it is ---------------------------------------------------------------------------------


def unpadded() -> dict[str, str]:
    return {"authorization": basic()["authorization"].rstrip("=")}


@pytest.mark.parametrize("headers", [basic(), basic(colon=False), unpadded()])
def test_a_key_by_basic_authentication(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.ask("/v1/track", TRACK, headers).status == 200


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer a-token"}])
def test_a_key_in_the_body(desk: Desk, headers: dict[str, str]) -> None:
    assert desk.ask("/v1/track", {**TRACK, "writeKey": KEY}, headers).status == 200
    batch = {"batch": [{"type": "track", **TRACK}], "writeKey": KEY}
    assert desk.ask("/v1/batch", batch, headers).status == 200
    inner = {"batch": [{"type": "track", "writeKey": KEY, **TRACK}]}
    assert desk.ask("/v1/batch", inner, headers).status == 200
    assert all(KEY not in repr(record) for record in desk.records())


def test_a_key_in_the_query(desk: Desk) -> None:
    for path in ("/v1/beacon", "/beacon/v1/batch", "/v1/t"):
        asked = desk.ask(path, {"type": "track", **TRACK}, {}, query=f"writeKey={KEY}")
        assert asked.status == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "no_write_key"),
        ({"authorization": "Bearer x"}, "no_write_key"),
        ({"authorization": "Basic %%%"}, "no_write_key"),
        (basic("another"), "unknown_write_key"),
        (basic("é" * 300), "unknown_write_key"),
    ],
)
def test_without_a_key_of_ours(desk: Desk, headers: dict[str, str], code: str) -> None:
    answer = desk.ask("/v1/track", TRACK, headers)
    assert (answer.status, answer.json["code"]) == (401, code)
    assert desk.parcels() == []


def test_a_source_opened_a_moment_ago_is_known(desk: Desk, loader: FixedLoader) -> None:
    assert desk.ask("/v1/track", TRACK).status == 200
    loader.fill(SHOP, keys={KEY: 1, "brand-new": 1})
    assert desk.ask("/v1/track", TRACK, basic("brand-new")).status == 200
    loader.fill(replace(SHOP, open=False))
    assert desk.ask("/v1/track", TRACK, basic("never")).status == 401  # looks at the book anew
    assert desk.ask("/v1/track", TRACK).status == 401


def test_only_pages_of_allowed_origins_may_send(desk: Desk, loader: FixedLoader) -> None:
    loader.fill(replace(SHOP, allowed_origins=("https://shop.example", "https://b.example:443/")))
    said = {
        None: 200,  # no browser
        "https://shop.example": 200,
        "https://SHOP.example": 200,
        "https://b.example": 200,
        "http://shop.example": 403,
        "https://shop.example.evil": 403,
        "null": 403,
    }
    for origin, status in said.items():
        headers = basic() | ({"origin": origin} if origin else {})
        assert desk.ask("/v1/track", TRACK, headers).status == status, origin


def test_a_preflight_is_answered_for_any_page(desk: Desk) -> None:
    answer = desk.ask("/v1/batch", headers={"origin": "https://shop.example"}, method="OPTIONS")
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    allowed = answer.headers["access-control-allow-headers"]
    assert {"authorization", "content-type", "x-retry-count"} <= set(allowed.split(", "))
    assert "POST" in answer.headers["access-control-allow-methods"]


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ("anonymousid,content-type,sentat", True),  # RudderStack's browser SDK
        ("x-new-one, X-Other", True),
        ("x y", False),
        ("x:y", False),
        (",".join(["x"] * 40), False),
        ("x" * 70, False),
    ],
)
def test_a_page_may_send_whatever_header_it_asks_for(desk: Desk, asked: str, echoed: bool) -> None:
    headers = {"origin": "https://shop.example", "access-control-request-headers": asked}
    answer = desk.ask("/v1/track", headers=headers, method="OPTIONS")
    usual = "authorization, content-type, x-retry-count"
    assert answer.headers["access-control-allow-headers"] == (
        f"{usual}, {asked}" if echoed else usual
    )


# --- bodies --------------------------------------------------------------------------------------


def test_json_is_read_whatever_it_is_called(desk: Desk) -> None:
    for kind in ("text/plain", "text/plain;charset=UTF-8", "application/json", "x/y"):
        assert desk.ask("/v1/t", TRACK, basic() | {"content-type": kind}).status == 200


def test_gzip(desk: Desk) -> None:
    packed = gzip.compress(json.dumps(TRACK).encode())
    assert desk.ask("/v1/t", packed, basic() | {"content-encoding": "gzip"}).status == 200
    two = gzip.compress(b'{"event":"x",') + gzip.compress(b'"userId":"u"}')
    assert desk.ask("/v1/t", two, basic() | {"content-encoding": "GZIP"}).status == 200
    broken = desk.ask("/v1/t", packed[:-9], basic() | {"content-encoding": "gzip"})
    assert (broken.status, broken.json["code"]) == (400, "unreadable")
    odd = desk.ask("/v1/t", packed, basic() | {"content-encoding": "br"})
    assert odd.status == 400


def test_a_gzip_bomb_is_not_expanded(desk: Desk) -> None:
    bomb = gzip.compress(b" " * 200_000_000, 9)
    assert len(bomb) < 500 * 1024
    answer = desk.ask("/v1/batch", bomb, basic() | {"content-encoding": "gzip"})
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    nested = gzip.compress(b"") * 5_000 + bomb
    assert desk.ask("/v1/batch", nested, basic() | {"content-encoding": "gzip"}).status == 413


def event_of(size: int) -> bytes:
    empty = json.dumps({**TRACK, "properties": {"x": ""}}).encode()
    return json.dumps({**TRACK, "properties": {"x": "y" * (size - len(empty))}}).encode()


def test_an_event_may_weigh_32_kilobytes(desk: Desk) -> None:
    assert desk.ask("/v1/track", event_of(32_768)).status == 200
    answer = desk.ask("/v1/track", event_of(32_769))
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert [refused.reason for refused in desk.refused()] == ["too_large"]


def test_a_heavy_event_is_taken_out_of_its_batch(desk: Desk) -> None:
    fit, heavy = (json.loads(event_of(size)) | {"type": "track"} for size in (32_000, 33_000))
    assert desk.ask("/v1/batch", {"batch": [fit, heavy, fit]}).status == 200
    assert len(desk.records()) == 2
    (refused,) = desk.refused()
    assert refused.reason == "too_large"
    assert json.loads(refused.raw) == heavy


def test_a_batch_has_2500_events_and_500_kilobytes(desk: Desk) -> None:
    small = {"type": "page", "userId": "u"}
    assert desk.ask("/v1/batch", {"batch": [small] * 2_500}).status == 200
    many = desk.ask("/v1/batch", {"batch": [small] * 2_501})
    assert (many.status, many.json["code"]) == (413, "too_large")
    assert len(desk.records()) == 2_500
    full = b'{"batch":[]' + b" " * (512_000 - 12) + b"}"
    assert desk.ask("/v1/batch", full).status == 200
    assert desk.ask("/v1/batch", full + b" ").status == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"3", b'"x"', b"\x00", b"{}{}"])
def test_what_is_no_event_is_refused_and_kept(desk: Desk, body: bytes) -> None:
    for path in ("/v1/track", "/v1/batch"):
        answer = desk.ask(path, body)
        assert answer.status == 400
        assert set(answer.json) == {"code", "message"}
    assert [refused.raw for refused in desk.refused()] == [body, body]


def test_of_a_batch_the_good_are_let_in_and_the_others_kept_aside(desk: Desk) -> None:
    items = [{"type": "track", **TRACK}, {"type": "track", "userId": "u"}, 7, {"type": "page"}]
    assert desk.ask("/v1/batch", {"batch": items}).status == 200
    assert len(desk.records()) == 1
    assert sorted(refused.reason for refused in desk.refused()) == [
        "no_event",
        "no_identifier",
        "not_an_object",
    ]


def test_where_nothing_is_let_in_the_sender_is_told_why(desk: Desk) -> None:
    answer = desk.ask("/v1/batch", {"batch": [{"type": "page"}]})
    assert (answer.status, answer.json["code"]) == (400, "no_identifier")


def test_an_empty_batch_is_nothing_wrong(desk: Desk) -> None:
    assert desk.ask("/v1/batch", {"batch": []}).status == 200
    assert desk.parcels() == []


# --- what an event keeps -------------------------------------------------------------------------


def test_everything_that_was_said_is_kept(desk: Desk) -> None:
    sent = {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "anonymousId": "a1",
        "messageId": "m1",
        "properties": {"total": 12.5, "nested": {"list": [1, {"deep": None}]}},
        "context": {"ip": "192.0.2.1"},
        "integrations": {"All": True},
        "channel": "server",
        "_metadata": {"bundled": []},
        "somethingNew": {"a": 1},
        'naïve "key"': [1],
    }
    desk.ask("/v1/batch", {"batch": [sent], "context": {"app": {"name": "x"}, "ip": "0"}})
    (kept,) = desk.records()
    assert (kept.message_id, kept.user_id, kept.anonymous_id) == ("m1", "u1", "a1")
    assert json.loads(kept.properties) == sent["properties"]
    assert json.loads(kept.context) == {"app": {"name": "x"}, "ip": "192.0.2.1"}
    known = {"type", "event", "userId", "anonymousId", "messageId", "properties", "context"}
    assert json.loads(kept.extra) == {k: v for k, v in sent.items() if k not in known}


def test_numbers_are_taken_for_identifiers_and_empty_ones_for_none(desk: Desk) -> None:
    desk.ask("/v1/page", {"userId": 42, "anonymousId": 7.0, "messageId": 5})
    desk.ask("/v1/page", {"userId": "", "anonymousId": "a", "messageId": ""})
    first, second = desk.records()
    assert (first.user_id, first.anonymous_id, first.message_id) == ("42", "7", "5")
    assert (second.user_id, second.anonymous_id) == (None, "a")
    assert second.message_id.startswith("assigned-")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"userId": None}, "no_identifier"),
        ({"userId": "", "anonymousId": ""}, "no_identifier"),
        ({"event": None}, "no_event"),
        ({"event": ""}, "no_event"),
        ({"userId": {"a": 1}}, "wrong_type"),
        ({"userId": True}, "wrong_type"),
        ({"event": 5}, "wrong_type"),
        ({"properties": [1]}, "wrong_type"),
        ({"properties": "x"}, "wrong_type"),
        ({"context": 5}, "wrong_type"),
        ({"messageId": "m" * 101}, "message_id_too_long"),
        ({"userId": "u" * 513}, "identifier_too_long"),
        ({"event": "e" * 513}, "name_too_long"),
        ({"timestamp": "yesterday"}, "bad_time"),
        ({"timestamp": "12026-01-01T00:00:00Z"}, "bad_time"),
        ({"timestamp": "1234567890-01-01T00:00:00Z"}, "bad_time"),
        ({"timestamp": "2026-02-30T00:00:00Z"}, "bad_time"),
        ({"timestamp": 1e300}, "bad_time"),
        ({"timestamp": "nan"}, "bad_time"),
        ({"timestamp": "0001-01-01T00:00:00Z"}, "bad_time"),
        ({"timestamp": True}, "wrong_type"),
        ({"timestamp": "1999-01-01T00:00:00Z"}, "too_old"),
        ({"timestamp": "2999-01-01T00:00:00Z"}, "in_the_future"),
    ],
)
def test_every_refusal(desk: Desk, change: dict[str, object], reason: str) -> None:
    event = {**TRACK, **change}
    answer = desk.ask("/v1/track", event)
    assert (answer.status, answer.json["code"]) == (400, reason)
    (refused,) = desk.refused()
    assert (refused.reason, json.loads(refused.raw), refused.type) == (reason, event, "track")
    assert desk.records() == []


def test_refusals_of_kinds(desk: Desk) -> None:
    for kind, event, reason in (
        ("alias", {"userId": "u"}, "no_previous_id"),
        ("alias", {"previousId": "p", "anonymousId": "a"}, "no_previous_id"),
        ("group", {"userId": "u"}, "no_group_id"),
    ):
        assert desk.ask(f"/v1/{kind}", event).json["code"] == reason
    odd = {"batch": [{"type": "bought", "userId": "u"}]}
    assert desk.ask("/v1/batch", odd).json["code"] == "unknown_type"


def nested(levels: int) -> bytes:
    inside = b'{"a":' * levels + b"1" + b"}" * levels
    return b'{"event":"x","userId":"u","properties":' + inside + b"}"


def test_what_is_nested_too_deep(desk: Desk) -> None:
    assert desk.ask("/v1/track", nested(64)).status == 200
    assert desk.ask("/v1/track", nested(65)).json["code"] == "too_deep"
    assert desk.ask("/v1/track", nested(5_000)).json["code"] == "unreadable"
    flat = {**TRACK, "properties": {"list": [{"a": 1}] * 500, "text": "[[[[" * 200}}
    assert desk.ask("/v1/track", flat).status == 200


def test_text_that_no_engine_keeps_is_mended_but_never_in_a_name(desk: Desk) -> None:
    body = (
        b'{"event":"x","userId":"u","properties":{"a":"\\ud83d!","b":"\\u0000","c":"\xff",'
        b'"d":"\\ud83d\\ude00","e":"\\\\u0000"}}'
    )
    assert desk.ask("/v1/track", body).status == 200
    (kept,) = desk.records()
    assert json.loads(kept.properties) == {
        "a": "�!",
        "b": "�",
        "c": "�",
        "d": "😀",
        "e": "\\u0000",
    }
    assert desk.parcels()[0].treated == {"mended": 1}
    for bad in (b"\\ud83d", b"\\u0000", b"\xff"):
        for field in (b"userId", b"event", b"messageId"):
            base = b'{"event":"x","userId":"u","' + field + b'":"a' + bad + b'"}'
            assert desk.ask("/v1/track", base).json["code"] == "unreadable", base


def test_the_write_key_is_not_kept_in_quarantine(desk: Desk) -> None:
    desk.ask("/v1/track", {"userId": "u", "writeKey": KEY}, {})
    (refused,) = desk.refused()
    assert KEY.encode() not in refused.raw


# --- times ---------------------------------------------------------------------------------------


def us(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def test_a_clock_that_is_wrong_by_a_constant_cancels_out(desk: Desk) -> None:
    wrong = datetime(2001, 1, 1, tzinfo=UTC)
    item = {"type": "track", **TRACK, "timestamp": (wrong - timedelta(minutes=5)).isoformat()}
    desk.ask("/v1/batch", {"batch": [item], "sentAt": wrong.isoformat()})
    (parcel,) = desk.parcels()
    (kept,) = parcel.records
    assert (kept.original_us, kept.sent_us) == (us(wrong) - 300_000_000, us(wrong))
    assert kept.corrected_us == parcel.received_us - 300_000_000


def test_the_events_own_times_come_first(desk: Desk) -> None:
    now = datetime.now(UTC)
    desk.ask(
        "/v1/track",
        {
            **TRACK,
            "originalTimestamp": (now - timedelta(hours=2)).isoformat(),
            "timestamp": (now - timedelta(hours=9)).isoformat(),
            "sentAt": (now - timedelta(hours=1)).isoformat().replace("+00:00", "Z"),
        },
    )
    (parcel,) = desk.parcels()
    assert parcel.records[0].corrected_us == parcel.received_us - 3_600_000_000


@pytest.mark.parametrize("said", [1_790_000_000, 1_790_000_000_000, "1790000000000"])
def test_seconds_and_milliseconds_since_1970(desk: Desk, said: object) -> None:
    desk.ask("/v1/import", {"type": "track", **TRACK, "timestamp": said})
    assert desk.records()[0].original_us == 1_790_000_000_000_000


def test_without_times_it_happened_when_it_came(desk: Desk) -> None:
    desk.ask("/v1/track", {**TRACK, "sentAt": "no time at all"})
    (parcel,) = desk.parcels()
    (kept,) = parcel.records
    assert (kept.original_us, kept.sent_us, kept.corrected_us) == (None, None, parcel.received_us)


def test_a_little_ahead_stands_at_its_reception_and_late_is_counted(desk: Desk) -> None:
    now = datetime.now(UTC)
    ahead, late = now + timedelta(minutes=30), now - timedelta(days=60)
    desk.ask("/v1/track", {**TRACK, "timestamp": ahead.isoformat()})
    desk.ask("/v1/track", {**TRACK, "timestamp": late.isoformat()})
    first, second = desk.parcels()
    assert first.records[0].corrected_us == first.received_us
    assert first.records[0].original_us == us(ahead)
    assert (first.treated, second.treated) == ({"clamped": 1}, {"late": 1})
    assert second.records[0].corrected_us == us(late)


def test_history_may_be_of_any_age(desk: Desk) -> None:
    old = {"type": "track", **TRACK, "timestamp": "1997-01-01"}
    assert desk.ask("/v1/import", {"batch": [old]}).status == 200
    assert desk.records()[0].corrected_us == us(datetime(1997, 1, 1, tzinfo=UTC))


# --- pixels and boot files -----------------------------------------------------------------------


def test_a_pixel(desk: Desk) -> None:
    event = {"writeKey": KEY, "userId": "u1", "event": "Email Opened", "properties": {"s": "é"}}
    coded = base64.b64encode(json.dumps(event).encode()).decode()
    urlsafe = base64.urlsafe_b64encode(json.dumps(event).encode()).decode().rstrip("=")
    plain = urlencode({"writeKey": KEY, "userId": "u1", "event": "x", "properties.s.t": "é"})
    for query in (urlencode({"data": coded}), f"data={urlsafe}", plain):
        answer = desk.ask("/v1/pixel/track", headers={}, method="GET", query=query)
        assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
        assert answer.body.startswith(b"GIF89a")
        assert answer.headers["cache-control"] == "no-store"
    kept = desk.records()
    assert [json.loads(k.properties) for k in kept] == [{"s": "é"}, {"s": "é"}, {"s": {"t": "é"}}]


def test_a_pixel_is_an_image_whatever_it_says(desk: Desk) -> None:
    for query in ("", "data=%%%", f"writeKey={KEY}", "writeKey=x&userId=u&event=e"):
        answer = desk.ask("/v1/pixel/track", headers={}, method="GET", query=query)
        assert (answer.status, answer.body[:6]) == (200, b"GIF89a"), query


def test_the_boot_files_of_browser_sdks(desk: Desk) -> None:
    host = {"host": "pupitre.example"}
    settings = desk.ask(f"/v1/projects/{KEY}/settings", headers=host, method="GET")
    own = settings.json["integrations"]["Segment.io"]
    assert (own["apiKey"], own["apiHost"]) == (KEY, "pupitre.example/v1")
    assert desk.ask("/v1/projects/other/settings", headers=host, method="GET").status == 404
    for path in ("/sourceConfig", "/sourceConfig/"):
        config = desk.ask(path, method="GET", query="p=web&v=3").json["source"]
        assert (config["enabled"], config["writeKey"], config["destinations"]) == (True, KEY, [])
        assert is_collectors(path)
    assert desk.ask("/sourceConfig", headers=basic("other"), method="GET").status == 401


# --- the tracking plan ---------------------------------------------------------------------------

PLAN = (
    PlannedEvent(
        "track",
        "Order Completed",
        (PlannedProperty("total", "number", required=True), PlannedProperty("code", "string")),
    ),
    PlannedEvent("page", ""),
)


@pytest.mark.parametrize("mode", [PlanMode.WARN, PlanMode.ENFORCE])
def test_a_plan_warns_or_refuses(desk: Desk, loader: FixedLoader, mode: PlanMode) -> None:
    loader.fill(replace(SHOP, plan_mode=mode, plan=PLAN))
    cases: list[tuple[str, dict[str, object], bool]] = [
        ("track", {**TRACK, "properties": {"total": 3}}, True),
        ("track", {**TRACK, "properties": {"total": 3, "code": None, "more": 1}}, True),
        ("track", {**TRACK, "properties": {"total": True}}, False),
        ("track", {**TRACK, "properties": {}}, False),
        ("track", {**TRACK, "properties": {"total": 3, "code": 5}}, False),
        ("track", {"userId": "u", "event": "Unheard Of"}, False),
        ("page", {"userId": "u", "name": "Any"}, True),
        ("identify", {"userId": "u"}, False),
    ]
    for kind, event, expected in cases:
        answer = desk.ask(f"/v1/{kind}", event)
        let_in = expected or mode is PlanMode.WARN
        assert (answer.status == 200) is let_in, event
        if not let_in:
            assert answer.json["code"] == "not_planned"
    unplanned = sum(parcel.treated.get("unplanned", 0) for parcel in desk.parcels())
    assert unplanned == (5 if mode is PlanMode.WARN else 0)
