"""A tracking plan out of what arrives: what was seen, what to agree to, what differs. Pure."""

from __future__ import annotations

import enum
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pupitre.flow.collect.contracts import PlannedEvent, PlannedProperty
from pupitre.lake.contracts import EventType

MAX_EVENTS = 150  # of one plan
MAX_PROPERTIES = 60  # of one event
NAME_CHARACTERS = 200
ENOUGH = 20  # events seen before “always there” means anything
TYPES = ("string", "number", "boolean", "object", "array", "any")
# Told apart by their name; of the others a plan speaks as a whole: a site has too many pages.
_NAMED = frozenset({EventType.TRACK})
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Sample:
    """One event that arrived. Properties, or the traits of an identify and a group."""

    type: str
    name: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenProperty:
    name: str
    present: int  # events that had it, with a value
    types: tuple[tuple[str, int], ...]  # most frequent first

    @property
    def type(self) -> str:
        """The one type that it always had, or “any”."""
        return self.types[0][0] if len(self.types) == 1 else "any"


@dataclass(frozen=True, slots=True)
class SeenEvent:
    type: str
    name: str  # empty where the plan speaks of the whole type
    seen: int
    properties: tuple[SeenProperty, ...]

    @property
    def place(self) -> tuple[str, str]:
        return self.type, self.name

    def share(self, found: SeenProperty) -> float:
        return found.present / self.seen


class Change(enum.StrEnum):
    NEW_EVENT = "new_event"
    UNSEEN_EVENT = "unseen_event"  # agreed to, and not among what arrived lately
    NEW_PROPERTY = "new_property"
    UNSEEN_PROPERTY = "unseen_property"
    OTHER_TYPE = "other_type"
    NOW_REQUIRED = "now_required"
    NOT_REQUIRED = "not_required"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which what arrives is not what was agreed."""

    change: Change
    type: str
    name: str
    property: str = ""
    was: str = ""
    now: str = ""


@dataclass
class _Tally:
    seen: int = 0
    present: Counter[str] = field(default_factory=Counter)
    types: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, properties: Mapping[str, Any]) -> None:
        self.seen += 1
        for name, value in properties.items():
            if value is None or not name or not keepable(name):
                continue
            if name not in self.types and len(self.types) >= MAX_PROPERTIES:
                continue
            self.present[name] += 1
            self.types.setdefault(name, Counter())[type_of(value)] += 1


def type_of(value: object) -> str:
    """The type of a JSON value, as plans name it."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list | tuple) else "object"


def infer(samples: Iterable[Sample]) -> tuple[SeenEvent, ...]:
    """What was seen, the most frequent first; at most ``MAX_EVENTS`` of them."""
    tallies: dict[tuple[str, str], _Tally] = {}
    for sample in samples:
        place = place_of(sample.type, sample.name)
        if not keepable(place[1]) or (not place[1] and place[0] in _NAMED):
            continue
        tallies.setdefault(place, _Tally()).add(sample.properties)
    events = [
        SeenEvent(kind, name, tally.seen, _properties(tally))
        for (kind, name), tally in tallies.items()
    ]
    events.sort(key=lambda event: (-event.seen, event.place))
    return tuple(events[:MAX_EVENTS])


def keepable(name: str) -> bool:
    """Whether a plan may hold it: not too long, and text that both databases keep."""
    return len(name) <= NAME_CHARACTERS and not _NOT_KEPT.search(name)


def place_of(kind: str, name: str) -> tuple[str, str]:
    """Under which line of a plan an event stands."""
    return (kind, name) if kind in _NAMED else (kind, "")


def propose(
    seen: Iterable[SeenEvent], agreed: Iterable[PlannedEvent] = ()
) -> tuple[PlannedEvent, ...]:
    """The plan that everything seen would have kept to.

    What was always there is required once enough was seen, or where it was agreed to be: too few
    events are no reason to loosen a plan.
    """
    firm = {
        (event.type, event.name, planned.name)
        for event in agreed
        for planned in event.properties
        if planned.required
    }
    return tuple(
        PlannedEvent(
            type=event.type,
            name=event.name,
            properties=tuple(
                PlannedProperty(
                    name=found.name,
                    type=found.type,
                    required=found.present == event.seen
                    and (event.seen >= ENOUGH or (*event.place, found.name) in firm),
                )
                for found in event.properties
            ),
        )
        for event in seen
    )


def differences(
    agreed: Iterable[PlannedEvent], proposed: Iterable[PlannedEvent]
) -> tuple[Difference, ...]:
    """From the plan in force to the one proposed: events by name, then property by property."""
    before = {(event.type, event.name): event for event in agreed}
    after = {(event.type, event.name): event for event in proposed}
    found: list[Difference] = []
    for place in sorted(before.keys() | after.keys()):
        old, new = before.get(place), after.get(place)
        if old is None:
            found.append(Difference(Change.NEW_EVENT, *place))
        elif new is None:
            found.append(Difference(Change.UNSEEN_EVENT, *place))
        else:
            found.extend(_inside(old, new))
    return tuple(found)


def _inside(old: PlannedEvent, new: PlannedEvent) -> Iterable[Difference]:
    before = {planned.name: planned for planned in old.properties}
    after = {planned.name: planned for planned in new.properties}
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name), after.get(name)
        if was is None:
            yield Difference(Change.NEW_PROPERTY, new.type, new.name, name)
        elif now is None:
            yield Difference(Change.UNSEEN_PROPERTY, new.type, new.name, name)
        else:
            if was.type != now.type:
                yield Difference(
                    Change.OTHER_TYPE, new.type, new.name, name, was=was.type, now=now.type
                )
            if was.required != now.required:
                change = Change.NOW_REQUIRED if now.required else Change.NOT_REQUIRED
                yield Difference(change, new.type, new.name, name)


def _properties(tally: _Tally) -> tuple[SeenProperty, ...]:
    found = [
        SeenProperty(
            name,
            tally.present[name],
            tuple(sorted(types.items(), key=lambda pair: (-pair[1], pair[0]))),
        )
        for name, types in tally.types.items()
    ]
    return tuple(sorted(found, key=lambda seen: (-seen.present, seen.name)))
