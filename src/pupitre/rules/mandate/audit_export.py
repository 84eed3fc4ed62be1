"""Taking the audit out of Pupitre is an act like any other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import AUDIT_EXPORT
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject


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
