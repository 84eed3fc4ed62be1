"""What the journal holds: one parcel a request, of records and of what was refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from pupitre.flow.collect.details import Detail, written

_KEY = re.compile(rb'("writeKey"\s*:\s*)"[^"]{0,300}"')
MAX_QUARANTINED_BYTES = 65_536  # of one refused event: twice what an event may weigh


class Record(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One event that was let in. Times are microseconds since 1970, UTC; JSON is text."""

    message_id: str
    type: str
    name: str | None
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    group_id: str | None
    original_us: int | None
    sent_us: int | None
    corrected_us: int
    properties: str
    traits: str
    context: str
    extra: str


class Refused(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """One event that was not, as it came."""

    reason: str  # contracts.Refusal
    detail: str  # which field, which bound, for the person who must mend it: details.written
    raw: bytes  # at most MAX_QUARANTINED_BYTES
    whole: bool = True  # whether that is all of it
    type: str = ""  # that its address gave it
    sent_us: int | None = None  # when its batch was sent: it is not in the event itself


class Parcel(msgspec.Struct, array_like=True, gc=False, frozen=True):
    """What one request brought."""

    source: str
    channel: str
    received_us: int
    records: Sequence[Record]
    refused: Sequence[Refused] = ()
    treated: dict[str, int] = {}  # contracts.Treatment → how many
    # Of the records, in their order. Made where it was received: there are several web processes
    # and one drain. Without them, it makes them itself.
    fingerprints: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Parcel)
seal = _encoder.encode
unseal = _decoder.decode


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A parcel as the journal takes it."""

    parcel: bytes
    events: int


def keyless(raw: bytes) -> bytes:
    return _KEY.sub(rb'\1""', raw)


def refused(reason: str, detail: Detail, raw: Any) -> Refused:
    """With as much of what came as quarantine keeps, and without its write key."""
    kept = bytes(memoryview(raw)[:MAX_QUARANTINED_BYTES])
    whole = len(kept) == len(memoryview(raw))
    return Refused(reason, written(detail), keyless(kept), whole)
