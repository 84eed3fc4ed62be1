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

from pupitre.lake import reading
from pupitre.lake.contracts import EVENT_NAMES, EVENT_SCHEMA, AsOf, NoSuchSnapshot, Sql
from pupitre.lake.place import Place

_NAMES = ", ".join(EVENT_NAMES)
_KNOWN = Sql(
    "is the snapshot known",
    "SELECT count(*) FROM ducklake_snapshots('lake') WHERE snapshot_id = $snapshot",
)
# The id that the next row gets: greater than any, even of rows that are gone.
_FOLLOWING_ROW = Sql(
    "next row id",
    "SELECT coalesce(max(s.next_row_id), 0) FROM {catalogue}.ducklake_table_stats AS s "
    "JOIN {catalogue}.ducklake_table AS t USING (table_id) "
    "WHERE t.table_name = 'events' AND t.end_snapshot IS NULL",
)
PART_ROWS = 5_000_000  # whose ids are looked for in one go


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

    With each table: how far one is once it was taken. What has not grown since may not be kept
    yet; very many events are given in parts, each of which may be.
    """
    last, following = _state(place)
    if last == since.snapshot:
        return
    [(known,)] = reading.look(place, _KNOWN, {"snapshot": since.snapshot + 1})
    if known and following - since.row <= PART_ROWS:
        try:
            yield from _read(
                place, _inserted(since, last), since, Reached(last, following - 1), rows
            )
            return
        except NoSuchSnapshot:  # it went while we looked
            pass
    while since.row < following - 1:
        upto = min(since.row + PART_ROWS, following - 1)
        reached = Reached(last if upto == following - 1 else since.snapshot, upto)
        yield from _read(place, _between(since.row, upto), since, reached, rows, at=last)
        since = reached


def _state(place: Place) -> tuple[int, int]:
    """The newest snapshot and the row id that follows it: of one state, so asked around an append
    until nothing came between."""
    last = newest(place)
    while True:
        [(following,)] = reading.look(place, _FOLLOWING_ROW)
        again = newest(place)
        if again == last:
            return last, int(following)
        last = again


def _inserted(since: Reached, last: int) -> Sql:
    return Sql(
        "events that came",
        f"SELECT {_NAMES} FROM ducklake_table_insertions("
        f"'lake', 'main', 'events', {since.snapshot + 1}, {last})",
    )


def _between(row: int, upto: int) -> Sql:
    return Sql(
        "events that came, by their row ids",
        f"SELECT {_NAMES} FROM {{events}} WHERE rowid > {row} AND rowid <= {upto}",
    )


def _read(
    place: Place, step: Sql, since: Reached, reached: Reached, rows: int, *, at: int | None = None
) -> Iterator[tuple[pa.Table, Reached]]:
    """The last of them, an empty one where there is none, with how far one is then."""
    before: pa.Table = EVENT_SCHEMA.empty_table()
    for table in reading.stream(place, step, as_of=AsOf(at or reached.snapshot), rows=rows):
        if len(before):
            yield before, since
        before = table
    yield before, reached
