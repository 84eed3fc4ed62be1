"""Which format a file has, by what it begins with: its name says nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.files.chunks import Chunk
from pupitre.flow.collect.files.delimited import Delimited
from pupitre.flow.collect.files.mapping import Layout
from pupitre.flow.collect.files.other_formats import JsonLines, Parquet, Workbook

SAMPLE_BYTES = 256 * 1024
SAMPLE_ROWS = 200
_PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class Opened(Protocol):
    """A file whose columns are known."""

    path: Path
    size: int
    unit: str  # of the size: "bytes" or "rows"
    columns: tuple[str, ...]
    layout: Layout  # as it was found out, or told

    def chunks(
        self, columns: Sequence[str], *, size: int = ..., after: int = -1
    ) -> Iterator[Chunk]:
        """Its rows, with the columns asked for. Chunks up to ``after`` are passed over."""
        ...


def opened(path: Path, layout: Layout) -> Opened:
    """Raises Invalid, in words for whoever chose the file."""
    if not path.is_file():
        raise Invalid(_("This file is not there any more."))
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Invalid(_("This file is empty."))
    if start.startswith(b"PAR1"):
        return Parquet(path, layout)
    if start.startswith(b"PK\x03\x04"):
        return Workbook(path, layout)
    if start.startswith(_OLD_EXCEL):
        raise Invalid(
            _("This workbook is protected by a password, or comes from an old Excel. "
              "Save it as .xlsx without a password, or as .csv.")
        )  # fmt: skip
    if start.startswith(_PACKED):
        raise Invalid(_("This file is compressed: unpack it first."))
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return JsonLines(path, layout)
    if start.count(b"\0") and start[:2] not in (b"\xff\xfe", b"\xfe\xff") and (
        start.count(b"\0") > len(start) / 10
    ):  # fmt: skip
        raise Invalid(_("This is no table: a CSV, JSON lines, Parquet or XLSX file is expected."))
    return Delimited(path, layout)


def digest_of(path: Path) -> str:
    """SHA-256 of the content: the same file is the same import, whatever its name."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sample(file: Opened) -> Chunk:
    """Its first rows, with every column, and the bad ones between them."""
    for chunk in file.chunks(file.columns, size=SAMPLE_BYTES):
        return Chunk(0, chunk.table.slice(0, SAMPLE_ROWS), chunk.bad[:SAMPLE_ROWS], chunk.done)
    raise Invalid(_("This file has a header, and no row."))
