"""The company's own activities and its initiatives: what rows may be about."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import ACTIVITY_DEFINE, MATRIX_AMEND
from pupitre.rules.mandate.contracts import (
    Activity,
    AnyActor,
    Domain,
    Subject,
    enforced_activities,
)
from pupitre.rules.mandate.models import CompanyActivity, Scope

MAX_ACTIVITIES = 400  # of the company's own, those in use
MAX_SCOPES = 60
NAME_CHARACTERS = 120


def key_for(name_fr: str, name_en: str) -> str:
    """A key from a name: stable, and fit for an address. Scripts without Latin letters get a
    short digest instead."""
    name = name_en.strip() or name_fr.strip()
    slug = slugify(name)[:60].strip("-")
    return slug or "x" + hashlib.sha256(name.encode()).hexdigest()[:10]


@dataclass(frozen=True)
class DefineActivity(Action):
    """Add an activity that the company answers for, beside those that the software enforces."""

    activity: ClassVar[Activity] = ACTIVITY_DEFINE
    name_fr: str
    name_en: str
    domain: str
    joint: bool = False

    @property
    def own_key(self) -> str:
        return key_for(self.name_fr, self.name_en)

    def subject(self) -> Subject:
        return activity_subject(self.own_key, self.name_fr, self.name_en)

    def title(self) -> Bilingual:
        name = Bilingual(self.name_fr, self.name_en)
        return bilingual(lambda: _("Define the activity “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _check_names(self.name_fr, self.name_en)
        _check_domain(self.domain)
        taken = CompanyActivity.objects.filter(key=self.own_key).first()
        if taken is not None and taken.retired_on is not None:
            raise Invalid(
                _("“%(name)s” was retired: bring it back instead of defining it again.")
                % {"name": taken.name},
                field="name_fr",
            )
        _check_name_is_free(self.name_fr, self.name_en, besides="")
        if CompanyActivity.objects.filter(retired_on__isnull=True).count() >= MAX_ACTIVITIES:
            raise Invalid(
                _("The company has %(count)s activities already: retire some first.")
                % {"count": MAX_ACTIVITIES}
            )

    def perform(self, *, by: AnyActor, at: datetime) -> str:  # noqa: ARG002
        CompanyActivity.objects.create(
            key=self.own_key,
            name_fr=self.name_fr,
            name_en=self.name_en,
            domain=self.domain,
            joint=self.joint,
        )
        return self.own_key


@dataclass(frozen=True)
class ChangeActivity(Action):
    """Rename a company activity, move it to another domain, make it joint or not."""

    activity: ClassVar[Activity] = ACTIVITY_DEFINE
    own_key: str
    name_fr: str
    name_en: str
    domain: str
    joint: bool

    def subject(self) -> Subject:
        return activity_subject(self.own_key, self.name_fr, self.name_en)

    def title(self) -> Bilingual:
        name = Bilingual(self.name_fr, self.name_en)
        return bilingual(lambda: _("Change the activity “%(name)s”") % {"name": name})

    def material(self) -> object:
        """As it stands: whoever approves has seen from what to what."""
        own = CompanyActivity.objects.filter(key=self.own_key).first()
        return own and [own.name_fr, own.name_en, own.domain, own.joint, str(own.retired_on)]

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _in_use(self.own_key)
        _check_names(self.name_fr, self.name_en)
        _check_domain(self.domain)
        _check_name_is_free(self.name_fr, self.name_en, besides=self.own_key)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        own = _in_use(self.own_key)
        own.name_fr, own.name_en = self.name_fr, self.name_en
        own.domain, own.joint = self.domain, self.joint
        own.save()


@dataclass(frozen=True)
class RetireActivity(Action):
    """Take an activity off the company's list. Versions that speak of it keep its name."""

    activity: ClassVar[Activity] = ACTIVITY_DEFINE
    own_key: str

    def subject(self) -> Subject:
        return _subject_of(self.own_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(lambda: _("Retire the activity “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _in_use(self.own_key)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        own = _in_use(self.own_key)
        own.retired_on = day_of(at)
        own.save(update_fields=["retired_on"])


@dataclass(frozen=True)
class BringBackActivity(Action):
    """Put a retired activity on the list again."""

    activity: ClassVar[Activity] = ACTIVITY_DEFINE
    own_key: str

    def subject(self) -> Subject:
        return _subject_of(self.own_key)

    def title(self) -> Bilingual:
        name = self.subject().title
        return bilingual(lambda: _("Bring back the activity “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if self._retired() is None:
            raise Invalid(_("This activity is not retired."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        own = self._retired()
        if own is not None:
            own.retired_on = None
            own.save(update_fields=["retired_on"])

    def _retired(self) -> CompanyActivity | None:
        return CompanyActivity.objects.filter(key=self.own_key, retired_on__isnull=False).first()


@dataclass(frozen=True)
class DefineScope(Action):
    """Name an initiative that may have rows of its own. It rules nothing until a version does."""

    activity: ClassVar[Activity] = MATRIX_AMEND
    prepares: ClassVar[bool] = True
    name_fr: str
    name_en: str

    @property
    def own_key(self) -> str:
        return key_for(self.name_fr, self.name_en)

    def subject(self) -> Subject:
        title = Bilingual(self.name_fr, self.name_en)
        return Subject(f"scope:{self.own_key}", title, reverse("mandate:drafts"))

    def title(self) -> Bilingual:
        name = Bilingual(self.name_fr, self.name_en)
        return bilingual(lambda: _("Name the initiative “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        _check_names(self.name_fr, self.name_en)
        if Scope.objects.filter(key=self.own_key).exists():
            raise Invalid(_("There is an initiative of this name already."), field="name_fr")
        if Scope.objects.count() >= MAX_SCOPES:
            raise Invalid(_("There are %(count)s initiatives already.") % {"count": MAX_SCOPES})

    def perform(self, *, by: AnyActor, at: datetime) -> str:  # noqa: ARG002
        Scope.objects.create(key=self.own_key, name_fr=self.name_fr, name_en=self.name_en)
        return self.own_key


def activity_subject(key: str, name_fr: str, name_en: str) -> Subject:
    return Subject(f"activity:{key}", Bilingual(name_fr, name_en), reverse("mandate:activities"))


def _subject_of(key: str) -> Subject:
    own = CompanyActivity.objects.filter(key=key).first()
    return activity_subject(key, own.name_fr if own else key, own.name_en if own else key)


def _in_use(key: str) -> CompanyActivity:
    own = CompanyActivity.objects.filter(key=key, retired_on__isnull=True).first()
    if own is None:
        raise Invalid(_("The company has no such activity any more."))
    return own


def _check_names(name_fr: str, name_en: str) -> None:
    if not name_fr.strip():
        raise Invalid(_("Give it a name."), field="name_fr")
    for field, name in (("name_fr", name_fr), ("name_en", name_en)):
        if len(name) > NAME_CHARACTERS:
            raise Invalid(
                _("Keep the name under %(count)s characters.") % {"count": NAME_CHARACTERS},
                field=field,
            )
        if any(ord(character) < 32 for character in name):
            raise Invalid(_("Keep the name on one line."), field=field)


def _check_domain(domain: str) -> None:
    if domain not in set(Domain):
        raise Invalid(_("Choose one of the five domains."), field="domain")


def _check_name_is_free(name_fr: str, name_en: str, *, besides: str) -> None:
    """Two activities of one name would be told apart by nobody, and by no import."""
    wanted = {name.strip().casefold() for name in (name_fr, name_en) if name.strip()}
    others = [
        *((activity.key, activity.name) for activity in enforced_activities),
        *((own.key, own.name) for own in CompanyActivity.objects.filter(retired_on__isnull=True)),
    ]
    for key, name in others:
        if key != besides and wanted & {name.fr.casefold(), name.en.casefold()}:
            raise Invalid(
                _("There is an activity “%(name)s” already.") % {"name": name}, field="name_fr"
            )
