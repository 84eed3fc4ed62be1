"""What a plan would have made of the latest events, told before anybody agrees to it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from pupitre.flow.collect.contracts import PlannedEvent
from pupitre.flow.collect.details import Detail
from pupitre.flow.collect.receiving.planning import unexpected
from pupitre.flow.collect.sources.inference import Sample, place_of
from pupitre.lake.contracts import EventType

MAX_REASONS = 12  # told one by one; the rest is a number
_TRAITS = frozenset({EventType.IDENTIFY, EventType.GROUP})
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event of the lake as the plan's check takes it: properties and traits are JSON."""

    type: str
    name: str
    properties: str
    traits: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many events of one line would not have been expected."""

    type: str
    name: str  # empty where the plan speaks of the whole type
    count: int
    detail: Detail | None  # nothing: the plan does not have such an event at all

    @property
    def order(self) -> tuple[int, str, str, str]:
        return -self.count, self.type, self.name, self.detail.english if self.detail else ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    read: int  # events looked at
    unexpected: int
    reasons: tuple[Reason, ...]  # the most frequent first, at most ``MAX_REASONS``

    @property
    def untold(self) -> int:
        """Unexpected events whose reason is not among those told."""
        return self.unexpected - sum(reason.count for reason in self.reasons)

    @property
    def share(self) -> float:
        return self.unexpected / self.read if self.read else 0.0


def foresee(arrivals: Iterable[Arrival], events: Iterable[PlannedEvent]) -> Foreseen:
    """Each event against the plan, by the function that the collector itself asks."""
    plan = {(event.type, event.name): event for event in events}
    read = 0
    found: Counter[tuple[tuple[str, str], Detail | None]] = Counter()
    for arrival in arrivals:
        read += 1
        planned = plan.get((arrival.type, arrival.name)) or plan.get((arrival.type, ""))
        detail = unexpected(
            planned,
            type_=arrival.type,
            name=arrival.name,
            properties=arrival.properties,
            traits=arrival.traits,
        )
        if detail is not None:
            place = place_of(arrival.type, arrival.name)
            found[place, None if planned is None else detail] += 1
    reasons = [Reason(*place, count, detail) for (place, detail), count in found.items()]
    reasons.sort(key=lambda reason: reason.order)
    return Foreseen(read, found.total(), tuple(reasons[:MAX_REASONS]))


def samples_of(arrivals: Iterable[Arrival]) -> Iterable[Sample]:
    """The same events as inference reads them, without the identifiers that they came with."""
    for arrival in arrivals:
        text = arrival.traits if arrival.type in _TRAITS else arrival.properties
        try:
            described = _decode(text)
        except msgspec.MsgspecError:  # a number that no machine has, such as 1e999
            described = {}
        yield Sample(arrival.type, arrival.name, described)
