"""Functions: the parts of the company that have a voice of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from django.db.models import Max
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.contracts import Activity, AnyActor, FunctionKind, Subject
from pupitre.rules.mandate.models import Function
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.records import (
    check_names,
    function_subject,
    one_name,
    the_function,
)
from pupitre.rules.mandate.organisation.rules import KEY, circle
from pupitre.rules.mandate.standing import current_law


@dataclass(frozen=True)
class CreateFunction(Action):
    """Add a function: a direction, a region, a business unit."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    function_key: str
    name_fr: str
    name_en: str
    kind: FunctionKind
    parent_id: int | None = None

    @property
    def _name(self) -> Bilingual:
        return Bilingual(*one_name(self.name_fr, self.name_en))

    def subject(self) -> Subject:
        return function_subject(self.function_key, self._name)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Create the function “%(name)s”") % {"name": self._name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        check_names(self.name_fr, self.name_en)
        if not KEY.fullmatch(self.function_key):
            raise Invalid(_("Unaccented letters, digits and dashes only."), field="function_key")
        if Function.objects.filter(key=self.function_key).exists():
            raise Invalid(_("Another function has this code."), field="function_key")
        if self.parent_id is not None:
            the_function(self.parent_id, field="parent")

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        last = Function.objects.aggregate(last=Max("position"))["last"] or 0
        fr, en = one_name(self.name_fr, self.name_en)
        function = Function.objects.create(
            key=self.function_key,
            kind=self.kind,
            name_fr=fr,
            name_en=en,
            parent_id=self.parent_id,
            position=last + 1,
        )
        return function.pk


@dataclass(frozen=True)
class ChangeFunction(Action):
    """Rename a function, say what kind it is, or make it part of another."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    function_id: int
    name_fr: str
    name_en: str
    kind: FunctionKind
    parent_id: int | None = None

    def subject(self) -> Subject:
        function = the_function(self.function_id)
        return function_subject(function.key, function.name)

    def title(self) -> Bilingual:
        name = Bilingual(*one_name(self.name_fr, self.name_en))
        return bilingual(lambda: _("Change the function “%(name)s”") % {"name": name})

    def check(self, *, at: datetime) -> None:
        function = the_function(self.function_id)
        check_names(self.name_fr, self.name_en)
        if self.parent_id is not None:
            the_function(self.parent_id, field="parent")
        parents: dict[int, int | None] = dict(Function.objects.values_list("pk", "parent_id"))
        parents[self.function_id] = self.parent_id
        if circle(parents):
            raise Invalid(_("A function cannot be part of itself."), field="parent")
        if function.kind != self.kind:
            law = current_law()
            after = lockout.with_function_kind(law, self.function_id, self.kind)
            lockout.keep_amendable(law, after, day=day_of(at))

    def material(self) -> object:
        function = the_function(self.function_id)
        return [function.name_fr, function.name_en, function.kind, function.parent_id]

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        function = the_function(self.function_id)
        function.name_fr, function.name_en = one_name(self.name_fr, self.name_en)
        function.kind = self.kind
        function.parent = the_function(self.parent_id) if self.parent_id is not None else None
        function.save()
        return function.pk


@dataclass(frozen=True)
class RemoveFunction(Action):
    """Take away a function in which no seat ever was: a slip, not a history."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    function_id: int
    function_key: str
    name: Bilingual

    def subject(self) -> Subject:
        return function_subject(self.function_key, self.name)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Remove the function “%(name)s”") % {"name": self.name})

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        function = the_function(self.function_id)
        if function.seats.exists():
            raise Invalid(_("This function has seats, or had some: it stays, with its history."))
        if Function.objects.filter(parent=function).exists():
            raise Invalid(_("Other functions are part of this one: move them first."))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        the_function(self.function_id).delete()
