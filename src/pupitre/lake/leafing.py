"""Events under a few identities, straight from the files: what a customer's first page needs.

An engine made for scanning asks each file for each identity, and unpacks every column of the rows
around what it finds. Here each file's own index (the least and greatest identity of its groups of
rows, kept in mind once read) says which few groups may hold an event, only these are unpacked, and
the newest files come first, until the page is full. What is wanted of those rows (times, channels,
order) is ``sifting``'s.

Why, and by how much: docs/decisions/0034.
"""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pupitre.lake import reading
from pupitre.lake.contracts import EVENT_NAMES, EVENT_SCHEMA, LakeError, Sql
from pupitre.lake.person_events import Stretch, Wanted
from pupitre.lake.place import Place
from pupitre.lake.sifting import EVER_US, sifted, us

# Beyond any of these the engine is asked: it holds little of what it looks through.
MOST_IDENTITIES = 500
MOST_LOOKED = 2_000_000  # rows, whose identities are unpacked for one page
MOST_FOUND = 20_000  # rows of these identities, that are unpacked whole
AT_ONCE = 8  # groups that are unpacked together
MOST_KNOWN = 20_000  # groups of rows (80 million events) whose index is kept in mind, 18 kB each
KEPT_SECONDS = 300.0  # without a question; an index names somebody wherever a group begins or ends
_WHO_AND_WHEN = ["identity", "corrected_at"]
_MAY_BE_EMPTY = tuple(field.name for field in EVENT_SCHEMA if field.nullable)
_AFTER_ANY = chr(0x10FFFF)
# Which state is the newest is asked in a fifth of the time that it takes to list its files.
_NEWEST = (
    "SELECT snapshot_id, snapshot_time::VARCHAR FROM {catalogue}.ducklake_snapshot "
    "ORDER BY snapshot_id DESC LIMIT 1"
)
_FILES = "SELECT data_file, delete_file IS NOT NULL FROM ducklake_list_files('lake', 'events')"


@dataclass(frozen=True, slots=True)
class _Group:
    """A row group: the identities and times between which its rows lie."""

    first: str
    last: str
    from_us: int
    to_us: int
    rows: int


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    metadata: pq.FileMetaData
    groups: tuple[_Group, ...]
    may_be_empty: tuple[tuple[int, str], ...]  # columns, with their places
    repeating: tuple[str, ...]  # columns kept as a few values and numbers: left so when unpacked
    lasts: tuple[str, ...] | None  # of the groups, where they are in order
    to_us: int


_lock = threading.Lock()
_known: dict[str, _File] = {}
_newest: dict[str, tuple[Place, object]] = {}  # the state that the known files make, if any
_asked: dict[str, float] = {}  # when a page was asked for last, if anything is known


class _NotHere(Exception):
    """The files alone cannot say: deleted rows, a shape of another time, too many groups."""


def newest(
    place: Place, stretches: tuple[Stretch, ...], wanted: Wanted, *, limit: int
) -> pa.Table | None:
    """What ``person_events.timeline`` says of the lake as it is now: a page, in its order.

    None where the engine is to be asked instead: where files alone cannot say, or one of them went
    away or cannot be read, of which the engine can say more.
    """
    if place.data_folder is None or len({one.identity for one in stretches}) > MOST_IDENTITIES:
        return None
    try:
        return _page(place, stretches, wanted, limit)
    except (_NotHere, LakeError, duckdb.Error, pa.ArrowException, OSError, OverflowError):
        return None


def _page(place: Place, stretches: tuple[Stretch, ...], wanted: Wanted, limit: int) -> pa.Table:
    times = _times(stretches, wanted)
    looked = found = 0
    page = EVENT_SCHEMA.empty_table()
    waiting: list[pa.Table] = []  # in the shape of events, not sifted yet
    for file in _files(place):
        if page.num_rows + sum(rows.num_rows for rows in waiting) >= limit:
            page, waiting = sifted(_both(page, waiting), stretches, wanted, limit=limit), []
            if page.num_rows >= limit and _oldest(page) > file.to_us:
                return page
        which = _groups_of(file, times)
        looked += sum(file.groups[one].rows for one in which)
        if looked > MOST_LOOKED:
            raise _NotHere
        for rows in _rows(file, which, times):
            found += rows.num_rows
            if found > MOST_FOUND:
                raise _NotHere
            waiting.append(rows)
    return sifted(_both(page, waiting), stretches, wanted, limit=limit)


