"""The collector by itself: sources in memory, its journal in a folder, asked as servers ask it."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre.flow.collect.contracts import KeyView, SourceView
from pupitre.flow.collect.intake.group_commit import GroupCommit, Journal
from pupitre.flow.collect.intake.records import Parcel, Record, Refused, unseal
from pupitre.flow.collect.intake.segments import Bounds, SegmentJournal, SegmentReader, iterate
from pupitre.flow.collect.pipeline import Pipeline
from pupitre.flow.collect.receiving.app import Collector
from pupitre.flow.collect.sources.book import SourceBook, key_hash
from pupitre.lake.contracts import Channel

KEY = "key-of-the-shop"
SHOP = SourceView(1, "web-shop", "Shop", Channel.WEB, open=True)
ROOMY = Bounds(max_bytes=2**30, spare_bytes=0)


def basic(key: str = KEY, *, colon: bool = True) -> dict[str, str]:
    coded = base64.b64encode(f"{key}{':' if colon else ''}".encode()).decode()
    return {"authorization": f"Basic {coded}"}


class FixedLoader:
    """A book that a test may exchange."""

    def __init__(self, *sources: SourceView, keys: Mapping[str, int] | None = None) -> None:
        self.turned = 0
        self.fill(*(sources or (SHOP,)), keys=keys)

    def fill(self, *sources: SourceView, keys: Mapping[str, int] | None = None) -> None:
        self.turned += 1
        given = keys if keys is not None else {KEY: 1}
        self.book = SourceBook(
            str(self.turned), sources, tuple(KeyView(key_hash(k), s) for k, s in given.items())
        )

    def version(self) -> str:
        return self.book.version

    def load(self) -> SourceBook:
        return self.book


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Desk:
    """A collector and its journal. Each ``ask`` is one request."""

    folder: Path
    journal: Journal | None = None
    collector: Collector = field(init=False)

    def __post_init__(self) -> None:
        self.keeper = GroupCommit(self.journal or SegmentJournal(self.folder, ROOMY))
        self.collector = Collector(pipeline=Pipeline(self.keeper))

    def ask(
        self,
        path: str,
        body: object = b"",
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
        query: str = "",
    ) -> Answer:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = basic() if headers is None else headers
        return asyncio.run(self._ask(method, path, raw, given, query))

    async def _ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], query: str
    ) -> Answer:
        sent: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(k.encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()],
            "scheme": "http",
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        # Each request has a loop of its own here, so the book is looked at anew.
        self.collector._keeper._looking = None
        await self.collector(scope, receive, send)
        start = sent[0]
        return Answer(
            start["status"],
            {k.decode(): v.decode() for k, v in start["headers"]},
            b"".join(message.get("body", b"") for message in sent[1:]),
        )

    def parcels(self) -> list[Parcel]:
        """What the journal has, read as the drain reads it."""
        reader = SegmentReader(self.folder)
        spans = reader.waiting({}, max_events=10**9, max_bytes=2**40)
        return [unseal(entry) for entry in iterate(reader, spans)]

    def records(self) -> list[Record]:
        return [record for parcel in self.parcels() for record in parcel.records]

    def refused(self) -> list[Refused]:
        return [refused for parcel in self.parcels() for refused in parcel.refused]

    def close(self) -> None:
        self.keeper.close()
