"""Opening a source, changing it, closing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.models import Source
from pupitre.flow.collect.sources.activities import SOURCE_CHANGE, SOURCE_OPEN
from pupitre.flow.collect.sources.checks import (
    check_channel,
    check_key,
    check_origins,
    check_owner,
    check_words,
    open_source,
    source_to_change,
    turn_the_page,
)
from pupitre.flow.collect.sources.reading import MAX_SOURCES
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject


@dataclass(frozen=True)
class OpenSource(Action):
    """Let a new sender in. Marketing says why, IT opens; a key is made afterwards."""

    activity: ClassVar[Activity] = SOURCE_OPEN
    source_key: str
    name_fr: str
    name_en: str
    why: str
    channel: str
    owner_id: int
    allowed_origins: tuple[str, ...] = ()

    def subject(self) -> Subject:
        return source_subject(self.source_key, Bilingual(self.name_fr, self.name_en))

    def title(self) -> Bilingual:
        name = Bilingual(self.name_fr, self.name_en)
        return bilingual(lambda: _("Open the source “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:
        check_words(name_fr=self.name_fr, name_en=self.name_en, why=self.why)
        check_key(self.source_key)
        check_channel(self.channel)
        check_owner(self.owner_id, at=at)
        check_origins(self.allowed_origins)
        if Source.objects.count() >= MAX_SOURCES:
            raise Invalid(_("There are %(count)s sources already.") % {"count": MAX_SOURCES})

    def perform(self, *, by: AnyActor, at: datetime) -> str:  # noqa: ARG002
        Source.objects.create(
            key=self.source_key,
            name_fr=self.name_fr,
            name_en=self.name_en,
            why=self.why,
            channel=self.channel,
            owner_id=self.owner_id,
            allowed_origins=list(self.allowed_origins),
            opened_at=at,
        )
        turn_the_page()
        return self.source_key


@dataclass(frozen=True)
class ChangeSource(Action):
    """Another name, another owner, other sites. Its key in the lake and its channel stay."""

    activity: ClassVar[Activity] = SOURCE_CHANGE
    source_key: str
    name_fr: str
    name_en: str
    why: str
    owner_id: int
    allowed_origins: tuple[str, ...] = ()

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(lambda: _("Change the source “%(name)s”") % {"name": name})

    def material(self) -> object:
        """As it stands: whoever approves has seen from what to what."""
        s = Source.objects.filter(key=self.source_key).first()
        return s and [s.name_fr, s.name_en, s.why, s.owner_id, s.allowed_origins, str(s.closed_at)]

    def check(self, *, at: datetime) -> None:
        source_to_change(self.source_key)
        check_words(name_fr=self.name_fr, name_en=self.name_en, why=self.why)
        check_owner(self.owner_id, at=at)
        check_origins(self.allowed_origins)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        source = source_to_change(self.source_key)
        source.name_fr, source.name_en, source.why = self.name_fr, self.name_en, self.why
        source.owner_id = self.owner_id
        source.allowed_origins = list(self.allowed_origins)
        source.save()
        turn_the_page()


@dataclass(frozen=True)
class CloseSource(Action):
    """Let nothing in from it any more. What it sent stays."""

    activity: ClassVar[Activity] = SOURCE_CHANGE
    source_key: str

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(lambda: _("Close the source “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        open_source(self.source_key)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        source = open_source(self.source_key)
        source.closed_at = at
        source.save(update_fields=["closed_at"])
        turn_the_page()


@dataclass(frozen=True)
class ReopenSource(Action):
    """Let a closed source in again, with the keys that it had."""

    activity: ClassVar[Activity] = SOURCE_CHANGE
    source_key: str

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(lambda: _("Reopen the source “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if source_to_change(self.source_key).closed_at is None:
            raise Invalid(_("This source is not closed."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        source = source_to_change(self.source_key)
        source.closed_at = None
        source.save(update_fields=["closed_at"])
        turn_the_page()


def source_subject(key: str, name: Bilingual) -> Subject:
    return Subject(f"source:{key}", name, reverse("collect:source", args=[key]))


def subject_of(key: str) -> Subject:
    source = Source.objects.filter(key=key).first()
    return source_subject(key, source.name if source else Bilingual(key, key))
