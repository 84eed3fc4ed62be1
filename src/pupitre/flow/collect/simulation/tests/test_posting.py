"""Sending to a collector: every event once, whatever it answers in between."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pupitre.flow.collect.simulation import block, posting, rows, writing
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.posting import PostFailed, Posting

pytestmark = pytest.mark.once
KEYS = tuple((source, f"key-of-{source}") for source in rows.SOURCES)


@dataclass
class Collector:
    """A collector that answers as it is told, and remembers what it took."""

    answers: list[tuple[int, dict[str, str]]]  # for the first requests; 200 after that
    url: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    keys: Counter[str] = field(default_factory=Counter)
    sizes: list[int] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def collector(*answers: tuple[int, dict[str, str]]) -> Iterator[Collector]:
    state = Collector(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with state.lock:
                state.at_once += 1
                state.most_at_once = max(state.most_at_once, state.at_once)
                status, headers = state.answers.pop(0) if state.answers else (200, {})
                if status == 200:
                    assert self.path == "/v1/batch"
                    key = b64decode(self.headers["Authorization"].removeprefix("Basic "))
                    batch = json.loads(body)["batch"]
                    state.keys[key.decode().removesuffix(":")] += len(batch)
                    state.taken += batch
                    state.sizes.append(len(body))
                state.at_once -= 1
            said = b'{"success":true}' if status == 200 else b'{"code":"x","message":"because"}'
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def table() -> Any:
    return writing.plain(block.make(Scenario(people=60, months=3, seed=2), 0).table)


def test_every_event_arrives_once_with_the_key_of_its_source(table: Any) -> None:
    taken: list[int] = []
    with collector() as there:
        assert posting.posted(table, Posting(there.url, KEYS), taken.append) == table.num_rows
    ids = [one["messageId"] for one in there.taken]
    assert sorted(ids) == sorted(table["message_id"].to_pylist())
    sent = Counter(f"key-of-{source}" for source in table["source"].to_pylist())
    assert there.keys == sent
    assert sum(taken) == table.num_rows
    assert max(there.sizes) <= posting.BATCH_BYTES + 100
    assert there.most_at_once <= posting.CONNECTIONS


def test_each_message_says_what_its_row_holds(table: Any) -> None:
    with collector() as there:
        posting.posted(table, Posting(there.url, (("", "one"),)))
    by_id = {one["messageId"]: one for one in there.taken}
    for row in table.to_pylist():
        message = by_id[row["message_id"]]
        assert message["type"] == row["type"]
        for name, column in (
            ("userId", "user_id"),
            ("anonymousId", "anonymous_id"),
            ("previousId", "previous_id"),
            ("groupId", "group_id"),
        ):
            assert message.get(name) == row[column]
        assert message.get("event") == (row["name"] if row["type"] == "track" else None)
        assert message.get("name") == (row["name"] if row["type"] in ("page", "screen") else None)
        assert message["timestamp"] == row["corrected_at"].isoformat(timespec="microseconds") + "Z"
        assert message["context"] == json.loads(row["context"])
        about = row["type"] in ("identify", "group")
        assert message.get("traits", {}) == (json.loads(row["traits"]) if about else {})
        assert message.get("properties", {}) == json.loads(row["properties"])
        assert not message.keys() & {"sentAt", "person"}


def test_a_collector_that_is_busy_is_asked_again(
    table: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(posting.time, "sleep", waits.append)
    busy = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "2"}), (500, {}), (502, {})]
    with collector(*busy) as there:
        posting.posted(table, Posting(there.url, KEYS, connections=1))
    assert waits[:2] == [7.0, 2.0]
    assert all(0 < wait <= posting.LONGEST_WAIT_SECONDS for wait in waits)
    assert len(waits) == 4
    assert sorted(one["messageId"] for one in there.taken) == sorted(
        table["message_id"].to_pylist()
    )


def test_waiting_is_bounded() -> None:
    assert posting.pause("86400", 0) == posting.LONGEST_WAIT_SECONDS
    assert posting.pause("-3", 0) == 0
    assert posting.pause("soon", 40) <= posting.LONGEST_WAIT_SECONDS
    assert posting.pause(None, 0) <= posting.FIRST_WAIT_SECONDS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_ends_the_run_with_its_reason(table: Any, status: int) -> None:
    refusals = [(status, {})] * 50
    with collector(*refusals) as there, pytest.raises(PostFailed, match=rf"{status}.*because"):
        posting.posted(table, Posting(there.url, KEYS))


def test_nobody_there_is_given_up_in_the_end(table: Any) -> None:
    with collector() as gone:
        url = gone.url
    with pytest.raises(PostFailed, match="for too long"):
        posting.posted(table, Posting(url, KEYS, connections=1, patience_seconds=0))


def test_a_source_without_a_key_is_named(table: Any) -> None:
    keys = tuple(pair for pair in KEYS if pair[0] != "tills")
    with collector() as there, pytest.raises(PostFailed, match="tills"):
        posting.posted(table, Posting(there.url, keys))


@pytest.mark.parametrize("url", ["collector.example", "ftp://x.example", "http://"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="no http address"):
        Posting(url, KEYS)
