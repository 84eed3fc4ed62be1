"""The collector, as an ASGI application of its own, ahead of Django.

`receive → authenticate → parse → validate → journal → acknowledge`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
from django.conf import settings

from pupitre.core import clock
from pupitre.flow.collect import details
from pupitre.flow.collect.intake.group_commit import GroupCommit
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.pipeline import OVERLOADED, Pipeline
from pupitre.flow.collect.receiving import answers, boot, pixels, routes
from pupitre.flow.collect.receiving.authenticating import (
    UNKNOWN_KEY,
    basic_key,
)
from pupitre.flow.collect.receiving.description import DESCRIPTION, PATH
from pupitre.flow.collect.receiving.keeping import BookKeeper, NoBook
from pupitre.flow.collect.receiving.limits import (
    BODY_SECONDS,
    MAX_BODY_BYTES,
    MAX_DISCARDED_BYTES,
    MAX_QUERY_BYTES,
)
from pupitre.flow.collect.receiving.requests import (
    Kept,
    Received,
    Route,
    Turn,
    TurnedAway,
)
from pupitre.flow.collect.receiving.unpacking import Bomb, Broken, expand, mend

Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
NOT_FOUND = TurnedAway(Turn.NOT_FOUND, 404, "The collector has nothing at this address.")
WRONG_METHOD = TurnedAway(Turn.WRONG_METHOD, 405, "Events are sent by POST.")
TOO_LARGE = TurnedAway(
    Turn.TOO_LARGE, 413, f"A request may have {MAX_BODY_BYTES} bytes, expanded ones included."
)
TOO_SLOW = TurnedAway(Turn.TOO_SLOW, 408, f"The body took over {BODY_SECONDS:g} s to come.")
CUT_OFF = TurnedAway(Turn.TOO_SLOW, 408, "The body ended before it was whole.")
log = logging.getLogger("pupitre.collect")


class Gone(Exception):
    """The client left before its request was whole."""


class Collector:
    """One for each web process. Opens nothing before the first request."""

    def __init__(
        self, *, pipeline: Pipeline | None = None, keeper: BookKeeper | None = None
    ) -> None:
        self._pipeline = pipeline
        self._keeper = keeper or BookKeeper()
        self._commit: GroupCommit | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        if method == "OPTIONS":
            asked = dict(scope["headers"]).get(b"access-control-request-headers", b"")
            await answers.preflight(send, asked)
            return
        route = routes.POSTED.get(path)
        if route is not None and method == "POST":
            await self._posted(route, scope, receive, send)
        elif method in ("GET", "HEAD"):
            await self._got(scope, send)
        elif path in routes.METRICS and method == "POST":
            await self._metrics(receive, send)
        else:
            away = WRONG_METHOD if route is not None or path in routes.PIXELS else NOT_FOUND
            await answers.turned_away(send, away)

    async def _posted(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        try:
            body = await _whole(headers, receive)
        except Gone:  # the line broke, or half of it: whoever still listens may send it again
            await answers.turned_away(send, CUT_OFF)
            return
        if isinstance(body, TurnedAway):
            await answers.turned_away(send, body)
            return
        try:
            plain = expand(body, headers.get(b"content-encoding", b"").decode("latin-1").lower())
        except Bomb:
            await answers.turned_away(send, TOO_LARGE)
            return
        except Broken as error:
            away = TurnedAway(Turn.UNREADABLE, 400, str(error))
            await answers.turned_away(send, away)
            return
        outcome = await self._run(route, plain, headers, _query(scope))
        if isinstance(outcome, TurnedAway):
            await answers.turned_away(send, outcome)
        else:
            await _acknowledge(outcome, send)

    async def _run(
        self, route: Route, body: bytes, headers: Mapping[bytes, bytes], query: Mapping[str, str]
    ) -> Kept | TurnedAway:
        """The steps. A key that no book has is looked up once more in a newer one."""
        unpacked = mend(body)
        at = clock.now()
        try:
            book = await self._keeper.fresh()
        except NoBook:
            return OVERLOADED
        received = Received(
            route,
            unpacked.body,
            at,
            (at - _EPOCH) // _MICROSECOND,
            book,
            headers.get(b"authorization", b"").decode("latin-1"),
            query,
            headers.get(b"origin", b"").decode("latin-1"),
            unpacked.mended,
        )
        pipeline = self._pipeline or self._open()
        outcome = await pipeline.run(received)
        if outcome is UNKNOWN_KEY:
            newer = await self._keeper.newer()
            if newer is not book:
                outcome = await pipeline.run(msgspec.structs.replace(received, book=newer))
        if isinstance(outcome, TurnedAway):
            pipeline.tallies.turn(outcome.turn)
        return outcome

    def _open(self) -> Pipeline:
        self._commit = GroupCommit(home().journal())
        self._pipeline = Pipeline(self._commit)
        return self._pipeline

    async def _got(self, scope: Scope, send: Send) -> None:
        path = scope["path"]
        route = routes.PIXELS.get(path)
        if route is not None:
            query = _query(scope)
            outcome = await self._run(route, pixels.body_of(query), dict(scope["headers"]), query)
            if isinstance(outcome, TurnedAway):
                await answers.turned_away(send, outcome, pixel=True)
            else:
                await answers.answer(send, 200, pixels.GIF, b"image/gif")
            return
        key = routes.segment_boot_key(path)
        if key is not None:
            await self._boot(scope, send, key, rudder=False)
        elif path in routes.RUDDER_BOOT:
            headers = dict(scope["headers"])
            key = basic_key(headers.get(b"authorization", b"").decode("latin-1"))
            await self._boot(scope, send, key or _query(scope).get("writeKey", ""), rudder=True)
        elif path == PATH:
            await answers.answer(send, 200, DESCRIPTION)
        else:
            away = WRONG_METHOD if path in routes.POSTED else NOT_FOUND
            await answers.turned_away(send, away)

    async def _boot(self, scope: Scope, send: Send, key: str, *, rudder: bool) -> None:
        try:
            book = await self._keeper.fresh()
            source = book.find(key, at=clock.now())
            if source is None:
                source = (await self._keeper.newer()).find(key, at=clock.now())
        except NoBook:
            await answers.turned_away(send, OVERLOADED)
            return
        if source is None:
            away = TurnedAway(Turn.UNKNOWN_KEY, 401 if rudder else 404, UNKNOWN_KEY.message)
            await answers.turned_away(send, away)
        elif rudder:
            await answers.answer(send, 200, boot.rudder_config(key=key, source=source))
        else:
            at = urlsplit(settings.PUBLIC_URL)
            scheme, host = (at.scheme, at.netloc) if settings.ENV.public_url else _asked(scope)
            await answers.answer(
                send, 200, boot.segment_settings(key=key, scheme=scheme, host=host)
            )

    @staticmethod
    async def _metrics(receive: Receive, send: Send) -> None:
        """What a browser SDK tells about itself is nobody's interaction: thanked, not kept."""
        left = MAX_BODY_BYTES
        while left > 0:
            message = await receive()
            left -= len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await answers.accepted(send)

    def close(self) -> None:
        """Keep what waits, and end. Blocks for as long as the disk takes."""
        if self._commit is not None:
            self._commit.close()
        self._keeper.close()

    @property
    def trouble(self) -> str:
        return self._commit.trouble if self._commit is not None else ""


