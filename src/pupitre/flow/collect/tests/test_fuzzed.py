"""Whatever is sent: never a 500, never a stuck journal, every answer in the one form."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.drain_load import prepared
from pupitre.flow.collect.intake.records import unseal
from pupitre.flow.collect.intake.segments import SegmentReader, iterate
from pupitre.flow.collect.receiving.requests import Turn
from pupitre.flow.collect.receiving.routes import PIXELS, POSTED
from pupitre.flow.collect.receiving.unpacking import mend
from pupitre.flow.collect.receiving.validating import depth
from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.tests.collector_kit import Desk, FixedLoader, basic

pytestmark = [pytest.mark.once, pytest.mark.slow]
CODES = {turn.value for turn in Turn} | {reason.value for reason in Refusal}
SEVERAL = settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])

odd_texts = st.sampled_from(
    [
        "",
        "\x00",
        "\ud800",
        "\udfff\ud800",
        "a" * 600,
        "9999999999-01-01T00:00:00Z",
        "0000-00-00",
        "2026-03-01T12:00:00+99:99",
        "1e999",
        "-0",
        "NaN",
        "😀" * 50,
        "\u202e",
    ]
)
texts = st.one_of(st.text(max_size=30), odd_texts)
numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([10**400, -(10**30), 1e308, 5e-324, 2**63])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)
FIELDS = [
    "type",
    "event",
    "name",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "properties",
    "traits",
    "context",
    "integrations",
    "category",
    "channel",
    "_metadata",
    "receivedAt",
    "writeKey",
]
plausible = st.sampled_from(["track", "page", "u1", "2026-03-01T12:00:00Z", {}, {"value": 5}])
events = st.dictionaries(
    st.one_of(st.sampled_from(FIELDS), texts), st.one_of(plausible, values), max_size=10
)
batches = st.fixed_dictionaries(
    {"batch": st.one_of(st.lists(st.one_of(events, values), max_size=5), values)},
    optional={"context": values, "integrations": values, "sentAt": values, "writeKey": values},
)
bodies = st.one_of(
    st.binary(max_size=200),
    st.one_of(events, batches, values).map(lambda value: json.dumps(value).encode()),
    st.one_of(events, batches).map(
        lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    ),
    st.builds(
        lambda value, at, byte: (raw := json.dumps(value).encode())[:at] + byte + raw[at:],
        batches,
        st.integers(0, 200),
        st.binary(max_size=2),
    ),
    st.builds(
        lambda opener, levels: opener * levels,
        st.sampled_from([b"[", b'{"a":', b'{"batch":[']),
        st.integers(1, 20_000),
    ),
)
encodings = st.sampled_from(["", "identity", "gzip", "GZIP", "br", "gzip, gzip", "\xff"])
authorizations = st.one_of(
    st.just(basic()["authorization"]),
    st.text(st.characters(max_codepoint=255), max_size=40),
    st.binary(max_size=20).map(lambda raw: "Basic " + raw.decode("latin-1")),
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    before = shelf.loader
    shelf.keep(FixedLoader())
    made = Desk(tmp_path)
    yield made
    made.close()
    shelf.keep(before)


def check_answer(status: int, body: bytes) -> None:
    assert status in (200, 400, 401, 413), body
    assert b"fault of Pupitre" not in body
    said = json.loads(body)
    if status == 200:
        assert said == {"success": True}
    else:
        assert set(said) == {"code", "message"}
        assert said["code"] in CODES


def check_journal(desk: Desk) -> None:
    """All of it can be opened and stamped: nothing in it would stop the drain."""
    reader = SegmentReader(desk.folder)
    entries = list(iterate(reader, reader.waiting({}, max_events=10**9, max_bytes=2**40)))
    load = prepared(entries)
    assert load.table.num_rows == sum(len(unseal(entry).records) for entry in entries)
    assert not [row for row in load.quarantine if row.source == ""]
    for entry in entries:
        for record in unseal(entry).records:
            for text in (record.properties, record.traits, record.context, record.extra):
                assert isinstance(json.loads(text), dict)
                assert "\x00" not in json.dumps(json.loads(text), ensure_ascii=False)


@SEVERAL
@given(path=st.sampled_from(sorted(POSTED)), body=bodies)
def test_any_body(desk: Desk, path: str, body: bytes) -> None:
    answer = desk.ask(path, body)
    check_answer(answer.status, answer.body)


@SEVERAL
@given(body=bodies, encoding=encodings, authorization=authorizations, pack=st.booleans())
def test_any_headers(
    desk: Desk, body: bytes, encoding: str, authorization: str, pack: bool
) -> None:
    sent = gzip.compress(body) if pack else body
    headers = {"content-encoding": encoding, "authorization": authorization, "origin": encoding}
    answer = desk.ask("/v1/batch", sent, headers)
    check_answer(answer.status, answer.body)


@SEVERAL
@given(path=st.sampled_from(sorted(PIXELS)), query=texts | st.binary().map(repr))
def test_any_pixel(desk: Desk, path: str, query: str) -> None:
    plain = query.encode("utf-8", "replace").decode()
    for said in (plain, f"writeKey=key-of-the-shop&userId=u&event=x&{plain}", f"data={plain}"):
        answer = desk.ask(path, headers={}, method="GET", query=said)
        assert answer.status == 200
        assert answer.body.startswith(b"GIF89a")


def test_the_journal_of_all_that_can_be_drained(desk: Desk) -> None:
    @settings(max_examples=400, deadline=None)
    @given(path=st.sampled_from(sorted(POSTED)), body=bodies)
    def send(path: str, body: bytes) -> None:
        answer = desk.ask(path, body)
        check_answer(answer.status, answer.body)

    send()
    check_journal(desk)


@given(raw=st.binary(max_size=300))
def test_what_is_mended_is_text(raw: bytes) -> None:
    mended = mend(raw)
    mended.body.decode()
    assert mend(mended.body).body == mended.body.removeprefix(b"\xef\xbb\xbf")


@given(value=values)
def test_mending_leaves_sound_json_alone(value: object) -> None:
    raw = json.dumps(value).encode()
    if b"\\u0000" not in raw and b"\\ud" not in raw:
        assert mend(raw).body == raw


@given(value=values)
def test_depth_is_counted_as_one_would(value: object) -> None:
    def by_hand(one: object) -> int:
        if isinstance(one, dict):
            return 1 + max(map(by_hand, one.values()), default=0)
        if isinstance(one, list):
            return 1 + max(map(by_hand, one), default=0)
        return 0

    assert depth(json.dumps(value)) == by_hand(value)


def test_a_truncated_gzip_at_every_byte(desk: Desk) -> None:
    packed = gzip.compress(b'{"event":"x","userId":"u"}')
    for end in range(len(packed)):
        headers = basic() | {"content-encoding": "gzip"}
        answer = desk.ask("/v1/track", packed[:end], headers)
        check_answer(answer.status, answer.body)
        assert answer.status == 400
    with pytest.raises(zlib.error):
        zlib.decompress(packed[:-1], 31)
