"""Requests that no SDK would send, down to their bytes, and what is to be expected of them."""

from __future__ import annotations

import base64
import gzip
import json
import re
import socket
import uuid
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import quote

from hypothesis import strategies as st

PATIENCE_SECONDS = 20.0  # no answer within that is a hang, on a busy machine too
MARKER = re.compile(rb"repere-[0-9a-f]{32}")
Header = tuple[bytes, bytes]


def marker() -> str:
    return f"repere-{uuid.uuid4().hex}"


@dataclass(frozen=True)
class Shot:
    """One request. ``plain`` is its body before any encoding."""

    path: str
    body: bytes = b""
    plain: bytes = b""
    headers: tuple[Header, ...] = ()
    method: str = "POST"
    announced: int | None = None  # where the length that is announced is a lie

    def markers(self) -> list[str]:
        return [found.decode() for found in dict.fromkeys(MARKER.findall(self.plain))]


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 where the connection was closed without a word."""

    status: int
    body: bytes = field(default=b"", repr=False)

    @property
    def code(self) -> str:
        """The collector's own; empty where it was the server that complained."""
        try:
            said = json.loads(self.body)
        except ValueError:
            return ""
        return str(said.get("code", "")) if isinstance(said, dict) else ""


def shoot(port: int, shot: Shot, key: str) -> Answer:
    """Send it and read until the end. Raises TimeoutError on a hang.

    Who announced more than comes hangs up; nobody else does, for it would be taken for leaving.
    """
    word = base64.b64encode(f"{key}:".encode())
    length = len(shot.body) if shot.announced is None else shot.announced
    head: list[Header] = [(b"host", b"collector.example"), (b"connection", b"close")]
    if not any(name.lower() == b"authorization" for name, _ in shot.headers):
        head.append((b"authorization", b"Basic " + word))
    if shot.method == "POST":
        head.append((b"content-length", str(length).encode()))
    lines = [f"{shot.method} {shot.path} HTTP/1.1".encode()]
    lines += [name + b": " + value for name, value in (*head, *shot.headers)]
    with closing(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)) as line:
        try:
            line.sendall(b"\r\n".join(lines) + b"\r\n\r\n" + shot.body)
            if length > len(shot.body):
                line.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError, OSError):
            pass  # answered before it was told everything
        return _answer(line)


def _answer(line: socket.socket) -> Answer:
    said = b""
    try:
        while part := line.recv(65_536):
            said += part
    except ConnectionResetError:
        pass
    status = re.match(rb"HTTP/1\.1 (\d{3})", said)
    return Answer(int(status[1]) if status else 0, said.partition(b"\r\n\r\n")[2])


# --- what is sent --------------------------------------------------------------------------------

