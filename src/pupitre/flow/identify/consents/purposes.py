"""The book of purposes: what customers are asked to agree to, on which channels, in which words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.consents.activities import CONSENT_PURPOSES
from pupitre.flow.identify.consents.law import CHANNELS
from pupitre.flow.identify.models import Purpose, Wording
from pupitre.flow.identify.models.consents import (
    ABOUT_CHARACTERS,
    NAME_CHARACTERS,
    WORDING_CHARACTERS,
)
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MAX_PURPOSES = 50
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class PurposeRow:
    """A purpose as it stands."""

    key: str
    name: Bilingual
    about: Bilingual
    channels: tuple[str, ...]
    prospecting: bool
    version: int  # of the wording that is shown
    wording: Bilingual
    since: datetime  # of that wording
    retired_at: datetime | None
    counts_from: int  # the least version that still counts
    counts_since: datetime  # since when that one was shown

    def asks(self, channel: str) -> bool:
        return self.retired_at is None and channel in self.channels


def all_purposes() -> tuple[PurposeRow, ...]:
    """Every purpose, those that are retired too, in the order in which they were opened."""
    newest = Prefetch("wordings", queryset=Wording.objects.order_by("-version"))
    return tuple(_row(purpose) for purpose in Purpose.objects.prefetch_related(newest))


def purpose_of(key: str) -> PurposeRow | None:
    return next((row for row in all_purposes() if row.key == key), None)


def wording_of(key: str, version: int) -> Bilingual | None:
    """The sentence of that version, as it was shown."""
    found = Wording.objects.filter(purpose__key=key, version=version).first()
    return found.text if found else None


def _row(purpose: Purpose) -> PurposeRow:
    wordings = purpose.wordings.all()
    wording = wordings[0]
    counts = next((one for one in wordings if one.version == purpose.counts_from), wording)
    return PurposeRow(
        key=purpose.key,
        name=purpose.name,
        about=purpose.about,
        channels=tuple(channel for channel in CHANNELS if channel in purpose.channels),
        prospecting=purpose.prospecting,
        version=wording.version,
        wording=wording.text,
        since=wording.at,
        retired_at=purpose.retired_at,
        counts_from=counts.version,
        counts_since=counts.at,
    )


@dataclass(frozen=True)
class SetPurpose(Action):
    """Ask customers for something new, or in other words, on other channels, or no longer.

    Marketing asks and IT assures: a consent that is asked for must be kept by what sends.
    """

    activity: ClassVar[Activity] = CONSENT_PURPOSES
    purpose_key: str
    new: bool
    name_fr: str
    name_en: str
    about_fr: str
    about_en: str
    channels: tuple[str, ...]
    wording_fr: str
    wording_en: str
    prospecting: bool = True
    retired: bool = False
    # Where the sentence changes: whether who agreed to the earlier one agrees to this one too.
    earlier_count: bool = False

    def subject(self) -> Subject:
        name = Bilingual(self.name_fr or self.purpose_key, self.name_en)
        return Subject(f"purpose:{self.purpose_key}", name, reverse("identify:purposes"))

    def title(self) -> Bilingual:
        name = Bilingual(self.name_fr or self.purpose_key, self.name_en)
        if self.new:
            return bilingual(lambda: _("Ask customers for “%(name)s”") % {"name": name})
        if self.retired:
            return bilingual(lambda: _("Ask customers no longer for “%(name)s”") % {"name": name})
        return bilingual(lambda: _("Change what “%(name)s” asks of customers") % {"name": name})

    def material(self) -> object:
        """As it stands: whoever approves has seen from what to what."""
        row = purpose_of(self.purpose_key)
        return row and [
            *(row.name.fr, row.name.en, row.about.fr, row.about.en, row.channels, row.prospecting),
            *(row.version, str(row.retired_at), row.counts_from),
        ]

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        standing = Purpose.objects.filter(key=self.purpose_key).exists()
        if not KEY.fullmatch(self.purpose_key):
            raise Invalid(
                _("A key has lower-case letters, digits, hyphens and underscores."), field="key"
            )
        if self.new and standing:
            raise Invalid(_("There is a purpose of this key already."), field="key")
        if not self.new and not standing:
            raise Invalid(_("There is no such purpose."))
        if self.new and Purpose.objects.count() >= MAX_PURPOSES:
            raise Invalid(_("There are %(count)s purposes already.") % {"count": MAX_PURPOSES})
        for field, most in (
            ("name_fr", NAME_CHARACTERS),
            ("about_fr", ABOUT_CHARACTERS),
            ("wording_fr", WORDING_CHARACTERS),
        ):
            said = getattr(self, field).strip()
            if not said:
                raise Invalid(_("This cannot be empty."), field=field)
            other = getattr(self, f"{field[:-3]}_en")
            if len(said) > most or len(other) > most:
                raise Invalid(_("This is too long."), field=field)
        if not self.channels or not set(self.channels) <= CHANNELS.keys():
            raise Invalid(_("Choose at least one channel."), field="channels")

    def perform(self, *, by: AnyActor, at: datetime) -> str:  # noqa: ARG002
        said = {
            "name_fr": self.name_fr,
            "name_en": self.name_en,
            "about_fr": self.about_fr,
            "about_en": self.about_en,
            "channels": [channel for channel in CHANNELS if channel in self.channels],
            "prospecting": self.prospecting,
        }
        purpose, made = Purpose.objects.get_or_create(
            key=self.purpose_key, defaults={**said, "opened_at": at}
        )
        if not made:
            for name, value in said.items():
                setattr(purpose, name, value)
            purpose.retired_at = (purpose.retired_at or at) if self.retired else None
            purpose.save()
        newest = purpose.wordings.order_by("-version").first()
        if newest is None or (newest.fr, newest.en) != (self.wording_fr, self.wording_en):
            Wording.objects.create(
                purpose=purpose,
                version=newest.version + 1 if newest else 1,
                fr=self.wording_fr,
                en=self.wording_en,
                at=at,
            )
            if newest is not None and not self.earlier_count:
                purpose.counts_from = newest.version + 1
                purpose.save(update_fields=["counts_from"])
        return self.purpose_key
