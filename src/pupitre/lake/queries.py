"""What other rooms ask of the lake."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from django.conf import settings

from pupitre.lake import (
    arriving,
    catalogue,
    explorer,
    leafing,
    person_events,
    reading,
    steps,
    upkeep,
    withdrawing,
)
from pupitre.lake.arriving import Reached
from pupitre.lake.bench import Bench, bench
from pupitre.lake.contracts import (
    Answer,
    AsOf,
    Brought,
    Dimension,
    Filter,
    Snapshot,
    Space,
    Sql,
    Timed,
    Value,
)
from pupitre.lake.person_events import Place, Stretch, Wanted
from pupitre.lake.place import here

__all__ = [
    "Bench",
    "Place",
    "Reached",
    "Stretch",
    "Wanted",
    "arrived",
    "as_of",
    "bench",
    "close",
    "count_brought",
    "count_events",
    "events_of",
    "last_events",
    "recent_steps",
    "run",
    "snapshots",
    "space",
    "table",
]
PAGE_SECONDS = 20.0
PAGE_ROWS = 10_000
TIMELINE_ROWS = 200


EVERYTHING = Filter()
ANY = Wanted()

_SNAPSHOTS = Sql(
    "list snapshots",
    "SELECT snapshot_id, snapshot_time AT TIME ZONE 'UTC', author, commit_message "
    "FROM ducklake_snapshots('lake') ORDER BY snapshot_id DESC LIMIT $limit",
)
_AT = Sql(
    "snapshot of an instant",
    "SELECT max(snapshot_id) FROM ducklake_snapshots('lake') "
    "WHERE snapshot_time AT TIME ZONE 'UTC' <= $at HAVING max(snapshot_id) IS NOT NULL",
)
_SPACE = Sql(
    "space that the lake takes up",
    f"""
SELECT
  (SELECT coalesce(sum(record_count), 0) FROM {{catalogue}}.ducklake_data_file f
   JOIN {{catalogue}}.ducklake_table t USING (table_id)
   WHERE f.end_snapshot IS NULL AND t.end_snapshot IS NULL AND t.table_name = 'events'),
  count(*) FILTER (WHERE end_snapshot IS NULL),
  count(*) FILTER (WHERE end_snapshot IS NULL AND file_size_bytes < {upkeep.SMALL_BYTES}),
  coalesce(sum(file_size_bytes) FILTER (WHERE end_snapshot IS NULL), 0),
  coalesce(sum(file_size_bytes) FILTER (WHERE end_snapshot IS NOT NULL), 0),
  (SELECT count(*) FROM ducklake_snapshots('lake')),
  (SELECT min(snapshot_time) AT TIME ZONE 'UTC' FROM ducklake_snapshots('lake'))
FROM {{catalogue}}.ducklake_data_file
""",
)


def run(
    step: Sql,
    parameters: Mapping[str, Value] | None = None,
    *,
    as_of: AsOf | None = None,
    seconds: float = PAGE_SECONDS,
    rows: int = PAGE_ROWS,
) -> Answer:
    """A page's question: bounded in time and rows. Raises LakeError, TooLong, NoSuchSnapshot."""
    began = time.perf_counter()
    given = dict(parameters or {})
    table, whole, state = reading.ask(here(), step, given, as_of=as_of, seconds=seconds, rows=rows)
    found = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return Answer(
        step=step.name,
        columns=tuple(table.column_names),
        rows=tuple(found[:rows]),
        sql=whole.text,
        parameters=tuple(given.items()),
        as_of=state,
        seconds=time.perf_counter() - began,
        truncated=len(found) > rows,
    )


def table(
    step: Sql,
    parameters: Mapping[str, Value] | None = None,
    *,
    as_of: AsOf | None = None,
    seconds: float | None = None,
) -> pa.Table:
    """Every row, as an Arrow table: for machines, which bound it by what they ask."""
    found, _, _ = reading.ask(
        here(), step, dict(parameters or {}), as_of=as_of, seconds=seconds, rows=None
    )
    return found


