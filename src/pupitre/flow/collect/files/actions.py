"""Asking for a file to be imported: an act. The work itself is the worker's, or the console's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import mapping as mappings
from pupitre.flow.collect.files.records import (
    ImportRow,
    State,
    import_numbered,
    same,
    stored_path,
)
from pupitre.flow.collect.models import FileImport
from pupitre.flow.collect.sources.actions import subject_of
from pupitre.flow.collect.sources.activities import IMPORT_RUN
from pupitre.flow.collect.sources.checks import open_source
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, Actor, AnyActor, Subject, SystemActor

# Whoever is at the machine's own console reads every file there anyway; the audit says that it
# was the console.
CONSOLE = SystemActor("system:operator", frozenset({IMPORT_RUN.key}))
FILE_CHARACTERS = 120
_TOKEN = re.compile(r"[0-9a-f]{32}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class RunImport(Action):
    """Import a file into a source, by a mapping."""

    activity: ClassVar[Activity] = IMPORT_RUN
    source_key: str
    file: str  # its name, as people know it
    digest: str
    mapping: str  # JSON
    place: str  # token of an upload, or a path on this machine
    uploaded: bool = True

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Import of “%(file)s”") % {"file": self.file})
        return Subject(f"import:{self.source_key}:{self.digest}", title, reverse("collect:imports"))

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Import “%(file)s” into the source “%(source)s”")
                % {"file": self.file, "source": self.source_key}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        open_source(self.source_key)
        mappings.read(self.mapping)
        if not _DIGEST.fullmatch(self.digest):
            raise Invalid(_("This file is not there any more."))
        if self.uploaded and not (
            _TOKEN.fullmatch(self.place) and stored_path(self.place).is_file()
        ):
            raise Invalid(_("The file is not there any more: send it again."))
        for earlier in same(
            source=self.source_key, digest=self.digest, mapping_digest=self._mapping_digest()
        ):
            if earlier.progress.state == State.TAKEN:
                continue
            if earlier.taken_back_at is not None:
                raise Invalid(_("This file is being taken back: import it again afterwards."))
            if earlier.progress.state == State.DONE:
                raise Invalid(_("This file is in already: importing it again adds nothing."))
            if earlier.progress.state != State.FAILED:
                raise Invalid(_("This file is being imported already."))

    def _mapping_digest(self) -> str:
        return mappings.read(self.mapping).digest

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        mapping = mappings.read(self.mapping)
        known = {
            "source": self.source_key,
            "digest": self.digest,
            "mapping_digest": mapping.digest,
        }
        made = FileImport.objects.create(
            **known,
            attempt=FileImport.objects.filter(**known).count(),
            file=PurePath(self.file).name[:FILE_CHARACTERS],
            place=self.place,
            uploaded=self.uploaded,
            mapping=mappings.written(mapping).decode(),
            asked_at=at,
            asked_by=f"member:{by.member_id}" if isinstance(by, Actor) else by.name,
        )
        return int(made.pk)

    def detail(self) -> dict[str, Any]:
        return {"source": self.source_key, "file": self.file, "digest": self.digest}


@dataclass(frozen=True)
class TakeBackImport(Action):
    """Take what an import brought in out of the lake again, and whatever tells of it.

    One that is under way stops. The work itself is the worker's, or the console's.
    """

    activity: ClassVar[Activity] = IMPORT_RUN
    source_key: str
    number: int

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        row = import_numbered(number=self.number)
        given = {"file": row.file if row else str(self.number), "source": self.source_key}
        return bilingual(
            lambda: _("Take the import of “%(file)s” back from the source “%(source)s”") % given
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        self._standing()

    def _standing(self) -> ImportRow:
        row = import_numbered(number=self.number)
        if row is None or row.source != self.source_key:
            raise Invalid(_("There is no such import."))
        if row.taken_back_at is not None:
            raise Invalid(_("This import has been taken back already."))
        if not row.may_go:
            raise Invalid(_("Nothing came in by this import."))
        return row

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        self._standing()
        changed = FileImport.objects.filter(pk=self.number, taken_back_at__isnull=True).update(
            taken_back_at=at,
            taken_back_by_id=by.member_id if isinstance(by, Actor) else None,
            taken_back_from_id=by.seat_id if isinstance(by, Actor) else None,
        )
        if not changed:
            raise Invalid(_("This import has been taken back already."))
        return self.number

    def detail(self) -> dict[str, Any]:
        row = import_numbered(number=self.number)
        return {
            "source": self.source_key,
            "import": self.number,
            "file": row.file if row else "",
            "events": row.progress.standing if row else 0,
        }
