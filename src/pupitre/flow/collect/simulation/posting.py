"""Send rows to a collector as anybody's SDK would: Segment's batches, retried when told to wait."""

from __future__ import annotations

import http.client
import random
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation.text import join, quote

Progress = Callable[[int], None]  # events that were taken
BATCH_BYTES, BATCH_EVENTS = 450 * 1024, 500  # below Segment's 500 KB and 2,500 events
CONNECTIONS = 4
TIMEOUT_SECONDS = 60.0
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.5, 60.0
PATIENCE_SECONDS = 900.0  # how long one batch is offered before giving up
TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})


class PostFailed(Exception):
    """The collector refused a batch, or took none for too long."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where to, and with which write keys: by source, or one for all under the key ''."""

    url: str
    keys: tuple[tuple[str, str], ...]
    connections: int = CONNECTIONS
    patience_seconds: float = PATIENCE_SECONDS

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{self.url} is no http address")

    def key_of(self, source: str) -> str:
        known = dict(self.keys)
        try:
            return known[source] if source in known else known[""]
        except KeyError:
            raise PostFailed(f"There is no write key for the source {source}.") from None


# --- what is sent --------------------------------------------------------------------------------


def field(name: str, values: Any) -> Any:
    """`,"name":"value"`, or nothing where there is no value."""
    return pc.fill_null(join(f',"{name}":', quote(values)), "")


def messages(table: Any) -> Any:
    """Each row as one message of Segment's batch. The time is the true one: no sentAt is sent."""
    columns = {name: table[name].combine_chunks() for name in table.column_names}
    kind, name = columns["type"], columns["name"]
    nothing = pa.scalar(None, pa.string())
    said = pc.strftime(columns["corrected_at"], "%Y-%m-%dT%H:%M:%S")
    about = pc.is_in(kind, pa.array(["identify", "group"]))
    plain = pc.is_in(kind, pa.array(["track", "page", "screen"]))
    tracked = pc.equal(kind, "track")
    return join(
        '{"type":"', kind, '","messageId":"', columns["message_id"], '","timestamp":"', said, 'Z"',
        field("userId", columns["user_id"]),
        field("anonymousId", columns["anonymous_id"]),
        field("previousId", columns["previous_id"]),
        field("groupId", columns["group_id"]),
        field("event", pc.if_else(tracked, name, nothing)),
        field("name", pc.if_else(tracked, nothing, name)),
        pc.if_else(plain, join(',"properties":', columns["properties"]), ""),
        pc.if_else(about, join(',"traits":', columns["traits"]), ""),
        ',"context":', columns["context"], "}",
    )  # fmt: skip


def batches(table: Any) -> Iterator[tuple[str, int, bytes]]:
    """Source, number of events and body of each batch, in the order of the rows of each source."""
    for source in sorted(pc.unique(table["source"]).to_pylist()):
        rows = table.filter(pc.equal(table["source"], source))
        made = messages(rows)
        sizes = pc.binary_length(made).to_numpy() + 1
        began = 0
        ends = np.cumsum(sizes)
        while began < len(made):
            base = ends[began - 1] if began else 0
            fits = int(np.searchsorted(ends, base + BATCH_BYTES, side="right")) - began
            count = max(1, min(fits, BATCH_EVENTS))
            text = ",".join(made.slice(began, count).to_pylist())
            yield source, count, f'{{"batch":[{text}]}}'.encode()
            began += count


# --- sending -------------------------------------------------------------------------------------


class Line:
    """One connection, kept open, opened again when it breaks. For one thread."""

    def __init__(self, url: str) -> None:
        self.parts = urlsplit(url)
        self.path = self.parts.path.rstrip("/") + "/v1/batch"
        self._connection: http.client.HTTPConnection | None = None

    def send(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None, bytes]:
        if self._connection is None:
            host, port = self.parts.hostname or "", self.parts.port
            if self.parts.scheme == "https":
                self._connection = http.client.HTTPSConnection(
                    host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context()
                )
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        try:
            self._connection.request("POST", self.path, body, dict(headers))
            answer = self._connection.getresponse()
            return answer.status, answer.headers.get("Retry-After"), answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            raise

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def pause(asked: str | None, attempt: int) -> float:
    """How long to wait: what the collector says, or twice as long each time with some chance."""
    try:
        return min(max(float(asked or ""), 0.0), LONGEST_WAIT_SECONDS)
    except ValueError:
        longest: float = min(FIRST_WAIT_SECONDS * 2.0**attempt, LONGEST_WAIT_SECONDS)
        return longest * (0.5 + random.random() / 2)  # noqa: S311  (spreads retries, no secret)


def deliver(line: Line, posting: Posting, source: str, body: bytes) -> None:
    """Offer one batch until it is taken. The same messages twice are the collector's to notice."""
    key = b64encode(f"{posting.key_of(source)}:".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {key}"}
    until = time.monotonic() + posting.patience_seconds
    attempt = 0
    while True:
        try:
            status, asked, said = line.send(body, headers)
        except (OSError, http.client.HTTPException) as error:
            status, asked, said = 503, None, str(error).encode()
        if status == 200:
            return
        words = said[:300].decode("utf-8", "replace")
        if status not in TRY_AGAIN:
            raise PostFailed(f"The collector answered {status} to {source}: {words}")
        if time.monotonic() >= until:
            raise PostFailed(f"The collector took nothing from {source} for too long: {words}")
        time.sleep(pause(asked, attempt))
        attempt += 1


def posted(table: Any, posting: Posting, progress: Progress | None = None) -> int:
    """Send every row over a few connections at once; the number of events that were taken."""
    own = threading.local()
    lines: list[Line] = []

    def work(source: str, count: int, body: bytes) -> int:
        if not hasattr(own, "line"):
            own.line = Line(posting.url)
            lines.append(own.line)
        deliver(own.line, posting, source, body)
        return count

    taken = 0
    with ThreadPoolExecutor(posting.connections) as pool:
        waiting = set()
        try:
            for batch in batches(table):
                waiting.add(pool.submit(work, *batch))
                while len(waiting) >= 2 * posting.connections:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    taken += settled(done, progress)
            taken += settled(waiting, progress)
        finally:
            for future in waiting:
                future.cancel()
    for line in lines:
        line.close()
    return taken


def settled(futures: Any, progress: Progress | None) -> int:
    taken = sum(future.result() for future in futures)
    if progress is not None:
        progress(taken)
    return int(taken)
