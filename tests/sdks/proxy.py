"""A proxy before the collector that writes down what passes, and now and then loses an answer."""

from __future__ import annotations

import enum
import gzip
import http.client
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pupitre.core import clock

PATIENCE_SECONDS = 60
UNAVAILABLE_HEADERS = (("access-control-allow-origin", "*"), ("content-type", "application/json"))
UNAVAILABLE = b'{"code":"overloaded","message":"Please send it again."}'


class Fault(enum.Enum):
    """What happens to a request that brings events."""

    LOST = "answered 503, and never passed on"
    FORGOTTEN = "passed on and accepted, and answered 503 all the same"


@dataclass(frozen=True)
class Passed:
    """One request that came by."""

    method: str
    path: str
    headers: dict[str, str]  # by their names in small letters
    body: bytes
    status: int  # what the collector answered; 0 where it was never asked
    began: datetime
    ended: datetime

    def json(self) -> Any:
        plain = gzip.decompress(self.body) if "gzip" in self.encoding else self.body
        return json.loads(plain)

    @property
    def encoding(self) -> str:
        return self.headers.get("content-encoding", "")


@dataclass
class Proxy:
    """On a port of its own."""

    port: int
    faults: list[Fault]
    passed: list[Passed] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sent(self) -> list[Passed]:
        """What brought events and reached the collector."""
        return [one for one in self.passed if one.method == "POST" and one.status]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: Proxy
    behind: int

    def _pass(self) -> None:
        began = clock.now()
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.proxy.lock:
            posted = self.command == "POST"
            fault = self.proxy.faults.pop(0) if posted and self.proxy.faults else None
        status, headers, answer = 0, list(UNAVAILABLE_HEADERS), UNAVAILABLE
        if fault is not Fault.LOST:
            status, headers, answer = self._ask(body)
        named = {name.lower(): value for name, value in self.headers.items()}
        with self.proxy.lock:
            self.proxy.passed.append(
                Passed(self.command, self.path, named, body, status, began, clock.now())
            )
        self.send_response(503 if fault else status)
        for name, value in headers:
            if name.lower() not in ("content-length", "date", "server", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_OPTIONS = _pass  # noqa: N815

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=PATIENCE_SECONDS)
        with closing(line):
            line.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                line.putheader(name, value)
            line.endheaders(body or None)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what passed is written down."""


@contextmanager
def proxying(behind: int, faults: Sequence[Fault] = ()) -> Iterator[Proxy]:
    """Before the Pupitre at a port of this machine."""
    handler = type("Handler", (_Handler,), {"behind": behind})
    with serving_here(handler) as port:
        handler.proxy = Proxy(port, list(faults))  # type: ignore[attr-defined]
        yield handler.proxy  # type: ignore[attr-defined]


@contextmanager
def serving_here(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """A small server in threads of this process."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def pages(port: int, found: Mapping[str, tuple[str, bytes]], *, policy: str) -> Iterator[None]:
    """A site of its own, at a port of this machine: path → (content type, content)."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, content = found.get(self.path, ("text/plain", b""))
            self.send_response(200 if self.path in found else 404)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.send_header("content-security-policy", policy)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with serving_here(Site, port):
        yield
