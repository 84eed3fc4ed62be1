"""Changing the matrix: a draft is prepared freely by those with R or A, and enters by decision."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MATRIX_AMEND
from pupitre.rules.mandate.contracts import (
    CELL_VALUES,
    Activity,
    Actor,
    AnyActor,
    Subject,
    enforced_activities,
)
from pupitre.rules.mandate.findings import Severity, find
from pupitre.rules.mandate.models import Cell, Decision, MatrixVersion, Scope, Seat
from pupitre.rules.mandate.standing import all_activities, read_law, rows_of

MAX_CELLS = 200_000  # cells in one version: 500 seats × 400 activities, all of them filled
MAX_DRAFTS = 20  # open at the same time


@dataclass(frozen=True)
class CellEdit:
    """What one cell becomes; empty letters clear it."""

    scope: str
    activity: str
    seat_id: int
    letters: str


def draft_numbered(number: int) -> MatrixVersion:
    """The draft, or ``Invalid`` where it is one no more."""
    version = MatrixVersion.objects.filter(number=number).first()
    if version is None:
        raise Invalid(_("There is no version %(number)s.") % {"number": number})
    if version.state != MatrixVersion.State.DRAFT:
        raise Invalid(
            _("Version %(number)s is no longer a draft: start another from it.")
            % {"number": number}
        )
    return version


def version_subject(number: int) -> Subject:
    return Subject(
        key=f"matrix:{number}",
        title=Bilingual(f"Matrice, version {number}", f"Matrix, version {number}"),
        url=reverse("mandate:version", args=[number]),
    )


def _open_version(
    *, by: AnyActor, at: datetime, based_on: MatrixVersion | None, note: str
) -> MatrixVersion:
    highest = MatrixVersion.objects.aggregate(top=Max("number"))["top"] or 0
    return MatrixVersion.objects.create(
        number=highest + 1,
        based_on=based_on,
        note=note,
        started_by_id=by.member_id if isinstance(by, Actor) else None,
        started_at=at,
    )


def _check_drafts() -> None:
    if MatrixVersion.objects.filter(state=MatrixVersion.State.DRAFT).count() >= MAX_DRAFTS:
        raise Invalid(
            _("There are %(count)s drafts already: abandon one first.") % {"count": MAX_DRAFTS}
        )


def check_edits(edits: Iterable[CellEdit]) -> None:
    """Raise ``Invalid`` for letters, seats, activities or scopes that do not exist."""
    edits = tuple(edits)
    activities = all_activities()
    seats = set(Seat.objects.values_list("pk", flat=True))
    scopes = set(Scope.objects.values_list("key", flat=True)) | {""}
    for edit in edits:
        if edit.letters and edit.letters not in CELL_VALUES:
            raise Invalid(
                _("“%(letters)s” is not a letter: use A, R, A R, C or I.")
                % {"letters": edit.letters}
            )
        if edit.seat_id not in seats:
            raise Invalid(_("One of these seats does not exist."))
        # A retired activity may still be cleared away.
        if edit.letters and edit.activity not in activities:
            raise Invalid(
                _("There is no activity “%(activity)s”.") % {"activity": edit.activity}
            )
        if edit.scope not in scopes:
            raise Invalid(_("There is no initiative “%(scope)s”.") % {"scope": edit.scope})


@dataclass(frozen=True)
class StartDraft(Action):
    """Begin a version: a copy of another, or a set of cells (a starting point, an import)."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    copy_of: int | None = None  # number of the version to copy
    cells: tuple[CellEdit, ...] = ()
    note: str = ""

    def subject(self) -> Subject:
        return Subject("matrix", Bilingual("Matrice de responsabilités", "Responsibility matrix"))

    def title(self) -> Bilingual:
        if self.copy_of is None:
            return bilingual(lambda: _("Start a draft of the matrix"))
        return bilingual(
            lambda: _("Start a draft from version %(number)s") % {"number": self.copy_of}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _check_drafts()
        if len(self.cells) > MAX_CELLS:
            raise Invalid(_("A matrix has at most %(count)s cells.") % {"count": MAX_CELLS})
        if self.copy_of is not None and not self._source():
            raise Invalid(_("There is no version %(number)s.") % {"number": self.copy_of})
        check_edits(self.cells)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        source = self._source()
        version = _open_version(by=by, at=at, based_on=source, note=self.note[:400])
        if source is not None:
            rows = Cell.objects.filter(version=source)
            _write_cells(
                version, (CellEdit(c.scope, c.activity, c.seat_id, c.letters) for c in rows)
            )
        else:
            _write_cells(version, self.cells)
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
            lambda: ngettext(
                "Change %(count)s cell of draft %(number)s",
                "Change %(count)s cells of draft %(number)s",
                count,
            )
            % {"count": count, "number": self.number}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        draft_numbered(self.number)
        check_edits(self.edits)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        for edit in self.edits:
            place = {
                "version": version,
                "scope": edit.scope,
                "activity": edit.activity,
                "seat_id": edit.seat_id,
            }
            if edit.letters:
                Cell.objects.update_or_create(**place, defaults={"letters": edit.letters})
            else:
                Cell.objects.filter(**place).delete()


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
        if len(self.cells) > MAX_CELLS:
            raise Invalid(_("A matrix has at most %(count)s cells.") % {"count": MAX_CELLS})
        check_edits(self.cells)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        version = draft_numbered(self.number)
        Cell.objects.filter(version=version).delete()
        _write_cells(version, self.cells)

    def detail(self) -> dict[str, object]:
        return {"number": self.number, "cells": len(self.cells)}


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
            lambda: _("Bring version %(number)s of the matrix into force")
            % {"number": self.number}
        )

    def check(self, *, at: datetime) -> None:
        version = draft_numbered(self.number)
        law = read_law(epoch=0).with_rows(rows_of(version), number=version.number)
        errors = [
            finding
            for finding in find(law, day=day_of(at), enforced=enforced_activities.keys())
            if finding.severity is Severity.ERROR
        ]
        if errors:
            raise Invalid(
                ngettext(
                    "%(count)s error keeps version %(number)s from entering into force: %(first)s",
                    "%(count)s errors keep version %(number)s from entering into force. "
                    "The first: %(first)s",
                    len(errors),
                )
                % {
                    "count": len(errors),
                    "number": self.number,
                    "first": errors[0].message,
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


def _write_cells(version: MatrixVersion, cells: Iterable[CellEdit]) -> None:
    Cell.objects.bulk_create(
        (
            Cell(
                version=version,
                scope=cell.scope,
                activity=cell.activity,
                seat_id=cell.seat_id,
                letters=cell.letters,
            )
            for cell in cells
            if cell.letters
        ),
        batch_size=500,
    )
