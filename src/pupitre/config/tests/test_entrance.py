"""The entrance by itself: bounds, health, and who may knock during a demonstration."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from pupitre.config.entrance import Bounded, Entrance
from pupitre.config.health import Health
from pupitre.core.contributions import HealthCheck, Unhealthy
from pupitre.flow.collect.receiving.app import Collector

pytestmark = pytest.mark.once


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """In a thread of its own: a browser test of the same process may have left a loop behind."""
    kept: list[Any] = []
    thread = threading.Thread(target=lambda: kept.append(asyncio.run(coroutine)))
    thread.start()
    thread.join()
    return kept[0]


class Client:
    """One request to an ASGI application; counts what the application read of it."""

    def __init__(self, *chunks: bytes, path: str = "/", **scope: Any) -> None:
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 8000),
            **scope,
        }
        self.chunks = list(chunks) or [b""]
        self.read = 0
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        chunk = self.chunks.pop(0)
        self.read += len(chunk)
        return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks)}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def ask(self, app: Any) -> Client:
        run(app(self.scope, self.receive, self.send))
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> str:
        return bytes(self.sent[1]["body"]).decode()


async def reads_all(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"read"})


def entrance(**more: Any) -> Entrance:
    given = {
        "pages": reads_all,
        "collector": Collector(),
        "health": Health(checks=list),
        "loopback_only": False,
    }
    return Entrance(**{**given, **more})


def test_a_body_at_its_bound_passes_and_one_byte_more_does_not() -> None:
    app = Bounded(reads_all, max_bytes=10)
    assert Client(b"12345", b"67890").ask(app).status == 200
    assert Client(b"12345", b"678901").ask(app).status == 413


def test_a_large_file_is_taken_from_those_who_are_signed_in_alone() -> None:
    async def known(scope: Any) -> bool:
        return dict(scope["headers"]).get(b"cookie") == b"session=hers"

    app = Bounded(reads_all, max_bytes=10, elsewhere={"/files/": 20}, known=known)
    hers: dict[str, Any] = {"headers": [(b"cookie", b"session=hers")]}
    file = [b"0123456789", b"01234"]
    assert Client(*file, path="/files/", **hers).ask(app).status == 200
    assert Client(*file, path="/other/", **hers).ask(app).status == 413
    assert Client(*file, path="/files/", headers=[(b"cookie", b"x=y")]).ask(app).status == 413
    assert Client(*file, path="/files/").ask(app).status == 413
    assert Client(*file, b"0123456789", path="/files/", **hers).ask(app).status == 413


def test_an_announced_excess_is_refused_before_the_page_sees_any_of_it() -> None:
    seen = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    over = Client(b"x" * 11, headers=[(b"content-length", b"11")])
    assert over.ask(Bounded(page, max_bytes=10)).status == 413
    assert seen == []


def test_what_is_thrown_away_of_an_excess_is_bounded_too() -> None:
    megabyte = b"x" * 1024 * 1024
    flood = Client(*[megabyte] * 200)
    assert flood.ask(Bounded(reads_all, max_bytes=10)).status == 413
    assert flood.read <= 66 * 1024 * 1024


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (("192.0.2.7", 50000), ("127.0.0.1", 8000)),
        (("127.0.0.1", 50000), ("0.0.0.0", 8000)),
        (("fe80::1", 50000), ("::", 8000)),
    ],
)
@pytest.mark.parametrize("path", ["/", "/v1/events", "/health", "/static/x.css"])
def test_the_demonstration_answers_nobody_else(path: str, client: Any, server: Any) -> None:
    asked = Client(path=path, client=client, server=server)
    assert asked.ask(entrance(loopback_only=True)).status == 403
    assert "this machine alone" in asked.body
    assert Client(path=path, client=client, server=server).ask(entrance()).status != 403


def test_the_demonstration_answers_this_machine() -> None:
    assert Client().ask(entrance(loopback_only=True)).status == 200


def test_a_server_that_asks_for_a_lifespan_gets_one() -> None:
    waiting = ["lifespan.startup", "lifespan.shutdown"]
    said: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": waiting.pop(0)}

    async def send(message: dict[str, str]) -> None:
        said.append(message["type"])

    run(entrance()({"type": "lifespan"}, receive, send))
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_websocket_is_closed() -> None:
    asked = Client(type="websocket").ask(entrance())
    assert asked.sent == [{"type": "websocket.close", "code": 1003}]


# --- health --------------------------------------------------------------------------------------


def ill() -> str:
    raise Unhealthy("password of postgresql://me:hunter2@db refused", "Correct DATABASE_URL.")


def broken() -> str:
    raise ZeroDivisionError("hunter2")


def asked(health: Health) -> tuple[int, dict[str, Any]]:
    status, body = run(health.answer())
    return status, json.loads(body)


def test_health_is_503_when_one_thing_is_ill_or_cannot_be_looked_at() -> None:
    well = HealthCheck("well", lambda: "seen")
    assert asked(Health(checks=lambda: [well]))[0] == 200
    for check in (ill, broken):
        status, said = asked(Health(checks=lambda check=check: [well, HealthCheck("db", check)]))
        assert status == 503
        assert said["status"] == "failing"
        assert said["checks"] == {"well": True, "db": False}
        assert "hunter2" not in json.dumps(said)


def test_health_looks_once_however_many_ask_and_again_after_a_while() -> None:
    looks: list[int] = []
    now = [100.0]
    health = Health(
        checks=lambda: [HealthCheck("x", lambda: looks.append(1) or "seen")],
        kept_seconds=5,
        clock=lambda: now[0],
    )

    async def crowd() -> None:
        await asyncio.gather(*[health.answer() for _ in range(50)])

    run(crowd())
    assert len(looks) == 1
    now[0] += 4.9
    run(health.answer())
    assert len(looks) == 1
    now[0] += 0.2
    run(health.answer())
    assert len(looks) == 2


def test_health_answers_in_time_when_a_check_hangs() -> None:
    gate = threading.Event()
    hung = Health(
        checks=lambda: [HealthCheck("x", lambda: str(gate.wait(5)))], patience_seconds=0.05
    )

    async def ask() -> tuple[float, int]:
        began = time.monotonic()
        status, _ = await hung.answer()
        took = time.monotonic() - began
        gate.set()
        return took, status

    took, status = run(ask())
    assert status == 503
    assert took < 2
