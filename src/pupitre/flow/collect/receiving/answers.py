"""What is answered, in the collector's own form."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from pupitre.flow.collect.receiving.limits import RETRY_SECONDS
from pupitre.flow.collect.receiving.pixels import GIF
from pupitre.flow.collect.receiving.requests import Turn, TurnedAway

Message = Any
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON = b"application/json"
OK = b'{"success":true}'
# RudderStack's browser SDK says more with each version (anonymousid, sentat, rsa-retry-reason…): a
# page may send whatever else it asks for, since nothing but these is read.
ALLOWED_HEADERS = b"authorization, content-type, x-retry-count"
_HEADER_NAMES = re.compile(rb"[A-Za-z0-9-]{1,60}(?: ?, ?[A-Za-z0-9-]{1,60}){0,31}")
ALWAYS: tuple[Header, ...] = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
ANY_ORIGIN: Header = (b"access-control-allow-origin", b"*")
_OK_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", JSON),
        (b"content-length", str(len(OK)).encode()),
        ANY_ORIGIN,
        *ALWAYS,
    ],
}
_OK_BODY = {"type": "http.response.body", "body": OK}


async def accepted(send: Send) -> None:
    await send(_OK_HEAD)
    await send(_OK_BODY)


async def answer(
    send: Send,
    status: int,
    body: bytes,
    kind: bytes = JSON,
    more: tuple[Header, ...] = (),
) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", kind),
                (b"content-length", str(len(body)).encode()),
                ANY_ORIGIN,
                *ALWAYS,
                *more,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def turned_away(send: Send, away: TurnedAway, *, pixel: bool = False) -> None:
    """In JSON; an image stays an image, and only an overload is shown by its status."""
    more: tuple[Header, ...] = ()
    if away.status in (429, 503):
        more = (
            (b"retry-after", str(RETRY_SECONDS).encode()),
            (b"access-control-expose-headers", b"retry-after"),  # else no script may read it
        )
    if pixel:
        status = away.status if away.turn is Turn.OVERLOADED else 200
        await answer(send, status, GIF, b"image/gif", more)
        return
    if away.status == 405:
        more = ((b"allow", b"POST, OPTIONS"),)
    body: Mapping[str, str] = {"code": away.said, "message": away.message}
    await answer(send, away.status, msgspec.json.encode(body), more=more)


async def preflight(send: Send, asked: bytes = b"") -> None:
    """Any page may ask; whether its source takes it is said when it sends its key."""
    allowed = ALLOWED_HEADERS
    if _HEADER_NAMES.fullmatch(asked):
        allowed += b", " + asked
    await send(
        {
            "type": "http.response.start",
            "status": 204,
            "headers": [
                ANY_ORIGIN,
                (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
                (b"access-control-allow-headers", allowed),
                (b"access-control-max-age", b"86400"),
                *ALWAYS,
            ],
        }
    )
    await send({"type": "http.response.body", "body": b""})
