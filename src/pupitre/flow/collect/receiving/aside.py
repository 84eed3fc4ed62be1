"""What a refused event is kept with, so that replayed it is what it would have been at first.

An event of a batch also says what its batch says for all. It is put aside as a batch of its own,
with the same ``context`` and ``integrations``: replayed, it takes the very way that it took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from pupitre.flow.collect.intake.records import MAX_QUARANTINED_BYTES, Refused, keyless
from pupitre.flow.collect.receiving.requests import Parsed

# What a batch says for all is kept once for each of its events that is refused. Beyond this much of
# one request, the event is kept alone, and is not whole: else half a megabyte would make a hundred.
MAX_SHARED_BYTES = 4 * 1024 * 1024


def put_aside(
    bad: Sequence[Refused], parsed: Parsed, *, type_: str, sent_us: int | None
) -> list[Refused]:
    """Each with what its request said of it elsewhere than in the event."""
    told = [msgspec.structs.replace(one, type=type_, sent_us=sent_us) for one in bad]
    if parsed.whole is not None or not parsed.batch:
        return told  # it is the whole body
    shared = _shared(parsed)
    left = MAX_SHARED_BYTES
    kept = []
    for one in told:
        if not shared and b'"batch"' not in one.raw:
            kept.append(one)  # alone, it says the same
        elif not one.whole or len(shared) > left:
            kept.append(msgspec.structs.replace(one, whole=False))
        else:
            left -= len(shared)
            kept.append(_in_its_batch(one, shared))
    return kept


def _shared(parsed: Parsed) -> bytes:
    said: dict[str, Mapping[str, msgspec.Raw]] = {}
    if parsed.shared_context is not None:
        said["context"] = parsed.shared_context
    if parsed.shared_integrations is not None:
        said["integrations"] = parsed.shared_integrations
    return b"," + keyless(msgspec.json.encode(said)[1:-1]) if said else b""


def _in_its_batch(one: Refused, shared: bytes) -> Refused:
    raw = b'{"batch":[' + one.raw + b"]" + shared + b"}"
    if len(raw) <= MAX_QUARANTINED_BYTES:
        return msgspec.structs.replace(one, raw=raw)
    return msgspec.structs.replace(one, raw=raw[:MAX_QUARANTINED_BYTES], whole=False)
