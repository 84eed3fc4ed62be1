"""The collector as people run it: served, with the worker at its side."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.collect.tests.collector_kit import basic
from pupitre.flow.collect.tests.crash_kit import Stage, ask, stage
from pupitre.flow.collect.tests.drain_kit import stored
from pupitre.lake import queries, services

pytestmark = [pytest.mark.once, pytest.mark.slow]
SECONDS = 60  # on a machine with much else to do; a rest is one second


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("served")) as made:
        yield made


@pytest.fixture
def lake(served: Stage, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = served.folder
    services.close()
    queries.close()
    yield
    services.close()
    queries.close()


def test_what_is_acknowledged_comes_into_the_lake(served: Stage, lake: None) -> None:
    event = {"event": "x", "userId": "u", "messageId": "quick"}
    assert ask(served.port, "/v1/track", event) == 200
    deadline = time.monotonic() + SECONDS
    while ("shop", "quick") not in stored():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_body_over_the_bound_is_heard_out_and_told_413(served: Stage) -> None:
    """Announced or in chunks: a sender that is cut off would send it for ever."""
    for chunked in (False, True):
        line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
        body: Any = b" " * 3_000_000
        if chunked:
            body = iter([b" " * 300_000] * 10)
        line.request("POST", "/v1/batch", body, basic(), encode_chunked=chunked)
        answer = line.getresponse()
        assert answer.status == 413
        assert b"too_large" in answer.read()
        line.close()


def test_broken_http_kills_nothing(served: Stage) -> None:
    for raw in (
        b"\x00" * 100,
        b"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{",
        b"POST /v1/%00%ff HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}",
        b"GET /v1/pixel/track?data=\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), 5) as line:
            said = b""
            with suppress(OSError):  # it may have hung up already
                line.sendall(raw)
                line.shutdown(socket.SHUT_WR)
                said = line.recv(4096)
            assert b" 500 " not in said[:20], raw
    assert served.answers()


def test_lines_are_kept_open_between_requests(served: Stage) -> None:
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    for number in range(3):
        line.request("POST", "/v1/batch", b'{"batch":[]}', basic())
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (200, b'{"success":true}'), number
    line.close()


def test_two_processes_and_one_message_id(served: Stage, lake: None) -> None:
    """Each request on a line of its own: the system hands them to either process."""
    event = {"event": "x", "userId": "u", "messageId": "twice"}
    for _ in range(40):
        assert ask(served.port, "/v1/track", event) == 200
    assert ask(served.port, "/v1/track", {**event, "messageId": "last"}) == 200
    deadline = time.monotonic() + SECONDS
    while ("shop", "last") not in stored():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(2)
    assert stored()["shop", "twice"] == 1
    written = list(Path(served.folder, "intake", "journal").glob("*.sqlite"))
    assert len(written) >= 2
