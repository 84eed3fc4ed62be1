"""Agreeing to a tracking plan, and to what becomes of events that it does not expect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent
from pupitre.flow.collect.models import PlanVersion, Source
from pupitre.flow.collect.sources.activities import PLAN_AGREE
from pupitre.flow.collect.sources.checks import open_source, turn_the_page
from pupitre.flow.collect.sources.inference import (
    MAX_EVENTS,
    MAX_PROPERTIES,
    TYPES,
    keepable,
    place_of,
)
from pupitre.flow.collect.sources.reading import plan_in_force
from pupitre.lake.contracts import EventType
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject


@dataclass(frozen=True)
class AgreePlan(Action):
    """Put a tracking plan in force for a source. ``based_on``: the number of the one before."""

    activity: ClassVar[Activity] = PLAN_AGREE
    source_key: str
    mode: PlanMode
    events: tuple[PlannedEvent, ...]
    based_on: int

    def subject(self) -> Subject:
        return plan_subject(self.source_key)

    def title(self) -> Bilingual:
        name, count = self.subject().title, len(self.events)
        return bilingual(
            lambda: (
                ngettext(
                    "Agree to the tracking plan of “%(name)s”: %(count)s event, %(mode)s",
                    "Agree to the tracking plan of “%(name)s”: %(count)s events, %(mode)s",
                    count,
                )
                % {"name": name, "count": count, "mode": mode_words(self.mode)}
            )
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        source = open_source(self.source_key)
        if self.based_on != plan_in_force(source_id=source.pk).number:
            raise Invalid(_("Another plan has been agreed to meanwhile: look at it again."))
        check_plan(self.events, self.mode)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        source = open_source(self.source_key)
        version = PlanVersion.objects.create(
            source=source,
            number=plan_in_force(source_id=source.pk).number + 1,
            mode=self.mode.value,
            events=msgspec.to_builtins(self.events),
            agreed_at=at,
        )
        turn_the_page()
        return int(version.number)

    def detail(self) -> dict[str, Any]:
        return {
            "source_key": self.source_key,
            "mode": self.mode.value,
            "events": [f"{event.type}:{event.name}" for event in self.events],
        }


def mode_words(mode: PlanMode) -> str:
    return {
        PlanMode.OFF: pgettext("what a plan does", "everything let in"),
        PlanMode.WARN: pgettext("what a plan does", "the unexpected let in and counted"),
        PlanMode.ENFORCE: pgettext("what a plan does", "the unexpected refused"),
    }[mode]


def plan_subject(key: str) -> Subject:
    source = Source.objects.filter(key=key).first()
    name = source.name if source else Bilingual(key, key)
    return Subject(f"plan:{key}", name, reverse("collect:plan", args=[key]))


def check_plan(events: tuple[PlannedEvent, ...], mode: PlanMode) -> None:
    """Bounded, each line once, every type known. Raises ``Invalid``."""
    if mode is PlanMode.ENFORCE and not events:
        raise Invalid(_("A plan that expects nothing would refuse everything: choose its events."))
    check_events(events)


def check_events(events: tuple[PlannedEvent, ...]) -> None:
    """As ``check_plan``, whatever is done with the unexpected: a draft may still be empty."""
    if len(events) > MAX_EVENTS:
        raise Invalid(_("At most %(count)s events in a plan.") % {"count": MAX_EVENTS})
    places = [(event.type, event.name) for event in events]
    if len(set(places)) < len(places):
        raise Invalid(_("The same event stands twice in this plan."))
    for event in events:
        _check_event(event)


def _check_event(event: PlannedEvent) -> None:
    names = [planned.name for planned in event.properties]
    sound = (
        event.type in set(EventType)
        and (event.type, event.name) == place_of(event.type, event.name)
        and (bool(event.name) or event.type != EventType.TRACK)
        and len(names) <= MAX_PROPERTIES
        and len(set(names)) == len(names)
        and all(planned.type in TYPES for planned in event.properties)
        and all(names)
        and all(keepable(name) for name in (event.name, *names))
    )
    if not sound:
        raise Invalid(
            _("“%(name)s” is not described as a plan does.") % {"name": event.name or event.type}
        )
