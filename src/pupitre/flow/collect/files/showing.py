"""The last events of a chunk, for the live view of their source."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from pupitre.flow.collect.intake.books import LATEST_KEPT, LatestRow

_TEXTS = ("message_id", "type", "name", "user_id", "anonymous_id", "previous_id", "group_id")
_TIMES = {"original_us": "original_at", "corrected_us": "corrected_at"}
_OBJECTS = ("properties", "traits", "context", "extra")
_encode = msgspec.json.Encoder().encode


def latest_of(events: pa.Table, origin: str) -> tuple[LatestRow, ...]:
    """The last of these, in their order, as the drain shows its own.

    ``origin``: the mark by which they are taken back.
    """
    last = events.slice(max(0, events.num_rows - LATEST_KEPT))
    shown: dict[str, list[Any]] = {name: last[name].to_pylist() for name in _TEXTS}
    shown |= {name: _microseconds(last[column]) for name, column in _TIMES.items()}
    shown |= {name: last[name].to_pylist() for name in _OBJECTS}
    sources, received = last["source"].to_pylist(), _microseconds(last["received_at"])
    rows = zip(sources, received, zip(*shown.values(), strict=True), strict=True)
    return tuple(
        _row(source, at, dict(zip(shown, values, strict=True)), origin)
        for source, at, values in rows
    )


def _microseconds(column: pa.ChunkedArray) -> list[Any]:
    found: list[Any] = column.cast(pa.int64()).to_pylist()
    return found


def _row(source: str, received_us: int, event: dict[str, Any], origin: str) -> LatestRow:
    return LatestRow(
        source,
        received_us,
        event["type"],
        event["name"],
        event["message_id"],
        _encode(event).decode(),
        origin,
    )
