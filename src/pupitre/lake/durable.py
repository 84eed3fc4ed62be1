"""Parquet files reach the disk before the catalogue speaks of them.

DuckDB closes a Parquet file without fsync, while the catalogue's commit is synced: after a power
cut the catalogue could name files that are empty.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

MARGIN_MS = 60_000  # the clock may have been set back meanwhile
PREFIX = "ducklake-"
AT_ONCE = 8


def newest_name(at: datetime) -> str:
    """No file made from a minute before ``at`` on has a smaller name: UUIDv7 begins with time."""
    milliseconds = max(0, int(at.timestamp() * 1000) - MARGIN_MS)
    digits = f"{milliseconds:012x}"
    return f"{PREFIX}{digits[:8]}-{digits[8:]}"


_known: set[Path] = set()  # folders whose own entry is on the disk: made once, never renamed
_synced: set[Path] = set()  # files as young as the margin that are: never written again


def sync_since(folders: Iterable[Path], at: datetime) -> int:
    """Sync the files made in these folders since an instant, and their entries. How many files."""
    floor = newest_name(at)
    files: list[Path] = []
    filled: list[Path] = []
    for folder in folders:
        young = (folder / name for name in _names(folder) if name >= floor)
        new = [path for path in young if path not in _synced]
        files += new
        filled += [folder] if new else []
    parents = {
        parent
        for folder in filled
        if folder not in _known
        for parent in folder.parents[:4]  # year, table, schema, data
    }
    # At once rather than in turn: the disk's journal commits them together.
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(_sync, [*files, *filled, *parents]))
    _known.update(filled)
    _synced.difference_update([path for path in _synced if path.name < floor])
    _synced.update(files)
    return len(files)


def _names(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in entries if entry.name.startswith(PREFIX))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
