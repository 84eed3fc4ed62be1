"""Whose word counts: the sources whose events make a consent.

Whoever has a site's public key can write for anybody. So a consent that an event gives counts only
where its source was decided to be heard; what takes away counts whoever says it. It is decided when
the ledger is read, so it holds at once, both ways, and of what was noted before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.queries import sites_and_applications, source_names
from pupitre.flow.identify.consents.activities import CONSENT_PURPOSES
from pupitre.flow.identify.models import By, Consent, ConsentSource, Said
from pupitre.flow.identify.models.consents import REASON_CHARACTERS
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MOST_COUNTED = 10_000  # lines of one source: beyond, a page says "more than"


@dataclass(frozen=True, slots=True)
class SourceHeard:
    """A source, and whether what it says is given counts."""

    key: str
    name: Bilingual
    heard: bool
    public: bool  # a site or an application: anyone may read a key that stands there
    since: datetime | None  # None: never decided, so not heard
    reason: str
    given: int  # consents that it said were given, up to one more than was asked for

    @property
    def uncounted(self) -> int:
        """Given consents that it said and that count for nothing."""
        return 0 if self.heard else self.given

    @property
    def many(self) -> bool:
        return self.given > MOST_COUNTED


def heard_sources() -> tuple[str, ...]:
    """The keys of the sources whose given consents count, in order."""
    return tuple(
        ConsentSource.objects.filter(heard=True).order_by("source").values_list("source", flat=True)
    )


def unheard() -> Q:
    """The lines that give by the word of a source that is not heard."""
    return Q(said=Said.GIVEN.value, by=By.EVENT.value) & ~Q(source__in=heard_sources())


def all_heard(*, most: int = MOST_COUNTED) -> tuple[SourceHeard, ...]:
    """Every source of the company: those that are heard first, then those that said the most.

    ``most``: how many lines of each are counted, so that a long ledger makes no slow page.
    """
    names, public = source_names(), sites_and_applications()
    decided = {row.source: row for row in ConsentSource.objects.all()}
    rows = [
        _row(key, names.get(key, Bilingual(key, key)), key in public, decided.get(key), most)
        for key in names | decided
    ]
    return tuple(sorted(rows, key=lambda row: (not row.heard, -row.given, row.key)))


def source_heard(key: str) -> SourceHeard | None:
    return next((row for row in all_heard() if row.key == key), None)


def _row(
    key: str, name: Bilingual, public: bool, decided: ConsentSource | None, most: int
) -> SourceHeard:
    given = Consent.objects.filter(source=key, said=Said.GIVEN.value, by=By.EVENT.value)
    return SourceHeard(
        key=key,
        name=name,
        heard=decided is not None and decided.heard,
        public=public,
        since=decided.since if decided else None,
        reason=decided.reason if decided else "",
        given=given.order_by()[: most + 1].count(),
    )


@dataclass(frozen=True)
class HearSource(Action):
    """Let a source's word make consents, or no longer. What it said before follows at once."""

    activity: ClassVar[Activity] = CONSENT_PURPOSES
    source_key: str
    heard: bool
    reason: str

    def subject(self) -> Subject:
        return Subject(
            f"consent-source:{self.source_key}", self._name(), reverse("identify:consent_sources")
        )

    def title(self) -> Bilingual:
        given = {"name": self._name()}
        if self.heard:
            return bilingual(lambda: _("Count the consents that “%(name)s” says") % given)
        return bilingual(lambda: _("No longer count the consents that “%(name)s” says") % given)

    def material(self) -> object:
        """Whether it is heard, and whether anyone may write by its key."""
        return [self.source_key in heard_sources(), self.source_key in sites_and_applications()]

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if self.source_key not in source_names() | _decided():
            raise Invalid(_("There is no such source."))
        if self.heard == (self.source_key in heard_sources()):
            raise Invalid(_("It is so already."), field="heard")
        if not self.reason.strip():
            raise Invalid(_("Say why."), field="reason")
        if len(self.reason) > REASON_CHARACTERS:
            raise Invalid(_("This is too long."), field="reason")

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        ConsentSource.objects.update_or_create(
            source=self.source_key,
            defaults={"heard": self.heard, "since": at, "reason": self.reason.strip()},
        )

    def _name(self) -> Bilingual:
        return source_names().get(self.source_key, Bilingual(self.source_key, self.source_key))


def _decided() -> dict[str, None]:
    return dict.fromkeys(ConsentSource.objects.values_list("source", flat=True))
