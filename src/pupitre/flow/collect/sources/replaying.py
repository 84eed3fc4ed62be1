"""Trying refused events again, after what was wrong has been mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.intake.group_commit import JournalFull
from pupitre.flow.collect.services import Replayed, replay
from pupitre.flow.collect.sources.activities import QUARANTINE_REPLAY
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class ReplayQuarantine(Action):
    """Let refused events try again, by their numbers in quarantine."""

    activity: ClassVar[Activity] = QUARANTINE_REPLAY
    ids: tuple[int, ...]

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Quarantine"))
        return Subject("quarantine", title, reverse("collect:quarantine"))

    def title(self) -> Bilingual:
        count = len(self.ids)
        return bilingual(
            lambda: (
                ngettext(
                    "Replay %(count)s event from quarantine",
                    "Replay %(count)s events from quarantine",
                    count,
                )
                % {"count": count}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not self.ids:
            raise Invalid(_("Choose the events to replay."))
        if len(self.ids) > MOST_AT_ONCE:
            raise Invalid(_("At most %(count)s events at once.") % {"count": MOST_AT_ONCE})

    def perform(self, *, by: AnyActor, at: datetime) -> Replayed:  # noqa: ARG002
        try:
            return replay(ids=self.ids)
        except JournalFull as full:
            raise Invalid(_("The journal is full: try again once it has been emptied.")) from full

    def detail(self) -> dict[str, Any]:
        return {"events": len(self.ids), "first": min(self.ids, default=0)}
