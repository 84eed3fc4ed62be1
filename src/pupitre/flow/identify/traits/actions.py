"""Which value of a trait is shown, and what the desk corrects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.models import Identifier, Trait, TraitChoice, TraitRule, TraitTally
from pupitre.flow.identify.models.traits import NAME_CHARACTERS, TEXT_CHARACTERS
from pupitre.flow.identify.traits.activities import TRAIT_CORRECT, TRAIT_RULE
from pupitre.flow.identify.traits.choosing import DESK
from pupitre.flow.identify.traits.names import LABELS, canonical, label
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject

MAX_SOURCES = 200


@dataclass(frozen=True)
class SetTraitRule(Action):
    """Choose by which rule one of several values is shown."""

    activity: ClassVar[Activity] = TRAIT_RULE
    trait: str
    choice: str
    sources: tuple[str, ...] = ()  # keys, the most trusted first

    def subject(self) -> Subject:
        return trait_subject(self.trait)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Choose which value of “%(trait)s” shows: %(rule)s")
                % {"trait": label(self.trait), "rule": choice_words(self.choice)}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not is_known(self.trait):
            raise Invalid(_("No source has sent this trait."))
        if self.choice not in {one.value for one in TraitChoice}:
            raise Invalid(_("There is no such rule."))
        if self.choice == TraitChoice.SOURCE and not self.sources:
            raise Invalid(_("Say which source is trusted first."), field="sources")
        if len(set(self.sources)) < len(self.sources) or len(self.sources) > MAX_SOURCES:
            raise Invalid(_("Each source stands once."), field="sources")

    def material(self) -> object:
        rule = TraitRule.objects.filter(trait=self.trait).first()
        return rule and [rule.choice, rule.sources]

    def perform(self, *, by: AnyActor, at: datetime) -> str:  # noqa: ARG002
        TraitRule.objects.update_or_create(
            trait=self.trait, defaults={"choice": self.choice, "sources": list(self.sources)}
        )
        return self.trait


@dataclass(frozen=True)
class CorrectTrait(Action):
    """Write what a customer says is right; left empty, what is wrong is shown no more.

    It stands until a source says something for the first time afterwards: see ``choosing``.
    Whoever holds R does it at once: a right has a clock, and what would wait for a yes would keep
    the customer's own value among the decisions.
    """

    activity: ClassVar[Activity] = TRAIT_CORRECT
    prepares: ClassVar[bool] = True
    identifier_id: int
    trait: str
    value: str

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Customer %(number)s") % {"number": self.identifier_id})
        return Subject(f"person:{self.identifier_id}", title)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Correct “%(trait)s” of customer %(number)s")
                % {"trait": label(self.trait), "number": self.identifier_id}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not Identifier.objects.filter(pk=self.identifier_id, person__isnull=False).exists():
            raise Invalid(_("There is no such customer any more."))
        if not self.trait or len(self.trait) > NAME_CHARACTERS or not is_known(self.trait):
            raise Invalid(_("No source has sent this trait."), field="trait")
        if len(self.value) > TEXT_CHARACTERS:
            raise Invalid(
                _("At most %(count)s characters.") % {"count": TEXT_CHARACTERS}, field="value"
            )

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        said = since_1970(at)
        place = {"identifier_id": self.identifier_id, "name": self.trait, "source": DESK}
        row, made = Trait.objects.get_or_create(
            **place, value=self.value.strip(), defaults={"first_us": said, "last_us": said}
        )
        if not made and row.last_us < said:
            row.last_us = said
            row.save(update_fields=["last_us"])

    def detail(self) -> dict[str, Any]:
        return {"identifier": self.identifier_id, "trait": self.trait}


def trait_subject(trait: str) -> Subject:
    title = bilingual(lambda: _("The trait “%(trait)s”") % {"trait": label(trait)})
    return Subject(f"trait:{trait}", title, reverse("identify:traits"))


def is_known(trait: str) -> bool:
    """One that we know, or that some source has sent."""
    return canonical(trait) == trait and (
        trait in LABELS or TraitTally.objects.filter(trait=trait).exists()
    )


def choice_words(choice: str) -> str:
    return {
        TraitChoice.LATEST.value: _("the latest"),
        TraitChoice.SOURCE.value: _("the most trusted source"),
        TraitChoice.FREQUENT.value: _("the most frequent"),
    }.get(choice, choice)
