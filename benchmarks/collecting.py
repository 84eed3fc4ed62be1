"""A collector served in processes of its own, and somebody who sends to it from another."""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import numpy as np
from django.conf import settings

KEY = "benchmark-key"
APP = "pupitre.flow.collect.tests.collector_app"
START_SECONDS = 60
WORKERS = 2  # as `pupitre run` serves by default

# What a page view and an order look like when SDKs send them: about 480 bytes.
_EVENT = {
    "type": "track",
    "event": "Product Viewed",
    "userId": "user-0000000",
    "anonymousId": "2f0c7a3e-6f0e-4f3b-9d55-1d7c1f6a7b11",
    "messageId": "00000000-0000-0000-0000-000000000000",
    "timestamp": "2026-03-01T12:00:00.123Z",
    "properties": {"sku": "MA-1042", "name": "Manteau", "price": 129.9, "currency": "EUR"},
    "context": {
        "library": {"name": "analytics-python", "version": "2.3.4"},
        "ip": "192.0.2.44",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
    },
    "integrations": {},
}

# The same server, with nothing in it: reads the body and says what a collector says.
EMPTY = """
import sys
BODY = b'{"success":true}'
HEAD = {"type": "http.response.start", "status": 200, "headers": [
    (b"content-type", b"application/json"), (b"content-length", b"16")]}
async def application(scope, receive, send):
    if scope["type"] != "http":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    while (await receive()).get("more_body"):
        pass
    await send(HEAD)
    await send({"type": "http.response.body", "body": BODY})
if __name__ == "__main__":
    from granian.server import Server
    from granian.constants import Interfaces
    from granian.log import LogLevels
    Server("empty_app:application", address="127.0.0.1", port=int(sys.argv[1]),
           interface=Interfaces.ASGI, workers=int(sys.argv[2]), websockets=False,
           log_level=LogLevels.warning).serve()
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender did."""

    requests: int
    seconds: float
    refused: int  # answers that were not 200

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def events(count: int, *, first: int = 0) -> list[bytes]:
    """Distinct events, as JSON."""
    text = json.dumps(_EVENT)
    zero = str(_EVENT["messageId"])
    random = np.random.default_rng(first)
    ids = random.bytes(16 * count)
    return [
        text.replace(zero, str(UUID(bytes=ids[16 * n : 16 * n + 16])))
        .replace("user-0000000", f"user-{n % 50_000:07d}")
        .encode()
        for n in range(count)
    ]


def request(body: bytes, path: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"authorization: Basic YmVuY2htYXJrLWtleTo=\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(command: Sequence[str], environment: dict[str, str], port: int) -> Iterator[None]:
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, start_new_session=True, stdout=sys.stderr
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), 1) as line:
                    line.settimeout(5)
                    line.sendall(request(b'{"batch":[]}', "/v1/batch"))
                    if b" 200 " in line.recv(4096):
                        break
            except OSError:
                pass
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def collector(folder: Path, *, workers: int = WORKERS) -> Iterator[int]:
    """The product's entrance, its journal in a folder of its own; gives the port."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book.json"
    source = {"id": 1, "key": "shop", "name": "Shop", "channel": "web", "open": True}
    book.write_text(json.dumps([{"source": source, "keys": [KEY]}]))
    environment = {**os.environ, "PUPITRE_DATA_DIR": str(folder), "COLLECTOR_BOOK": str(book)}
    port = free_port()
    command = [sys.executable, "-m", APP, str(port), str(workers)]
    with _process(command, environment, port):
        yield port


@contextmanager
def empty_server(folder: Path, *, workers: int = WORKERS) -> Iterator[int]:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "empty_app.py").write_text(EMPTY)
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "empty_app", str(port), str(workers)]
    with _process(command, environment, port):
        yield port


def send(port: int, requests: Sequence[bytes], *, lines: int) -> Sent:
    """All of them over so many kept-alive lines, one request a line at a time, from a process of
    its own; bounded by what it is given."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = _send(port, requests, lines)
            os.write(writer, json.dumps(told).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    count, seconds, refused = json.loads(said)
    return Sent(count, seconds, refused)


def _send(port: int, requests: Sequence[bytes], lines: int) -> tuple[int, float, int]:
    waiting = iter(requests)
    watch = selectors.DefaultSelector()
    for _ in range(lines):
        line = socket.create_connection(("127.0.0.1", port))
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        watch.register(line, selectors.EVENT_READ, bytearray())
    began = time.perf_counter()
    done = refused = open_lines = 0
    for key in list(watch.get_map().values()):
        key.fileobj.sendall(next(waiting))  # type: ignore[union-attr]
        open_lines += 1
    while open_lines:
        for key, _ in watch.select(30):
            line = key.fileobj  # type: ignore[assignment]
            key.data.extend(line.recv(65_536))
            if not key.data.endswith(b"}"):  # the end of our short JSON answers
                continue
            done += 1
            refused += b" 200 " not in key.data[:16]
            key.data.clear()
            following = next(waiting, None)
            if following is None:
                open_lines -= 1
                watch.unregister(line)
                line.close()
            else:
                line.sendall(following)
    return done, time.perf_counter() - began, refused


def scratch(name: str) -> Path:
    return Path(settings.DATA_DIR) / name
