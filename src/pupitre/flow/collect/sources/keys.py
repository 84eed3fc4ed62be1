"""Write keys: made, rotated with an overlap, revoked at once.

Whoever asks for a key makes it up beforehand (``new_secret``) and asks for its fingerprint alone.
So its text is seen once, by that person, even where others must agree first; no table, no
decision and no audit line ever holds it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.models import Source, WriteKey
from pupitre.flow.collect.sources.actions import subject_of
from pupitre.flow.collect.sources.activities import SOURCE_KEY
from pupitre.flow.collect.sources.checks import open_source, source_to_change, turn_the_page
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MAX_KEYS = 20  # of one source, that are taken at a time
MAX_OVERLAP_DAYS = 90
LABEL_CHARACTERS = 60
_SECRET_BYTES = 24
_START_CHARACTERS = 6
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A key's text, for the one page that shows it, and what is kept of it."""

    text: str
    fingerprint: str  # SHA-256, in hexadecimal
    start: str


def new_secret() -> Secret:
    text = secrets.token_urlsafe(_SECRET_BYTES)
    return Secret(text, hashlib.sha256(text.encode()).hexdigest(), text[:_START_CHARACTERS])


@dataclass(frozen=True)
class MakeKey(Action):
    """Let in whoever shows the key of this fingerprint."""

    activity: ClassVar[Activity] = SOURCE_KEY
    source_key: str
    fingerprint: str
    start: str
    label: str = ""

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(
            lambda: (
                _("Make the write key %(start)s… for “%(name)s”")
                % {"start": self.start, "name": name}
            )
        )

    def check(self, *, at: datetime) -> None:
        source = open_source(self.source_key)
        _check_fingerprint(self.fingerprint, self.start)
        if len(self.label) > LABEL_CHARACTERS or any(ord(c) < 32 for c in self.label):
            raise Invalid(
                _("One line of at most %(count)s characters.") % {"count": LABEL_CHARACTERS},
                field="label",
            )
        if _taken(source, at).count() >= MAX_KEYS:
            raise Invalid(
                _("This source has %(count)s keys already: revoke those that nobody uses.")
                % {"count": MAX_KEYS}
            )

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        key = _made(open_source(self.source_key), self.fingerprint, self.start, self.label, at)
        turn_the_page()
        return int(key.pk)

    def detail(self) -> dict[str, Any]:
        return {"source_key": self.source_key, "start": self.start, "label": self.label}


@dataclass(frozen=True)
class RotateKey(Action):
    """A new key in the place of an old one, which is still taken for some days."""

    activity: ClassVar[Activity] = SOURCE_KEY
    source_key: str
    key_id: int
    fingerprint: str
    start: str
    overlap_days: int

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name, old = self.subject().title, _start_of(self.key_id)
        return bilingual(
            lambda: (
                ngettext(
                    "Replace the write key %(old)s… of “%(name)s”, both taken for %(days)s day",
                    "Replace the write key %(old)s… of “%(name)s”, both taken for %(days)s days",
                    self.overlap_days,
                )
                % {"old": old, "name": name, "days": self.overlap_days}
            )
        )

    def check(self, *, at: datetime) -> None:
        source = open_source(self.source_key)
        _check_fingerprint(self.fingerprint, self.start)
        if not 0 <= self.overlap_days <= MAX_OVERLAP_DAYS:
            raise Invalid(
                _("From 0 to %(count)s days.") % {"count": MAX_OVERLAP_DAYS}, field="overlap_days"
            )
        _key_in_use(source, self.key_id, at)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        source = open_source(self.source_key)
        old = _key_in_use(source, self.key_id, at)
        ends = at + timedelta(days=self.overlap_days)
        old.until = min(old.until, ends) if old.until else ends
        old.save(update_fields=["until"])
        key = _made(source, self.fingerprint, self.start, old.label, at)
        turn_the_page()
        return int(key.pk)

    def detail(self) -> dict[str, Any]:
        return {
            "source_key": self.source_key,
            "old": self.key_id,
            "start": self.start,
            "overlap_days": self.overlap_days,
        }


@dataclass(frozen=True)
class RevokeKey(Action):
    """Let nobody in with this key, from the next request on."""

    activity: ClassVar[Activity] = SOURCE_KEY
    source_key: str
    key_id: int

    def subject(self) -> Subject:
        return subject_of(self.source_key)

    def title(self) -> Bilingual:
        name, start = self.subject().title, _start_of(self.key_id)
        return bilingual(
            lambda: (
                _("Revoke the write key %(start)s… of “%(name)s”") % {"start": start, "name": name}
            )
        )

    def check(self, *, at: datetime) -> None:
        _key_in_use(source_to_change(self.source_key), self.key_id, at)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        key = _key_in_use(source_to_change(self.source_key), self.key_id, at)
        key.revoked_at = at
        key.save(update_fields=["revoked_at"])
        turn_the_page()


def _check_fingerprint(fingerprint: str, start: str) -> None:
    if not _FINGERPRINT.fullmatch(fingerprint) or len(start) != _START_CHARACTERS:
        raise Invalid(_("This is no key that Pupitre made: make another."))
    if WriteKey.objects.filter(sha256=bytes.fromhex(fingerprint)).exists():
        raise Invalid(_("This key exists already: make another."))


def _made(source: Source, fingerprint: str, start: str, label: str, at: datetime) -> WriteKey:
    return WriteKey.objects.create(
        source=source,
        sha256=bytes.fromhex(fingerprint),
        start=start,
        label=label,
        created_at=at,
    )


def _taken(source: Source, at: datetime) -> QuerySet[WriteKey]:
    return source.keys.filter(Q(until__isnull=True) | Q(until__gt=at), revoked_at__isnull=True)


def _key_in_use(source: Source, key_id: int, at: datetime) -> WriteKey:
    key = _taken(source, at).filter(pk=key_id).first()
    if key is None:
        raise Invalid(_("This key is not taken any more."))
    return key


def _start_of(key_id: int) -> str:
    return WriteKey.objects.values_list("start", flat=True).filter(pk=key_id).first() or "?"
