"""Rid the folder of uploads of one person: files that mention them and are not in the lake yet.

A file is taken away whole: without some of its lines it would be another file, and nobody would
have agreed to import it. Whoever sent it is told that it is not there any more.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from pupitre.core.erasing import Erased, NotYet, Removed
from pupitre.core.errors import Invalid
from pupitre.flow.collect.files.chunks import Chunk
from pupitre.flow.collect.files.mapping import Layout
from pupitre.flow.collect.files.opening import opened
from pupitre.flow.collect.files.records import folder, unfinished

BLOCK_BYTES = 4 * 1024 * 1024
OVERLAP_BYTES = 4096


def erase(who: Erased) -> Removed:
    """Raises NotYet while an import that mentions them is under way: it ends in the lake."""
    under_way = {row.path.parent for row in unfinished()}
    theirs = [place for place in _places() if _mentions(place / "file", who)]
    if any(place in under_way for place in theirs):
        raise NotYet("a file that mentions them is being imported")
    for place in theirs:
        shutil.rmtree(place)
    left = sum(_mentions(place / "file", who) for place in _places())
    return Removed(found=len(theirs), left=left, unit="files")


def _places() -> list[Path]:
    if not folder().exists():
        return []
    return [place for place in sorted(folder().iterdir()) if (place / "file").is_file()]


def _mentions(file: Path, who: Erased) -> bool:
    return any(who.traced_in(text) for text in _texts(file))


def _texts(file: Path) -> Iterator[str]:
    """What a file says: as a table where it is one, packed or not, and as bytes in any case."""
    tail = b""
    with file.open("rb") as reading:
        while block := reading.read(BLOCK_BYTES):
            yield (tail + block).decode("utf-8", "replace")
            tail = block[-OVERLAP_BYTES:]
    try:
        table = opened(file, Layout())
        for chunk in table.chunks(table.columns):
            yield from _lines(chunk)
    except (Invalid, ValueError, OSError, pa.ArrowException):
        return


def _lines(chunk: Chunk) -> Iterator[str]:
    for batch in chunk.table.to_batches(max_chunksize=2_000):
        for row in batch.to_pylist():
            yield "\n".join(str(value) for value in row.values() if value is not None)
    for bad in chunk.bad:
        yield bad.raw.decode("utf-8", "replace")