def count_events(
    *,
    by: tuple[Dimension, ...] = (),
    which: Filter = EVERYTHING,
    as_of: AsOf | None = None,
    rows: int = PAGE_ROWS,
) -> Answer:
    """How many events, by dimensions. The answer carries the query behind it."""
    step, given = explorer.count(by, which, zone=settings.TIME_ZONE)
    return run(step, given, as_of=as_of, rows=rows)


def count_brought(which: Brought, *, as_of: AsOf | None = None) -> int:
    """How many events of one piece of work stand in the lake."""
    found = run(withdrawing.COUNT, withdrawing.given(which), as_of=as_of)
    return int(str(found.rows[0][0]))


def last_events(
    *, which: Filter = EVERYTHING, limit: int = TIMELINE_ROWS, as_of: AsOf | None = None
) -> Answer:
    """The last events that match, newest first; of one person with ``Filter(identity=…)``."""
    step, given = explorer.timeline(which, limit=min(limit, PAGE_ROWS))
    return run(step, given, as_of=as_of)


def events_of(
    stretches: tuple[Stretch, ...],
    *,
    wanted: Wanted = ANY,
    limit: int = TIMELINE_ROWS,
) -> tuple[tuple[object, ...], ...]:
    """The last events of one person that match, newest first: values as in ``EVENT_NAMES``.

    Raises LakeError, TooLong.
    """
    limit = min(limit, PAGE_ROWS)
    page = leafing.newest(here(), stretches, wanted, limit=limit)
    if page is not None:
        return tuple(zip(*(column.to_pylist() for column in page.columns), strict=True))
    return run(*person_events.timeline(stretches, wanted, limit=limit)).rows


def snapshots(*, limit: int = PAGE_ROWS) -> tuple[Snapshot, ...]:
    """The states that can be read back exactly, newest first."""
    found = reading.look(here(), _SNAPSHOTS, {"limit": limit})
    return tuple(
        Snapshot(number, at.replace(tzinfo=UTC), author or "", message or "")
        for number, at, author, message in found
    )


def as_of(*, at: datetime) -> AsOf:
    """The state at an instant: pass it to the other queries.

    Exact where a snapshot of that time is kept (each of two days, then the last of each hour, for
    PUPITRE_LAKE_KEEP_DAYS). Older than that, or than an erasure, it is rebuilt from what had been
    received by then: ``received_by`` is set, and the page should say so.
    """
    found = reading.look(here(), _AT, {"at": at})
    if found:
        return AsOf(int(found[0][0]))
    [(newest,)] = reading.look(here(), reading.NEWEST)
    return AsOf(int(newest), received_by=at)


def arrived(since: Reached, *, rows: int) -> Iterator[tuple[pa.Table, Reached]]:
    """Events that came into the lake since: see ``arriving``."""
    return arriving.arrived(here(), since, rows=rows)


def space() -> Space:
    """What the lake takes up, as the catalogue and the folder tell it: no file is opened."""
    place = here()
    [row] = reading.look(place, _SPACE)
    events, files, small, live, waiting, kept, oldest = row
    return Space(
        events=int(events),
        files=int(files),
        small_files=int(small),
        data_bytes=int(live),
        waiting_bytes=_waiting(place.data_folder, live=int(live), known=int(waiting)),
        catalogue_bytes=catalogue.size(place),
        snapshots=int(kept),
        oldest_snapshot_at=oldest.replace(tzinfo=UTC) if oldest else None,
        free_bytes=_free(place.data_folder),
    )


def _waiting(folder: Path | None, *, live: int, known: int) -> int:
    """What lies beside the newest state's files: the catalogue forgets the size of merged ones."""
    if folder is None:
        return known
    sizes = 0
    for file in folder.rglob("*.parquet"):
        with suppress(FileNotFoundError):  # upkeep may be deleting it
            sizes += file.stat().st_size
    return max(0, sizes - live)


def _free(folder: Path | None) -> int | None:
    if folder is None:
        return None
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def recent_steps() -> tuple[Timed, ...]:
    """How long this process's last steps took."""
    return steps.recent()


def close() -> None:
    """Let go of what this process keeps open, or in mind, for reading."""
    reading.close()
    leafing.forget()
