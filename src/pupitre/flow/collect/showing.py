"""Events as the live view of their source shows them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from pupitre.flow.collect.intake.books import LATEST_KEPT, LatestRow

_TEXTS = ("message_id", "type", "name", "user_id", "anonymous_id", "previous_id", "group_id")
_TIMES = {"original_us": "original_at", "sent_us": "sent_at", "corrected_us": "corrected_at"}
_OBJECTS = ("properties", "traits", "context", "extra")
_encode = msgspec.json.Encoder().encode


def latest_of(events: pa.Table, origin: str = "") -> tuple[LatestRow, ...]:
    """The last of each source's among these, in their order.

    ``origin``: the mark by which they are taken back, where they can be.
    """
    last = events.take(_last_of_each(events["source"]))
    sources, received = last["source"].to_pylist(), _microseconds(last["received_at"])
    return tuple(
        LatestRow(
            source, at, event["type"], event["name"], event["message_id"], shown(event), origin
        )
        for source, at, event in zip(sources, received, plain(last), strict=True)
    )


def _last_of_each(sources: pa.ChunkedArray) -> pa.Array:
    codes = sources.combine_chunks().dictionary_encode()
    numbers = codes.indices.to_numpy()
    last = [np.flatnonzero(numbers == n)[-LATEST_KEPT:] for n in range(len(codes.dictionary))]
    return pa.array(np.sort(np.concatenate(last)) if last else [], pa.int64())


def plain(events: pa.Table) -> list[dict[str, Any]]:
    """Each as the journal held it; times are microseconds since 1970, UTC."""
    columns: dict[str, list[Any]] = {name: events[name].to_pylist() for name in _TEXTS}
    columns |= {name: _microseconds(events[column]) for name, column in _TIMES.items()}
    columns |= {name: events[name].to_pylist() for name in _OBJECTS}
    rows = zip(*columns.values(), strict=True)
    return [dict(zip(columns, values, strict=True)) for values in rows]


def shown(event: dict[str, Any]) -> str:
    return _encode(event).decode()


def _microseconds(column: pa.ChunkedArray) -> list[Any]:
    found: list[Any] = column.cast(pa.int64()).to_pylist()
    return found