_DEEP = 5_000
EVIL_VALUES = (
    "null", "true", "-0", "1e999", "-1e-999", "NaN", "Infinity", "9" * 400, "1" * 25, "0.1",
    '""', r'"\u0000"', r'"\ud800"', r'"\udc00\ud800"', r'"\ud83c\udfbc"', '"\u2028"', '"\x00"',
    '"x\ufffdy"', r'"\uFFFF\uDBFF"', '"é"', '"' + "x" * 600 + '"', '"' + "y" * 40_000 + '"',
    "[]", "{}", "[[[]]]", '{"a":1,"a":2}', '{"":{"":{"":null}}}', '{"a.b":1,"__proto__":{}}',
    "[" * 70 + "]" * 70, '{"a":' * 70 + "1" + "}" * 70, "[" * _DEEP + "]" * _DEEP, "[1,]", "'x'",
)  # fmt: skip
EVIL_TIMES = (
    '"99999-01-01T00:00:00Z"', '"1234567890-01-01T00:00:00.000Z"', '"0000-00-00T00:00:00Z"',
    '"-0001-12-31"', '"2026-02-30T00:00:00Z"', '"2026-01-01T00:00:00+99:99"', '"2026-01-01"',
    '"2026-01-01T24:00:00Z"', '"2026-W01-1"', '"0001-01-01T00:00:00+14:00"', '"nan"', '"inf"',
    '"9999-12-31T23:59:59.999999-23:59"', "1e300", "-1e300", "253402300800000", "0", "-1",
    "9999999999", "99999999999999999999", '"yesterday"', '"1700000000"', '"1_000"', '"٢٠٢٦"',
)  # fmt: skip
FIELDS = (
    "type", "event", "name", "messageId", "userId", "anonymousId", "previousId", "groupId",
    "properties", "traits", "context", "integrations", "writeKey", "_metadata", "channel", "other",
    "receivedAt", "category", "version",
)  # fmt: skip
TIMES = ("timestamp", "originalTimestamp", "sentAt")
PATHS = (
    "/v1/track", "/v1/t", "/v1/identify", "/v1/page", "/v1/screen", "/v1/group", "/v1/alias",
    "/v1/batch", "/v1/b", "/v1/import", "/v1/beacon", "/beacon/v1/batch", "/v1/m",
)  # fmt: skip
JUNK = (b"\xff", b"\x00", b"\xc0\x80", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\", b'"', b"}", b"\r\n")
ENCODINGS = (b"gzip", b"GZIP", b"x-gzip", b"identity", b"br", b"deflate", b"gzip, gzip", b"\xff")


@st.composite
def events(draw: st.DrawFn) -> str:
    """The text of an event: nearly good, with up to four fields that are not, or stand twice."""
    said = [("userId", '"u"'), ("event", '"Seen"'), ("groupId", '"g"'), ("previousId", '"p"')]
    for _ in range(draw(st.integers(0, 4))):
        if draw(st.booleans()):
            said.append((draw(st.sampled_from(FIELDS)), draw(st.sampled_from(EVIL_VALUES))))
        else:
            said.append((draw(st.sampled_from(TIMES)), draw(st.sampled_from(EVIL_TIMES))))
    draw(st.randoms(use_true_random=False)).shuffle(said)
    text = draw(st.text(max_size=20))
    said = [("type", draw(st.sampled_from(('"track"', '"page"', '"bogus"')))), *said]
    inside = ",".join(f'"{name}":{value}' for name, value in said)
    return f'{{"repere":"{marker()}","free":{json.dumps(text)},{inside}}}'


@st.composite
def bodies(draw: st.DrawFn, path: str) -> bytes:
    """One event or a batch; now and then cut short, or with a byte that should not be there."""
    single = path.rsplit("/", 1)[-1] not in ("batch", "b", "import", "beacon")
    if single or draw(st.integers(0, 9)) == 0:
        text = draw(events())
    else:
        shared = draw(st.sampled_from(("", ',"context":{"a":1}', ',"context":7', ',"sentAt":"x"')))
        inside = ",".join(draw(st.lists(events(), min_size=1, max_size=4)))
        text = f'{{"batch":[{inside}]{shared}}}'
    body = text.encode("utf-8", "surrogatepass")
    damage = draw(st.integers(0, 5))
    place = draw(st.integers(0, len(body)))
    if damage == 0:
        return body[:place]
    if damage == 1:
        return body[:place] + draw(st.sampled_from(JUNK)) + body[place:]
    return body


def _zipped(plain: bytes, cut: int) -> bytes:
    whole = gzip.compress(plain, 1)
    return whole[: len(whole) - cut] if cut else whole


@st.composite
def shots(draw: st.DrawFn) -> Shot:
    path = draw(st.sampled_from(PATHS))
    plain = draw(bodies(path))
    body, headers = plain, []
    if draw(st.integers(0, 3)) == 0:
        body = _zipped(plain, draw(st.sampled_from((0, 0, 0, 1, 9))))
        headers.append((b"content-encoding", b"gzip"))
    elif draw(st.integers(0, 9)) == 0:
        headers.append((b"content-encoding", draw(st.sampled_from(ENCODINGS))))
    if draw(st.integers(0, 3)) == 0:
        odd = draw(st.binary(max_size=12)).translate(None, b"\r\n\x00")
        name = draw(st.sampled_from((b"content-type", b"origin", b"user-agent", b"x-\xff")))
        headers.append((name, odd))
    announced = None
    if draw(st.integers(0, 9)) == 0:
        announced = max(0, len(body) + draw(st.sampled_from((-1, 1, -10, 1000))))
    return Shot(path, body, plain, tuple(headers), announced=announced)


def event(**more: object) -> bytes:
    """A good one."""
    plain = {"repere": marker(), "type": "track", "userId": "u", "event": "Good", **more}
    return json.dumps(plain).encode()


def batch(events: Sequence[bytes]) -> bytes:
    return b'{"batch":[' + b",".join(events) + b"]}"


def pixel(plain: bytes, key: str) -> Shot:
    data = quote(base64.b64encode(plain).decode())
    return Shot(f"/v1/pixel/track?writeKey={key}&data={data}", plain=plain, method="GET")
