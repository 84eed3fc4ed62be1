"""What has come into the lake since it was looked at last: for those who follow it.

Row ids grow with every append and outlive merges and rewrites; snapshots come and go. Between two
snapshots that are both still known, DuckLake says which rows were inserted, at the cost of those
rows. Where the first is gone (expired, or an erasure took it), every row id is looked at: the same
answer, for more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pupitre.lake import reading
from pupitre.lake.contracts import EVENT_NAMES, EVENT_SCHEMA, AsOf, NoSuchSnapshot, Sql
from pupitre.lake.place import Place

_NAMES = ", ".join(EVENT_NAMES)
_KNOWN = Sql(
    "is the snapshot known",
    "SELECT count(*) FROM ducklake_snapshots('lake') WHERE snapshot_id = $snapshot",
)
_ROW = "came_as"  # DuckLake's row id


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a follower is: everything of that snapshot, none of whose rows has a greater id."""

    snapshot: int = -1
    row: int = -1


def newest(place: Place) -> int:
    [(found,)] = reading.look(place, reading.NEWEST)
    return int(found)


def arrived(place: Place, since: Reached, *, rows: int) -> Iterator[tuple[pa.Table, Reached]]:
    """Events that came since, in tables of up to so many rows, in no promised order.

    With each table: how far one is once all of them were taken, as far as is known by then. Only
    the last one's may be kept.
    """
    last = newest(place)
    if last == since.snapshot:
        return
    [(known,)] = reading.look(place, _KNOWN, {"snapshot": since.snapshot + 1})
    try:
        yield from _read(
            place, _inserted(since, last) if known else _above(since), since, last, rows
        )
    except NoSuchSnapshot:  # it went while we looked
        yield from _read(place, _above(since), since, last, rows)


def _inserted(since: Reached, last: int) -> Sql:
    return Sql(
        "events that came",
        f"SELECT {_NAMES}, rowid AS {_ROW} FROM ducklake_table_insertions("
        f"'lake', 'main', 'events', {since.snapshot + 1}, {last})",
    )


def _above(since: Reached) -> Sql:
    return Sql(
        "events that came, by their row ids",
        f"SELECT {_NAMES}, rowid AS {_ROW} FROM {{events}} WHERE rowid > {since.row}",
    )


def _read(
    place: Place, step: Sql, since: Reached, last: int, rows: int
) -> Iterator[tuple[pa.Table, Reached]]:
    row = since.row
    found = False
    for table in reading.stream(place, step, as_of=AsOf(last), rows=rows):
        greatest = pc.max(table[_ROW]).as_py()
        row = max(row, -1 if greatest is None else int(greatest))
        found = True
        yield table.select(EVENT_NAMES), Reached(last, row)
    if not found:
        yield EVENT_SCHEMA.empty_table(), Reached(last, row)
