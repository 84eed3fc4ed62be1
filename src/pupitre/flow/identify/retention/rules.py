"""For how long each kind of data is kept: decided by an act, in one book."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.queries import channel_names
from pupitre.flow.identify.models import RetentionRule
from pupitre.flow.identify.models.retention import Kept
from pupitre.flow.identify.rights.activities import RETENTION_SET
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MOST_MONTHS = 240
NAMES: Mapping[str, str | Promise] = MappingProxyType(
    {
        Kept.EVENTS: gettext_lazy("Events of customers"),
        Kept.ANONYMOUS: gettext_lazy("Events of browsers that nobody signed in on"),
        Kept.REQUESTS: gettext_lazy("Closed requests by right"),
    }
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the French authority (CNIL) recommends; a company decides for itself."""

    months: int
    why: str | Promise


SUGGESTIONS: Mapping[str, Suggestion] = MappingProxyType(
    {
        Kept.EVENTS: Suggestion(
            36,
            gettext_lazy("CNIL, commercial activities: prospects three years after last contact."),
        ),
        Kept.ANONYMOUS: Suggestion(
            25,
            gettext_lazy("CNIL, cookies: what they collect, 25 months; the cookie itself, 13."),
        ),
        Kept.REQUESTS: Suggestion(
            60,
            gettext_lazy("The proof that a request was answered: as long as it may be disputed."),
        ),
    }
)


@dataclass(frozen=True)
class SetRetention(Action):
    """Keep one kind of data for so many months, and no longer. ``months`` = 0: for ever."""

    activity: ClassVar[Activity] = RETENTION_SET
    kept: str
    months: int
    channel: str = ""  # of events; empty: every channel without a rule of its own

    def subject(self) -> Subject:
        title = bilingual(lambda: NAMES.get(self.kept, self.kept))
        return Subject(
            f"retention:{self.kept}:{self.channel}", title, reverse("identify:retention")
        )

    def title(self) -> Bilingual:
        kind, channel = NAMES.get(self.kept, self.kept), channel_names().get(self.channel)

        def name() -> str:  # in the language of the moment
            return f"{kind} · {channel}" if channel else str(kind)

        if not self.months:
            return bilingual(lambda: _("Keep for ever: %(what)s") % {"what": name()})
        return bilingual(
            lambda: (
                ngettext(
                    "Keep for %(count)s month: %(what)s",
                    "Keep for %(count)s months: %(what)s",
                    self.months,
                )
                % {"count": self.months, "what": name()}
            )
        )

    def material(self) -> object:
        row = RetentionRule.objects.filter(kept=self.kept, channel=self.channel).first()
        return row and row.months

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if self.kept not in Kept.values:
            raise Invalid(_("Choose what is kept."), field="kept")
        if not 0 <= self.months <= MOST_MONTHS:
            raise Invalid(_("At most %(count)s months.") % {"count": MOST_MONTHS}, field="months")
        if self.channel and (
            self.kept == Kept.REQUESTS or self.channel not in {one.value for one in Channel}
        ):
            raise Invalid(_("Only events have a channel."), field="channel")

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        RetentionRule.objects.update_or_create(
            kept=self.kept,
            channel=self.channel,
            defaults={"months": self.months, "decided_at": at},
        )
