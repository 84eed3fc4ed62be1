"""What is known of an import: what was asked (an act's row), how far it has come (the books)."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from django.conf import settings

from pupitre.flow.collect import details
from pupitre.flow.collect.details import Detail
from pupitre.flow.collect.files.chunks import VERSION
from pupitre.flow.collect.files.mapping import Mapping, read
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.models import FileImport
from pupitre.lake.contracts import Brought

FOLDER = "imports"
SHOWN = 100


class State(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    TAKING = "taking"  # being taken back
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has come. Written with each chunk, in one transaction with its counts."""

    state: State = State.WAITING
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    done: int = 0  # of the file, in its unit
    size: int = 0
    unit: str = "bytes"
    why: str = ""  # it failed, or is held up
    ended_at: datetime | None = None
    going: int = 0  # events that stood in the lake when it began to be taken back
    taken: int = 0  # of them, those that are gone

    @property
    def over(self) -> bool:
        return self.state in (State.DONE, State.FAILED, State.TAKEN)

    @property
    def standing(self) -> int:
        """Events that came in by it, unless they were taken back."""
        return 0 if self.state == State.TAKEN else max(0, self.accepted - self.taken)

    @property
    def told(self) -> Detail | None:
        """Why, for whoever reads."""
        return details.read(self.why)


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import."""

    id: int
    source: str
    file: str
    digest: str
    path: Path
    uploaded: bool  # it lies in our folder, and leaves it afterwards
    mapping: Mapping
    asked_at: datetime
    asked_by: str
    progress: Progress
    attempt: int = 0
    taken_back_at: datetime | None = None  # when that was asked
    taken_back_by: str = ""  # name of a member; none: the operator
    taken_back_from: int | None = None  # the seat that they spoke from

    @property
    def over(self) -> bool:
        """Nothing more happens to it by itself."""
        return self.progress.over and (
            self.taken_back_at is None or self.progress.state == State.TAKEN
        )

    @property
    def may_go(self) -> bool:
        """Whether there is anything to take back."""
        left = self.progress
        return self.taken_back_at is None and bool(
            not left.over or left.accepted or left.refused or left.duplicates
        )

    @property
    def brought(self) -> Brought:
        """How its events are known in the lake."""
        return Brought(self.source, self.asked_at, extra_of(self.id))

    @property
    def name(self) -> str:
        """What batches of the lake are called after: what is imported, and how it is read."""
        again = f" {self.attempt}" if self.attempt else ""
        whole = f"{VERSION} {self.source} {self.digest} {self.mapping.digest}{again}"
        return f"import-{hashlib.sha256(whole.encode()).hexdigest()[:32]}"

    @property
    def mark(self) -> str:
        return mark_of(self.id)


def mark_of(number: int) -> str:
    return f"import:{number}"


def extra_of(number: int) -> str:
    """What the events of an import carry in the column ``extra``."""
    return f'{{"import":{number}}}'


def folder() -> Path:
    return Path(settings.DATA_DIR) / FOLDER


def stored_path(token: str) -> Path:
    return folder() / token / "file"


def progress_of(*numbers: int) -> dict[int, tuple[int, Progress]]:
    """The last chunk that was entered (-1: none) and the progress, of each."""
    found = dict.fromkeys(numbers, (-1, Progress()))
    with home().looking() as engine:
        if engine is None:
            return found
        for number in numbers:
            for (value,) in engine.run("SELECT value FROM state WHERE key = ?", [mark_of(number)]):
                noted = msgspec.json.decode(value)
                found[number] = (noted["number"], msgspec.convert(noted["state"], Progress))
    return found


def imports(*, limit: int = SHOWN) -> tuple[ImportRow, ...]:
    """Newest first."""
    rows = list(FileImport.objects.select_related("taken_back_by").order_by("-pk")[:limit])
    progress = progress_of(*(row.pk for row in rows))
    return tuple(_row(row, progress[row.pk][1]) for row in rows)


def import_numbered(*, number: int) -> ImportRow | None:
    row = FileImport.objects.select_related("taken_back_by").filter(pk=number).first()
    return None if row is None else _row(row, progress_of(number)[number][1])


def unfinished(*, uploaded: bool = True) -> tuple[ImportRow, ...]:
    """Those that the worker still has to do, oldest first."""
    asked = FileImport.objects.filter(uploaded=uploaded, taken_back_at__isnull=True)
    rows = list(asked.order_by("-pk")[:SHOWN])
    progress = progress_of(*(row.pk for row in rows))
    return tuple(
        _row(row, progress[row.pk][1]) for row in reversed(rows) if not progress[row.pk][1].over
    )


def to_take_back() -> tuple[ImportRow, ...]:
    """Those that were asked back and stand yet, wholly or in part; oldest first."""
    rows = list(FileImport.objects.filter(taken_back_at__isnull=False).order_by("taken_back_at"))
    progress = progress_of(*(row.pk for row in rows))
    return tuple(
        _row(row, progress[row.pk][1]) for row in rows if progress[row.pk][1].state != State.TAKEN
    )


def asked_back(*, number: int) -> bool:
    return FileImport.objects.filter(pk=number, taken_back_at__isnull=False).exists()


def same(*, source: str, digest: str, mapping_digest: str) -> tuple[ImportRow, ...]:
    """Imports of the same content, read the same way, into the same source; newest first."""
    rows = list(
        FileImport.objects.filter(
            source=source, digest=digest, mapping_digest=mapping_digest
        ).order_by("-attempt")
    )
    progress = progress_of(*(row.pk for row in rows))
    return tuple(_row(row, progress[row.pk][1]) for row in rows)


def _row(row: FileImport, progress: Progress) -> ImportRow:
    return ImportRow(
        id=row.pk,
        source=row.source,
        file=row.file,
        digest=row.digest,
        path=stored_path(row.place) if row.uploaded else Path(row.place),
        uploaded=row.uploaded,
        mapping=read(row.mapping),
        asked_at=row.asked_at,
        asked_by=row.asked_by,
        progress=progress,
        attempt=row.attempt,
        taken_back_at=row.taken_back_at,
        taken_back_by=row.taken_back_by.name if row.taken_back_by else "",
        taken_back_from=row.taken_back_from_id,
    )