async def _acknowledge(kept: Kept, send: Send) -> None:
    """200 where anything was let in: what was not rests in quarantine, and an SDK that was told
    otherwise would send the good ones again, or drop them."""
    parcel = kept.parcel
    if kept.whole is not None:
        await answers.turned_away(send, kept.whole)
    elif parcel.refused and not parcel.records:
        first = parcel.refused[0]
        wrong = details.read(first.detail)
        said = wrong.english if wrong is not None else first.reason
        away = TurnedAway(Turn.NOTHING_LET_IN, 400, said, code=first.reason)
        await answers.turned_away(send, away)
    else:
        await answers.accepted(send)


async def _whole(headers: Mapping[bytes, bytes], receive: Receive) -> bytes | TurnedAway:
    """The body, bounded in bytes and in time."""
    announced = headers.get(b"content-length", b"0")
    too_large = announced.isdigit() and int(announced) > MAX_BODY_BYTES
    message = await receive()
    if not message.get("more_body") and not too_large:
        _still_there(message)
        body: bytes = message.get("body", b"")
        return TOO_LARGE if len(body) > MAX_BODY_BYTES else body
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _rest(message, receive)
    except TimeoutError:
        return TOO_SLOW


async def _rest(message: Message, receive: Receive) -> bytes | TurnedAway:
    """What is over the bound is read, up to another, and thrown away: a sender that is cut off
    while it sends takes that for a broken line, and tries for ever."""
    parts: list[bytes] = []
    size = 0
    while True:
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY_BYTES:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body") or size > MAX_DISCARDED_BYTES:
            break
        message = await receive()
        _still_there(message)
    return TOO_LARGE if size > MAX_BODY_BYTES else b"".join(parts)


def _still_there(message: Message) -> None:
    if message["type"] == "http.disconnect":
        raise Gone


def _query(scope: Scope) -> Mapping[str, str]:
    said = scope["query_string"]
    if not said:
        return {}
    pairs = parse_qsl(
        said[:MAX_QUERY_BYTES].decode("latin-1"),
        keep_blank_values=True,
        encoding="utf-8",
        errors="replace",
        max_num_fields=None,
    )
    return dict(pairs)


def _asked(scope: Scope) -> tuple[str, str]:
    """The scheme and host that the browser used, where nobody has set the public address."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return scope.get("scheme", "http"), host
