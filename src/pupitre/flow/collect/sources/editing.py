"""A tracking plan edited by hand, before anybody agrees to it. Pure: tuples in, tuples out.

What cannot be is refused with ``Invalid``, whose field is the input of the page that it is about.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import PlannedEvent, PlannedProperty
from pupitre.flow.collect.sources.inference import (
    MAX_EVENTS,
    MAX_PROPERTIES,
    NAME_CHARACTERS,
    TYPES,
    SeenEvent,
    place_of,
    propose,
)
from pupitre.lake.contracts import EventType

Events = tuple[PlannedEvent, ...]
Place = tuple[str, str]  # type, and name where the plan tells events apart by it
EVENT_NAME, EVENT_TYPE = "event_name", "event_type"
PROPERTY_NAME, PROPERTY_TYPE = "property_name", "property_type"


def where(events: Events, place: Place) -> int | None:
    """At which position of the plan such an event stands."""
    return next((at for at, event in enumerate(events) if place == _place(event)), None)


def with_event(events: Events, *, type_: str, name: str) -> Events:
    """One more event at the end, of which no property is said yet."""
    if type_ not in set(EventType):
        raise Invalid(_("Choose what kind of event it is."), field=EVENT_TYPE)
    name = typed(name)
    if type_ == EventType.TRACK:
        _check_name(name, field=EVENT_NAME)
    elif name:
        raise Invalid(
            _("Only an action has a name in a plan, the other kinds count as one: leave it empty."),
            field=EVENT_NAME,
        )
    if where(events, (type_, name)) is not None:
        raise Invalid(_("It stands in the plan already: edit it there."), field=EVENT_NAME)
    if len(events) >= MAX_EVENTS:
        raise Invalid(
            _("At most %(count)s events in a plan.") % {"count": MAX_EVENTS}, field=EVENT_NAME
        )
    return (*events, PlannedEvent(type_, name))


def without_event(events: Events, at: int) -> Events:
    return events[:at] + events[at + 1 :]


def with_property(event: PlannedEvent, *, name: str, type_: str, required: bool) -> PlannedEvent:
    name = typed(name)
    _check_name(name, field=PROPERTY_NAME)
    if any(planned.name == name for planned in event.properties):
        raise Invalid(_("This event has a property of that name already."), field=PROPERTY_NAME)
    if type_ not in TYPES:
        raise Invalid(_("Choose one of the types."), field=PROPERTY_TYPE)
    if len(event.properties) >= MAX_PROPERTIES:
        raise Invalid(
            _("At most %(count)s properties in an event.") % {"count": MAX_PROPERTIES},
            field=PROPERTY_NAME,
        )
    return _with(event, (*event.properties, PlannedProperty(name, type_, required)))


def without_property(event: PlannedEvent, at: int) -> PlannedEvent:
    return _with(event, event.properties[:at] + event.properties[at + 1 :])


def as_chosen(
    event: PlannedEvent, *, types: Mapping[int, str], required: frozenset[int]
) -> PlannedEvent:
    """Each property by its position, of the type chosen and required where that is ticked."""
    properties = []
    for at, planned in enumerate(event.properties):
        type_ = types.get(at, planned.type)
        if type_ not in TYPES:
            raise Invalid(_("Choose one of the types."), field=f"type_{at}")
        properties.append(PlannedProperty(planned.name, type_, at in required))
    return _with(event, tuple(properties))


def taken_over(events: Events, found: SeenEvent) -> Events:
    """With one event as it arrives, in its place or at the end."""
    (as_it_arrives,) = propose((found,), events)
    at = where(events, found.place)
    if at is None:
        if len(events) >= MAX_EVENTS:
            raise Invalid(_("At most %(count)s events in a plan.") % {"count": MAX_EVENTS})
        return (*events, as_it_arrives)
    return (*events[:at], as_it_arrives, *events[at + 1 :])


def all_taken_over(events: Events, seen: Iterable[SeenEvent]) -> Events:
    """What arrives as it arrives; what did not arrive lately stays, for it may be rare."""
    proposed = propose(seen, events)
    places = {_place(event) for event in proposed}
    rare = tuple(event for event in events if _place(event) not in places)
    if len(rare) + len(proposed) > MAX_EVENTS:
        raise Invalid(
            _("That would make more than %(count)s events: take over those that you need.")
            % {"count": MAX_EVENTS}
        )
    return (*proposed, *rare)


def typed(text: str) -> str:
    """A name as somebody typed it: no blanks around it, in the one Unicode form of the house."""
    return unicodedata.normalize("NFC", text).strip()


def _check_name(name: str, *, field: str) -> None:
    if not name:
        raise Invalid(_("Give it the name that the sender writes."), field=field)
    if len(name) > NAME_CHARACTERS:
        raise Invalid(
            _("Keep it under %(count)s characters.") % {"count": NAME_CHARACTERS}, field=field
        )
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise Invalid(_("This text holds characters that nobody can read."), field=field)


def _place(event: PlannedEvent) -> Place:
    return place_of(event.type, event.name)


def _with(event: PlannedEvent, properties: tuple[PlannedProperty, ...]) -> PlannedEvent:
    return replace(event, properties=properties)