def _both(page: pa.Table, waiting: list[pa.Table]) -> pa.Table:
    return pa.concat_tables([page, *waiting])


def _oldest(page: pa.Table) -> int:
    at: int = page.column("corrected_at")[-1].cast(pa.int64()).as_py()
    return at


# --- files ----------------------------------------------------------------------------------------


def _files(place: Place) -> list[_File]:
    """Those that the newest state is made of, the one with the latest event first."""
    # Asked before the files are: should these be newer, they are listed again the next time.
    newest = place, tuple(reading.look(place, Sql("newest state of the lake", _NEWEST)))
    with _lock:
        known = dict(_known)
        listed = _newest.get("state") == newest
    files = known if listed else _listed(place, known)
    _keep(files, newest)
    return sorted(files.values(), key=lambda file: file.to_us, reverse=True)


def _listed(place: Place, known: Mapping[str, _File]) -> dict[str, _File]:
    found = reading.look(place, Sql("list the files of events", _FILES))
    if any(deleted for _path, deleted in found):
        raise _NotHere
    paths = [str(path) for path, _deleted in found]
    files = {path: known.get(path) or _opened(path) for path in paths}
    if sum(len(file.groups) for file in files.values()) > MOST_KNOWN:
        forget()
        raise _NotHere
    return files


def _keep(files: Mapping[str, _File], newest: tuple[Place, object]) -> None:
    """These and no others: what is gone is known no more. Nor is any of it, a while after the last
    question: a process that nobody asks learns of no erasure."""
    with _lock:
        watched = bool(_asked)
        _asked["at"] = time.monotonic()
        _newest["state"] = newest
        if _known.keys() != files.keys():
            _known.clear()
            _known.update(files)
    if not watched:
        threading.Thread(target=_watch, name="lake-indexes", daemon=True).start()


def _watch() -> None:
    while not forgotten_if_idle(now=time.monotonic()):
        time.sleep(KEPT_SECONDS / 5)


def forgotten_if_idle(*, now: float) -> bool:
    """Let go of what is known where no page was asked for lately; whether nothing is known now."""
    with _lock:
        if _asked and now - _asked["at"] <= KEPT_SECONDS:
            return False
        _known.clear()
        _newest.clear()
        _asked.clear()
        return True


def forget() -> None:
    """Let go of what is known of files."""
    forgotten_if_idle(now=float("inf"))


def _opened(path: str) -> _File:
    metadata = pq.read_metadata(path)
    names = metadata.schema.names
    if not set(EVENT_NAMES) <= set(names):
        raise _NotHere
    who, when = names.index("identity"), names.index("corrected_at")
    groups = tuple(
        _group(metadata.row_group(number), who, when) for number in range(metadata.num_row_groups)
    )
    lasts = tuple(group.last for group in groups)
    ordered = all(before.last <= after.first for before, after in pairwise(groups))
    return _File(
        path=path,
        metadata=metadata,
        groups=groups,
        may_be_empty=tuple((names.index(name), name) for name in _MAY_BE_EMPTY),
        repeating=_repeating(metadata),
        lasts=lasts if ordered else None,
        to_us=max((group.to_us for group in groups), default=-EVER_US),
    )


def _repeating(metadata: pq.FileMetaData) -> tuple[str, ...]:
    """A value that stands in every row is then copied for none of them: a third of the time."""
    if not metadata.num_row_groups:
        return ()
    first = metadata.row_group(0)
    columns = (first.column(number) for number in range(first.num_columns))
    return tuple(
        column.path_in_schema
        for column in columns
        if column.physical_type == "BYTE_ARRAY"
        and "PLAIN" not in column.encodings
        and column.path_in_schema != "identity"  # it is searched as text
    )


def _group(told: pq.RowGroupMetaData, who: int, when: int) -> _Group:
    identity, at = told.column(who).statistics, told.column(when).statistics
    first, last = ("", _AFTER_ANY)
    if identity is not None and identity.has_min_max:
        first, last = str(identity.min), str(identity.max)
    from_us, to_us = -EVER_US, EVER_US
    if at is not None and at.has_min_max:
        from_us, to_us = us(at.min), us(at.max)
    return _Group(first, last, from_us, to_us, told.num_rows)


# --- what may hold something ----------------------------------------------------------------------


