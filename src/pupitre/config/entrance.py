"""Who answers a request: the collector, the health check, the static files, or Django.

Django costs about thirty times a raw ASGI handler, so whatever must be quick is answered before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.handlers.asgi import ASGIHandler
from servestatic import ServeStaticASGI

from pupitre.config.environment import is_loopback
from pupitre.config.health import Health
from pupitre.config.parent import end_with_parent
from pupitre.core.accounts.queries import is_signed_in
from pupitre.flow.collect.receiving.app import Collector
from pupitre.flow.collect.receiving.routes import is_collectors

Scope = Any  # a mapping; every server and framework types it a little differently
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

STATIC_SECONDS = 60  # how long a browser keeps a static file whose name carries no hash
AROUND_BYTES = 1024 * 1024  # of a form around an upload
MAX_BODY_BYTES = 5 * 1024 * 1024 + AROUND_BYTES  # settings.MAX_UPLOAD_BYTES, and the form
IMPORTS_PATH = "/imports/new/"  # where files that events are made of are sent to
MAX_DRAINED_BYTES = 64 * 1024 * 1024  # read and thrown away, so that a browser shows our answer
JSON = b"application/json"
TEXT = b"text/plain; charset=utf-8"


async def answer(send: Send, status: int, body: bytes, content_type: bytes) -> None:
    """A whole response. Never cached: these answers say how things are now."""
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", content_type),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                (b"x-content-type-options", b"nosniff"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


class TooLarge(Exception):
    """A request body went over its bound."""


class Bounded:
    """Keeps request bodies under a bound, announced or not, whoever reads them.

    Elsewhere than on most paths the bound is higher, for those who are known: Django writes a body
    to the disk before it looks at who sends it.
    """

    def __init__(
        self,
        app: App,
        *,
        max_bytes: int = MAX_BODY_BYTES,
        elsewhere: Mapping[str, int] | None = None,
        known: Callable[[Scope], Awaitable[bool]] | None = None,
    ) -> None:
        self.app = app
        self.max_bytes = max_bytes
        self.elsewhere = dict(elsewhere or {})  # path → its own bound
        self.known = known

    async def _most(self, scope: Scope) -> int:
        most = self.elsewhere.get(scope["path"])
        if most is None or (self.known is not None and not await self.known(scope)):
            return self.max_bytes
        return most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = await self._most(scope)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > most:
            await self.refuse(receive, send, most, more=True)
            return

        started, more = False, True
        seen = 0

        async def counted() -> Message:
            nonlocal seen, more
            message = await receive()
            seen += len(message.get("body", b""))
            more = bool(message.get("more_body"))
            if seen > most:
                raise TooLarge
            return message

        async def noticed(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, noticed)
        except TooLarge:
            if started:
                raise
            await self.refuse(receive, send, most, more=more)

    async def refuse(self, receive: Receive, send: Send, most: int, *, more: bool) -> None:
        left = MAX_DRAINED_BYTES
        while more and left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            more = bool(message.get("more_body"))  # a client that left sends no more either
        megabytes = (most - AROUND_BYTES) // (1024 * 1024)
        said = (
            f"C’est trop volumineux : un fichier ne peut dépasser {megabytes} Mo.\n"
            f"This is too large: a file may not be over {megabytes} MB.\n"
        )
        await answer(send, 413, said.encode(), TEXT)


async def signed_in(scope: Scope) -> bool:
    """Whether a request's cookies are those of somebody signed in."""
    sent = [value for name, value in scope["headers"] if name == b"cookie"]
    cookies = b"; ".join(sent).decode("latin-1")
    return bool(cookies) and await asyncio.to_thread(is_signed_in, cookies=cookies)


class Entrance:
    """The one ASGI application: looks at the path, and hands the request on."""

    def __init__(
        self, *, pages: App, collector: Collector, health: Health, loopback_only: bool
    ) -> None:
        imports = settings.ENV.import_max_mb * 1024 * 1024 + AROUND_BYTES
        self.pages = Bounded(pages, elsewhere={IMPORTS_PATH: imports}, known=signed_in)
        self.collector = collector
        self.health = health
        self.loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1003})
        elif self.loopback_only and not self.from_this_machine(scope):
            said = "The demonstration answers on this machine alone (loopback address).\n"
            await answer(send, 403, said.encode(), TEXT)
        elif is_collectors(scope["path"]):
            await self.collector(scope, receive, send)
        elif scope["path"] == "/health":
            status, body = await self.health.answer()
            await answer(send, status, body, JSON)
        else:
            await self.pages(scope, receive, send)

    @staticmethod
    def from_this_machine(scope: Scope) -> bool:
        """Whether both ends are loopback: settings cannot know what another server binds to."""
        ends: Iterable[tuple[str, int] | None] = (scope.get("client"), scope.get("server"))
        return all(end is None or is_loopback(end[0]) for end in ends)

    async def live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                end_with_parent()
            else:
                await asyncio.to_thread(self.collector.close)
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def _static_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def entrance(pages: ASGIHandler) -> Entrance:
    """The entrance before Django's own application."""
    static: App
    if settings.DEBUG:
        static = ASGIStaticFilesHandler(pages)
    else:
        static = ServeStaticASGI(
            pages,
            root=settings.STATIC_ROOT,
            prefix=settings.STATIC_URL,
            max_age=STATIC_SECONDS,
            allow_all_origins=False,
            add_headers_function=_static_headers,
        )
    return Entrance(
        pages=static, collector=Collector(), health=Health(), loopback_only=settings.DEMO
    )
