"""Cells as they are asked for and written: what every action on a draft is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.contracts import CELL_VALUES, Actor, AnyActor, Subject
from pupitre.rules.mandate.models import Cell, MatrixVersion, Scope, Seat
from pupitre.rules.mandate.standing import all_activities

MAX_CELLS = 200_000  # cells in one version: 500 seats × 400 activities, all of them filled
MAX_EDITS = 5_000  # cells in one change; more than that is an import
MAX_DRAFTS = 20  # open at the same time
NOTE_CHARACTERS = 200  # what a draft is for


@dataclass(frozen=True)
class CellEdit:
    """What one cell becomes; empty letters clear it.

    ``was`` is what its author saw there, where they say so: if somebody else changed the cell
    since, the edit is not made. ``None`` asks for no such check.
    """

    scope: str
    activity: str
    seat_id: int
    letters: str
    was: str | None = None


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


def matrix_subject() -> Subject:
    return Subject(
        key="matrix",
        title=Bilingual("Matrice de responsabilités", "Responsibility matrix"),
        url=reverse("mandate:versions"),
    )


def open_version(
    *, by: AnyActor, at: datetime, based_on: MatrixVersion | None, note: str
) -> MatrixVersion:
    highest = MatrixVersion.objects.aggregate(top=Max("number"))["top"] or 0
    return MatrixVersion.objects.create(
        number=highest + 1,
        based_on=based_on,
        note=note[:NOTE_CHARACTERS],
        started_by_id=by.member_id if isinstance(by, Actor) else None,
        started_at=at,
    )


def check_drafts() -> None:
    """Raise ``Invalid`` where there is no room for another draft."""
    if MatrixVersion.objects.filter(state=MatrixVersion.State.DRAFT).count() >= MAX_DRAFTS:
        raise Invalid(
            _("There are %(count)s drafts already: abandon one first.") % {"count": MAX_DRAFTS}
        )


def check_size(cells: tuple[CellEdit, ...]) -> None:
    if len(cells) > MAX_CELLS:
        raise Invalid(_("A matrix has at most %(count)s cells.") % {"count": MAX_CELLS})


def check_edits(edits: Iterable[CellEdit]) -> None:
    """Raise ``Invalid`` for letters, seats, activities or scopes that do not exist."""
    edits = tuple(edits)
    activities = all_activities()
    seats = dict(Seat.objects.values_list("pk", "closed_on"))
    scopes = set(Scope.objects.values_list("key", flat=True)) | {""}
    for edit in edits:
        if edit.letters and edit.letters not in CELL_VALUES:
            raise Invalid(
                _("“%(letters)s” is not a letter: use A, R, A R, C or I.")
                % {"letters": edit.letters[:20]}
            )
        if edit.seat_id not in seats:
            raise Invalid(_("One of these seats does not exist."))
        # A retired activity, or an initiative that is over, may still be cleared away.
        if edit.letters and edit.activity not in activities:
            raise Invalid(
                _("There is no activity “%(activity)s”.") % {"activity": edit.activity[:80]}
            )
        if edit.letters and edit.scope not in scopes:
            raise Invalid(_("There is no initiative “%(scope)s”.") % {"scope": edit.scope[:80]})


def check_unchanged(version: MatrixVersion, edits: tuple[CellEdit, ...]) -> None:
    """Raise ``Invalid`` where a cell no longer holds what the author of the edit saw."""
    watched = [edit for edit in edits if edit.was is not None]
    if not watched:
        return
    now = {
        (scope, activity, seat): letters
        for scope, activity, seat, letters in Cell.objects.filter(
            version=version, activity__in={edit.activity for edit in watched}
        ).values_list("scope", "activity", "seat_id", "letters")
    }
    moved = [
        edit
        for edit in watched
        if now.get((edit.scope, edit.activity, edit.seat_id), "") not in (edit.was, edit.letters)
    ]
    if moved:
        raise Invalid(
            ngettext(
                "Somebody else has just changed this cell. Nothing was saved: look at what it "
                "holds now, and choose again.",
                "Somebody else has just changed %(count)s of these cells. Nothing was saved: look "
                "at what they hold now, and choose again.",
                len(moved),
            )
            % {"count": len(moved)}
        )


def write_edits(version: MatrixVersion, edits: Iterable[CellEdit]) -> None:
    """Change some cells of a version, one by one. Called inside an act."""
    for edit in edits:
        cell = Cell.objects.filter(
            version=version, scope=edit.scope, activity=edit.activity, seat_id=edit.seat_id
        )
        if not edit.letters:
            cell.delete()
        elif not cell.update(letters=edit.letters):
            write_cells(version, (edit,))


def write_cells(version: MatrixVersion, cells: Iterable[CellEdit]) -> None:
    """Fill a version that has none of these cells yet. Called inside an act."""
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