def _times(stretches: Iterable[Stretch], wanted: Wanted) -> dict[str, tuple[int, int]]:
    """Each identity with the times between which anything is wanted of it."""
    least = -EVER_US if wanted.since is None else us(wanted.since)
    most = EVER_US if wanted.before is None else us(wanted.before.at)
    found: dict[str, tuple[int, int]] = {}
    for one in stretches:
        low = max(least, -EVER_US if one.since is None else us(one.since))
        high = min(most, EVER_US if one.until is None else us(one.until))
        if low <= high:
            before = found.get(one.identity, (EVER_US, -EVER_US))
            found[one.identity] = (min(low, before[0]), max(high, before[1]))
    return found


def _groups_of(file: _File, times: Mapping[str, tuple[int, int]]) -> list[int]:
    found: set[int] = set()
    for identity, (low, high) in times.items():
        start = 0 if file.lasts is None else bisect.bisect_left(file.lasts, identity)
        for number in range(start, len(file.groups)):
            group = file.groups[number]
            if file.lasts is not None and group.first > identity:
                break
            if group.first <= identity <= group.last and (
                group.from_us <= high and low <= group.to_us
            ):
                found.add(number)
    return sorted(found)


def _rows(
    file: _File, groups: list[int], times: Mapping[str, tuple[int, int]]
) -> Iterator[pa.Table]:
    """The rows under these identities, between the times of each, in the shape of events."""
    if not groups:
        return
    wanted = pa.array(times, pa.string())
    bounds = np.array([*times.values()], np.int64).reshape(-1, 2)
    with pq.ParquetFile(
        file.path, metadata=file.metadata, read_dictionary=[*file.repeating]
    ) as opened:
        for first in range(0, len(groups), AT_ONCE):
            some = groups[first : first + AT_ONCE]
            told = opened.read_row_groups(some, columns=_WHO_AND_WHEN, use_threads=False)
            theirs = _theirs(told, wanted, bounds)
            if len(theirs):
                ends = np.cumsum([file.groups[number].rows for number in some])
                rows = _unpacked(file, opened, some, ends, theirs)
                yield _whole(rows, told.take(pa.array(theirs)))


def _unpacked(
    file: _File,
    opened: pq.ParquetFile,
    groups: list[int],
    ends: npt.NDArray[np.int64],
    theirs: npt.NDArray[np.int64],
) -> pa.Table:
    """The rest of these rows, which are counted from the first of these groups; groups that hold
    none of them stay packed."""
    within = np.searchsorted(ends, theirs, side="right")
    holding, whose = np.unique(within, return_inverse=True)
    sizes = np.diff(ends, prepend=0)
    starts = np.cumsum(sizes[holding]) - sizes[holding]
    numbers = [groups[place] for place in holding.tolist()]
    rows = opened.read_row_groups(numbers, columns=_filled(file, numbers))
    places = theirs - (ends - sizes)[within] + starts[whose]
    return rows.take(pa.array(places))


def _theirs(
    told: pa.Table, wanted: pa.Array, bounds: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    whose = pc.index_in(told.column("identity"), value_set=wanted)
    found: npt.NDArray[np.int64] = np.flatnonzero(whose.is_valid().to_numpy())
    if not len(found):
        return found
    who = whose.take(pa.array(found)).to_numpy()
    at = told.column("corrected_at").take(pa.array(found)).cast(pa.int64()).to_numpy()
    within: npt.NDArray[np.int64] = found[(at >= bounds[who, 0]) & (at <= bounds[who, 1])]
    return within


def _filled(file: _File, numbers: list[int]) -> list[str]:
    """The other columns of an event that have a value in one of these groups."""
    empty = {name for _place, name in file.may_be_empty}
    for number in numbers:
        group = file.metadata.row_group(number)
        for place, name in file.may_be_empty:
            told = group.column(place).statistics
            if told is None or told.null_count != group.num_rows:
                empty.discard(name)
    return [name for name in EVENT_NAMES if name not in empty and name not in _WHO_AND_WHEN]


def _whole(rows: pa.Table, who_and_when: pa.Table) -> pa.Table:
    """In the shape of events."""
    there = {
        name: column
        for part in (rows, who_and_when)
        for name, column in zip(part.column_names, part.columns, strict=True)
    }
    columns = [
        there[field.name].cast(field.type)
        if field.name in there
        else pa.nulls(rows.num_rows, field.type)
        for field in EVENT_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=EVENT_SCHEMA)
