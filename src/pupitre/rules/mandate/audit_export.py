"""Taking the audit out of Pupitre is an act like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.rules.mandate.actions import Action, decode
from pupitre.rules.mandate.activities import AUDIT_EXPORT
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.web import Presence

AGREED_DAYS = 7  # how long a file that others agreed to waits for whoever asked


@dataclass(frozen=True)
class ExportAudit(Action):
    """Take lines of the audit out of Pupitre. The export is itself a line."""

    activity: ClassVar[Activity] = AUDIT_EXPORT
    filters: tuple[tuple[str, str], ...]
    up_to: int  # the last line that the export may hold

    def subject(self) -> Subject:
        return Subject("audit", Bilingual("Journal", "Audit log"), reverse("mandate:audit"))

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Export the audit log up to line %(line)s") % {"line": self.up_to}
        )

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        """Nothing changes but the audit itself, which now says who took what."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """An export that a decision agreed to, and that whoever asked for it may take."""

    decision_id: int
    title: Bilingual
    action: ExportAudit
    until: datetime


def agreed_exports(presence: Presence) -> tuple[Agreed, ...]:
    """The reader's own, of the last days, where they still speak from the seat that asked."""
    patience = timedelta(days=AGREED_DAYS)
    found = Decision.objects.filter(
        action=ExportAudit.key,
        state=Decision.State.PERFORMED,
        member_id=presence.member_id,
        seat_id__in=[chair.seat.id for chair in presence.chairs],
        settled_at__gt=presence.at - patience,
    ).order_by("-settled_at")[:10]
    agreed = []
    for decision in found:
        action = decode(decision.action, bytes(decision.payload))
        if isinstance(action, ExportAudit) and decision.settled_at is not None:
            until = decision.settled_at + patience
            agreed.append(Agreed(decision.pk, decision.title, action, until))
    return tuple(agreed)
