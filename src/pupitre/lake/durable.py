"""Parquet files reach the disk before the catalogue speaks of them.

DuckDB closes a Parquet file without fsync, while the catalogue's commit is synced: after a power
cut the catalogue could name files that are empty.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

MARGIN_MS = 60_000  # the clock may have been set back meanwhile
PREFIX = "ducklake-"


def newest_name(at: datetime) -> str:
    """No file made from a minute before ``at`` on has a smaller name: UUIDv7 begins with time."""
    milliseconds = max(0, int(at.timestamp() * 1000) - MARGIN_MS)
    digits = f"{milliseconds:012x}"
    return f"{PREFIX}{digits[:8]}-{digits[8:]}"


def sync_since(folders: Iterable[Path], at: datetime) -> int:
    """Sync the files made in these folders since an instant, and the folders. How many files."""
    floor = newest_name(at)
    synced = 0
    for folder in folders:
        new = [entry.path for entry in _entries(folder) if entry.name >= floor]
        for path in new:
            _sync(path)
        if new:
            synced += len(new)
            for parent in (folder, *folder.parents[:4]):  # month, year, table, schema, data
                _sync(parent)
    return synced


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if entry.name.startswith(PREFIX))


def _sync(path: str | Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
