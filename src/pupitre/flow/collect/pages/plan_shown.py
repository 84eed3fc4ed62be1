"""A draft as its page shows it: event by event, what it would change, what it would refuse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.flow.collect.contracts import PlannedEvent
from pupitre.flow.collect.details import Detail, Wrong
from pupitre.flow.collect.pages.plan_draft import Draft
from pupitre.flow.collect.sources.foreseeing import Arrival, Foreseen, foresee
from pupitre.flow.collect.sources.inference import (
    Change,
    Difference,
    SeenEvent,
    differences,
    place_of,
    propose,
)
from pupitre.flow.collect.words import PROPERTY_TYPES, TYPES, Words
from pupitre.lake.contracts import EventType

MAX_CHANGES = 8  # in sight; the others are a click away


@dataclass(frozen=True, slots=True)
class PropertyLine:
    """One property of a planned event, and in which share of the events seen it was."""

    at: int
    name: str
    type: str
    required: bool
    share: float | None

    @property
    def words(self) -> Words:
        return PROPERTY_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the draft: as planned, as seen, and how it differs from the plan in force."""

    at: int
    planned: PlannedEvent
    seen: SeenEvent | None
    in_force: PlannedEvent | None
    arrives: tuple[Difference, ...]  # what arrives against the draft
    unfolded: bool

    @property
    def label(self) -> Words:
        return label(self.planned.type, self.planned.name)

    @property
    def kind(self) -> Words:
        return TYPES[EventType(self.planned.type)]

    @property
    def place(self) -> str:
        return f"{self.planned.type}:{self.planned.name}"

    @property
    def added(self) -> bool:
        return self.in_force is None

    @property
    def changed(self) -> bool:
        return self.in_force is not None and bool(differences((self.in_force,), (self.planned,)))

    @property
    def required(self) -> int:
        return sum(planned.required for planned in self.planned.properties)

    @property
    def properties(self) -> tuple[PropertyLine, ...]:
        shares = {p.name: self.seen.share(p) for p in self.seen.properties} if self.seen else {}
        return tuple(
            PropertyLine(at, p.name, p.type, p.required, shares.get(p.name))
            for at, p in enumerate(self.planned.properties)
        )


@dataclass(frozen=True, slots=True)
class Unplanned:
    """An event that arrives and that the draft does not have."""

    place: str
    label: Words
    seen: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What would change, in sentences, and what the plan would have made of what arrived."""

    changes: tuple[str, ...]
    foreseen: Foreseen

    @property
    def first(self) -> tuple[str, ...]:
        return self.changes[:MAX_CHANGES]

    @property
    def others(self) -> tuple[str, ...]:
        return self.changes[MAX_CHANGES:]

    @property
    def reasons(self) -> tuple[tuple[int, Words, Detail | None], ...]:
        return tuple(
            (r.count, label(r.type, r.name), r.detail and _in_words(r.detail))
            for r in self.foreseen.reasons
        )


def label(type_: str, name: str) -> Words:
    return name or TYPES[EventType(type_)]


def lines_of(
    draft: Draft, *, agreed: Iterable[PlannedEvent], seen: tuple[SeenEvent, ...]
) -> tuple[Line, ...]:
    found = {event.place: event for event in seen}
    in_force = {(event.type, event.name): event for event in agreed}
    lines = []
    for at, planned in enumerate(draft.events):
        place = (planned.type, planned.name)
        arriving = found.get(place)
        arrives: tuple[Difference, ...] = ()
        if arriving is not None:
            arrives = tuple(
                replace(d, was=_type_words(d.was), now=_type_words(d.now))
                for d in differences((planned,), propose((arriving,), (planned,)))
            )
        lines.append(
            Line(at, planned, arriving, in_force.get(place), arrives, at == draft.unfolded)
        )
    return tuple(lines)


def unplanned_of(draft: Draft, seen: Iterable[SeenEvent]) -> tuple[Unplanned, ...]:
    places = {place_of(event.type, event.name) for event in draft.events}
    return tuple(
        Unplanned(f"{event.type}:{event.name}", label(*event.place), event.seen)
        for event in seen
        if event.place not in places
    )


def effect_of(
    events: tuple[PlannedEvent, ...],
    *,
    agreed: tuple[PlannedEvent, ...],
    arrivals: Iterable[Arrival],
) -> Effect:
    planned = {(event.type, event.name): event for event in events}
    changes = tuple(_change(found, planned) for found in differences(agreed, events))
    return Effect(changes, foresee(arrivals, events))


def _change(found: Difference, planned: dict[tuple[str, str], PlannedEvent]) -> str:
    """From the plan in force to the draft, in plain words."""
    said = {
        "event": label(found.type, found.name),
        "property": found.property,
        "was": _type_words(found.was),
        "now": _type_words(found.now),
    }
    match found.change:
        case Change.NEW_EVENT:
            count = len(planned[found.type, found.name].properties)
            if not count:
                return _("“%(event)s” comes in, whatever its properties.") % said
            return ngettext(
                "“%(event)s” comes in, with %(count)s property.",
                "“%(event)s” comes in, with %(count)s properties.",
                count,
            ) % {**said, "count": count}
        case Change.UNSEEN_EVENT:
            return _("“%(event)s” is taken out.") % said
        case Change.NEW_PROPERTY:
            event = planned[found.type, found.name]
            if any(p.name == found.property and p.required for p in event.properties):
                return _("“%(event)s”: “%(property)s” comes in, and is required.") % said
            return _("“%(event)s”: “%(property)s” comes in.") % said
        case Change.UNSEEN_PROPERTY:
            return _("“%(event)s”: “%(property)s” is taken out.") % said
        case Change.OTHER_TYPE:
            return _("“%(event)s”: the type of “%(property)s” was %(was)s, and is %(now)s.") % said
        case Change.NOW_REQUIRED:
            return _("“%(event)s”: “%(property)s” becomes required.") % said
        case _:
            return _("“%(event)s”: “%(property)s” is no longer required.") % said


def _in_words(found: Detail) -> Detail:
    """With the type of a property as this page calls it."""
    if found.wrong is not Wrong.PROPERTY_OF_OTHER_TYPE:
        return found
    values = (
        (name, _type_words(str(value)) if name == "type" else value) for name, value in found.values
    )
    return replace(found, values=tuple(values))


def _type_words(type_: str) -> str:
    return str(PROPERTY_TYPES.get(type_, type_))
