"""The lake keeps itself tidy: small files merged, old snapshots thinned out, leftovers deleted.

Every part is a transaction of its own and does no harm done twice: a crash between two of them, or
inside one, leaves nothing to mend.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from pupitre.lake import catalogue
from pupitre.lake.contracts import Sql, Upkeep
from pupitre.lake.schema import FILE_MB

if TYPE_CHECKING:
    from pupitre.lake.writing import Writer

SMALL_BYTES = FILE_MB * 1_000_000 // 10
LARGE_BYTES = FILE_MB * 1_000_000 * 3 // 4
SMALL_FILES = 100  # in the whole lake: more, and the writer merges them between two appends
FILES_AT_ONCE = 500  # results of one call, so that a round of merging is bounded
GRACE = timedelta(hours=1)  # a file that nothing needs any more may still be being read
EVERY_SNAPSHOT = timedelta(hours=48)  # then the last of each hour
BATCHES_KEPT = timedelta(days=30)  # how late an append may be replayed
BATCHES_INLINED = 5_000  # lines in the catalogue before they are written out
WASTED_BYTES = 64_000_000  # of the catalogue, before it is rewritten

_SMALL = Sql(
    "count small files",
    "SELECT count(*) FROM {catalogue}.ducklake_data_file "
    f"WHERE end_snapshot IS NULL AND file_size_bytes < {SMALL_BYTES}",
)
# Two rounds: the first is cheap however often it is made, for it never touches what it made; the
# second joins what the first left behind, at most a few times for any byte.
_MERGE_SMALL = Sql(
    "merge small files",
    "SELECT files_processed, files_created FROM ducklake_merge_adjacent_files('lake', 'events', "
    f"max_file_size => {SMALL_BYTES}, max_compacted_files => {FILES_AT_ONCE})",
)
_MERGE_MIDDLING = Sql(
    "merge middling files",
    "SELECT files_processed, files_created FROM ducklake_merge_adjacent_files('lake', 'events', "
    f"max_file_size => {LARGE_BYTES}, max_compacted_files => {FILES_AT_ONCE})",
)
_SNAPSHOTS = Sql(
    "list snapshots",
    "SELECT snapshot_id, snapshot_time AT TIME ZONE 'UTC' FROM ducklake_snapshots('lake') "
    "ORDER BY snapshot_id",
)
_CLEAN = Sql(
    "delete files that nothing needs",
    "SELECT count(*) FROM ducklake_cleanup_old_files('lake', older_than => {before})",
)
_ORPHANS = Sql(
    "delete files that nothing knows",
    "SELECT count(*) FROM ducklake_delete_orphaned_files('lake', older_than => {before})",
)
_FORGET = Sql("forget old batches", "DELETE FROM lake.batches WHERE appended_at < $before")
_INLINED = Sql("count batches", "SELECT count(*) FROM lake.batches")
_WRITTEN = Sql(
    "count batches in files",
    "SELECT coalesce(sum(record_count), 0) FROM {catalogue}.ducklake_data_file f "
    "JOIN {catalogue}.ducklake_table t USING (table_id) "
    "WHERE t.table_name = 'batches' AND f.end_snapshot IS NULL",
)
_FLUSH = Sql(
    "write batches out", "CALL ducklake_flush_inlined_data('lake', table_name => 'batches')"
)


def tend(writer: Writer) -> int:
    """Merge small files when there are many. How many were merged."""
    if writer.rows(_SMALL)[0][0] < SMALL_FILES:
        return 0
    return _merge(writer, _MERGE_SMALL)[0]


def keep_up(writer: Writer, *, at: datetime) -> Upkeep:
    """The whole of it."""
    began = time.perf_counter()
    forgotten = _batches(writer, at)
    small = _merge(writer, _MERGE_SMALL)
    middling = _merge(writer, _MERGE_MIDDLING)
    keep = timedelta(days=writer.place.keep_days)
    expired = expire(writer, to_expire(_snapshots(writer), at=at, keep=keep))
    deleted, orphaned = delete_files(writer, before=at - GRACE)
    catalogue.give_back(writer.place, over_bytes=WASTED_BYTES)
    return Upkeep(
        merged_files=small[0] + middling[0],
        into_files=small[1] + middling[1],
        expired_snapshots=expired,
        deleted_files=deleted,
        orphaned_files=orphaned,
        forgotten_batches=forgotten,
        seconds=time.perf_counter() - began,
    )


def _merge(writer: Writer, step: Sql) -> tuple[int, int]:
    with writer.transaction("upkeep", step.name):
        found = writer.rows(step)
    return sum(row[0] for row in found), sum(row[1] for row in found)


def _batches(writer: Writer, at: datetime) -> int:
    [(count,)] = writer.rows(_INLINED)
    [(written,)] = writer.rows(_WRITTEN)
    with writer.transaction("upkeep", _FORGET.name):
        before = (at - BATCHES_KEPT).astimezone(UTC).replace(tzinfo=None)
        [(forgotten,)] = writer.rows(_FORGET, {"before": before})
    if count - written > BATCHES_INLINED:
        with writer.transaction("upkeep", _FLUSH.name):
            writer.run(_FLUSH)
    return int(forgotten)


def _snapshots(writer: Writer) -> list[tuple[int, datetime]]:
    return [(number, at.replace(tzinfo=UTC)) for number, at in writer.rows(_SNAPSHOTS)]


def to_expire(
    snapshots: Iterable[tuple[int, datetime]], *, at: datetime, keep: timedelta
) -> tuple[int, ...]:
    """All for two days, then the last of each hour, then none; the newest one always stays."""
    ordered = sorted(snapshots)
    going = []
    for (number, then), (_, after) in pairwise(ordered):
        same_hour = then.replace(minute=0, second=0, microsecond=0) == after.replace(
            minute=0, second=0, microsecond=0
        )
        if then < at - keep or (then < at - EVERY_SNAPSHOT and same_hour):
            going.append(number)
    return tuple(going)


def expire(writer: Writer, versions: tuple[int, ...]) -> int:
    """Forget these states. Their files are deleted once their time has come."""
    if not versions:
        return 0
    step = Sql(
        "expire snapshots",
        "SELECT count(*) FROM ducklake_expire_snapshots('lake', "
        f"versions => [{', '.join(map(str, versions))}])",
    )
    return int(writer.rows(step)[0][0])


def expire_all_but_newest(writer: Writer) -> int:
    return expire(writer, tuple(number for number, _ in _snapshots(writer)[:-1]))


def delete_files(writer: Writer, *, before: datetime | None) -> tuple[int, int]:
    """Delete what nothing needs since an instant, or at once. How many: known, unknown."""
    known = before if before is None or writer.place.on_postgres else day_before(before)
    counts = []
    for step, instant in ((_CLEAN, known), (_ORPHANS, before)):
        if instant is None:
            text = step.text.replace("older_than => {before}", "cleanup_all => true")
        else:
            text = step.text.replace("{before}", f"TIMESTAMPTZ '{instant.isoformat(sep=' ')}'")
        counts.append(int(writer.rows(Sql(step.name, text))[0][0]))
    return counts[0], counts[1]


def day_before(at: datetime) -> datetime:
    """The midnight (UTC) that began the day before this instant's.

    In a SQLite catalogue DuckLake compares instants as texts, "2026-05-10 12:00…" with
    "2026-05-10T11:00…": a space comes before a T, so everything of the same day counts as older.
    Asked with this instant, it takes what is of that day or older, and so older than ``at``.
    """
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
