"""What drafts bring to My desk: the ones that the reader began, and how far they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.rules.mandate.contracts import DeskItem
from pupitre.rules.mandate.findings import errors
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.draft import open_decision
from pupitre.rules.mandate.matrix.queries import findings_of, version_numbered
from pupitre.rules.mandate.matrix.views.common import may_prepare
from pupitre.rules.mandate.models import AuditLine, MatrixVersion
from pupitre.rules.mandate.web import Presence

SHOWN = 5  # drafts of one person on their desk
MAX_COUNTED = 200  # drafts whose errors one process remembers


def drafts_in_preparation(presence: Presence) -> Iterator[DeskItem]:
    """Drafts that the reader began and has not proposed, the newest first."""
    begun = MatrixVersion.objects.filter(
        state=MatrixVersion.State.DRAFT, started_by_id=presence.member_id
    )[:SHOWN]
    mine = [version for version in begun if open_decision(version.number) is None]
    if not mine or not may_prepare(presence):
        return
    for version in mine:
        yield DeskItem(
            letter="R",
            title=_title(version.number),
            url=reverse("mandate:draft", args=[version.number]),
            why=_why(_error_count(version.number, presence)),
            since=version.started_at,
        )


def _title(number: int) -> Bilingual:
    return bilingual(
        lambda: _("Finish draft %(number)s of the matrix, or give it up") % {"number": number}
    )


def _why(error_count: int) -> Bilingual:
    if not error_count:
        return bilingual(lambda: _("It has no error: it can be proposed. Begun"))
    return bilingual(
        lambda: (
            ngettext(
                "It has one error to correct. Begun",
                "It has %(n)s errors to correct. Begun",
                error_count,
            )
            % {"n": error_count}
        )
    )


@dataclass(frozen=True, slots=True)
class _Counted:
    """A count, and what it was made of: it holds as long as these are the same."""

    law: Law
    day: date
    written: str  # hash of the audit's last line about the draft
    error_count: int


# One entry a draft, replaced as a whole: the desk's figure is on every page, and nobody should
# wait for the findings of a large matrix on each.
_counted: dict[int, _Counted] = {}


def _error_count(number: int, presence: Presence) -> int:
    lines = AuditLine.objects.filter(subject=f"matrix:{number}").order_by("-seq")
    written = lines.values_list("hash", flat=True).first() or ""
    known = _counted.get(number)
    if known and (
        known.law is presence.law and (known.day, known.written) == (presence.day, written)
    ):
        return known.error_count
    version = version_numbered(number)
    found = findings_of(version, law=presence.law, day=presence.day) if version else ()
    if len(_counted) >= MAX_COUNTED:
        _counted.clear()
    _counted[number] = _Counted(presence.law, presence.day, written, len(errors(found)))
    return len(errors(found))
