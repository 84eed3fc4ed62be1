"""Changing the matrix: a draft is prepared freely by those with R or A, and enters by decision."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject
from pupitre.rules.mandate.findings import errors
from pupitre.rules.mandate.matrix.cells import (
    MAX_EDITS,
    NOTE_CHARACTERS,
    CellEdit,
    check_drafts,
    check_edits,
    check_size,
    check_unchanged,
    draft_numbered,
    matrix_subject,
    open_version,
    version_subject,
    write_cells,
    write_edits,
)
from pupitre.rules.mandate.matrix.queries import findings_of, fresh_law
from pupitre.rules.mandate.models import Cell, Decision, MatrixVersion


@dataclass(frozen=True)
class StartDraft(Action):
    """Begin a version: a copy of another, or a set of cells (a starting point, an import)."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    copy_of: int | None = None  # number of the version to copy
    cells: tuple[CellEdit, ...] = ()
    note: str = ""

    def subject(self) -> Subject:
        return matrix_subject()

    def title(self) -> Bilingual:
        if self.copy_of is None:
            return bilingual(lambda: _("Start a draft of the matrix"))
        return bilingual(
            lambda: _("Start a draft from version %(number)s") % {"number": self.copy_of}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        check_drafts()
        check_size(self.cells)
        if self.copy_of is not None and not self._source():
            raise Invalid(_("There is no version %(number)s.") % {"number": self.copy_of})
        check_edits(self.cells)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        source = self._source()
        version = open_version(by=by, at=at, based_on=source, note=self.note)
        if source is not None:
            rows = Cell.objects.filter(version=source)
            write_cells(
                version, (CellEdit(c.scope, c.activity, c.seat_id, c.letters) for c in rows)
            )
        else:
            write_cells(version, self.cells)
        return int(version.number)

    def detail(self) -> dict[str, object]:
        return {"copy_of": self.copy_of, "cells": len(self.cells), "note": self.note}

    def _source(self) -> MatrixVersion | None:
        if self.copy_of is None:
            return None
        return MatrixVersion.objects.filter(number=self.copy_of).first()


@dataclass(frozen=True)
class EditDraft(Action):
    """Change some cells of a draft."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    number: int
    edits: tuple[CellEdit, ...]

    def subject(self) -> Subject:
        return version_subject(self.number)

    def title(self) -> Bilingual:
        count = len(self.edits)
        return bilingual(
            lambda: (
                ngettext(
                    "Change %(count)s cell of draft %(number)s",
                    "Change %(count)s cells of draft %(number)s",
                    count,
                )
                % {"count": count, "number": self.number}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        if len(self.edits) > MAX_EDITS:
            raise Invalid(
                _("Change at most %(count)s cells at once; for more, import a file.")
                % {"count": MAX_EDITS}
            )
        check_edits(self.edits)
        check_unchanged(version, self.edits)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        write_edits(draft_numbered(self.number), self.edits)


@dataclass(frozen=True)
class ReplaceDraft(Action):
    """Put a whole set of cells in place of a draft's: an import, after its preview."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    number: int
    cells: tuple[CellEdit, ...]

    def subject(self) -> Subject:
        return version_subject(self.number)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Replace draft %(number)s by an import") % {"number": self.number}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        draft_numbered(self.number)
        check_size(self.cells)
        check_edits(self.cells)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        Cell.objects.filter(version=version).delete()
        write_cells(version, self.cells)

    def detail(self) -> dict[str, object]:
        return {"number": self.number, "cells": len(self.cells)}


@dataclass(frozen=True)
class DescribeDraft(Action):
    """Say in a few words what a draft is for: it is how people tell drafts apart."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    number: int
    note: str

    def subject(self) -> Subject:
        return version_subject(self.number)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Say what draft %(number)s is for") % {"number": self.number})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        draft_numbered(self.number)
        if len(self.note) > NOTE_CHARACTERS:
            raise Invalid(
                _("Keep it under %(count)s characters.") % {"count": NOTE_CHARACTERS}, field="note"
            )

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        version.note = self.note
        version.save(update_fields=["note"])


@dataclass(frozen=True)
class AbandonDraft(Action):
    """Give a draft up. It stays readable."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    number: int

    def subject(self) -> Subject:
        return version_subject(self.number)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Abandon draft %(number)s") % {"number": self.number})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        draft_numbered(self.number)
        waiting = Decision.objects.filter(
            subject=self.subject().key, state=Decision.State.OPEN
        ).exists()
        if waiting:
            raise Invalid(
                _(
                    "A decision about draft %(number)s is open: it has to be withdrawn "
                    "or refused first."
                )
                % {"number": self.number}
            )

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        version.state = MatrixVersion.State.ABANDONED
        version.left_at = at
        version.save(update_fields=["state", "left_at"])


@dataclass(frozen=True)
class EnterIntoForce(Action):
    """Make a draft the law. Joint, and four eyes: both departments say yes."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    number: int

    def subject(self) -> Subject:
        return version_subject(self.number)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Bring version %(number)s of the matrix into force") % {"number": self.number}
        )

    def check(self, *, at: datetime) -> None:
        version = draft_numbered(self.number)
        # Read afresh: the law kept in memory may be of an instant ago, and this is the law to be.
        found = errors(findings_of(version, law=fresh_law(), day=day_of(at)))
        if found:
            raise Invalid(
                ngettext(
                    "%(count)s error keeps version %(number)s from entering into force: %(first)s",
                    "%(count)s errors keep version %(number)s from entering into force. "
                    "The first: %(first)s",
                    len(found),
                )
                % {
                    "count": len(found),
                    "number": self.number,
                    "first": found[0].headline,
                }
            )

    def material(self) -> object:
        """The cells, and the version that they would replace."""
        in_force = MatrixVersion.objects.filter(state=MatrixVersion.State.IN_FORCE).first()
        version = MatrixVersion.objects.filter(number=self.number).first()
        cells = sorted(
            Cell.objects.filter(version=version).values_list(
                "scope", "activity", "seat_id", "letters"
            )
        )
        return [
            version.state if version else "",
            in_force.number if in_force else 0,
            hashlib.sha256(repr(cells).encode()).hexdigest(),
        ]

    def touches(self) -> tuple[str, ...]:
        """Every open draft: what it would replace is no longer what people saw."""
        drafts = MatrixVersion.objects.filter(state=MatrixVersion.State.DRAFT)
        return tuple(f"matrix:{number}" for number in drafts.values_list("number", flat=True))

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        version = draft_numbered(self.number)
        # The old one leaves first: the database allows one in force at any instant.
        MatrixVersion.objects.filter(state=MatrixVersion.State.IN_FORCE).update(
            state=MatrixVersion.State.SUPERSEDED, left_at=at
        )
        version.state = MatrixVersion.State.IN_FORCE
        version.entered_at = at
        version.save(update_fields=["state", "entered_at"])
        return int(version.number)
