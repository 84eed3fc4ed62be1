"""A visible list of named steps, each timed and counted.

Each step takes one value and gives one value, or a refusal that ends the way. The last one waits
for the disk.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.intake.group_commit import GroupCommit, JournalFull
from pupitre.flow.collect.intake.records import Entry, Parcel, refused, seal
from pupitre.flow.collect.receiving.authenticating import authenticate
from pupitre.flow.collect.receiving.parsing import parse
from pupitre.flow.collect.receiving.requests import (
    Kept,
    Known,
    Parsed,
    Received,
    Sorted,
    Turn,
    TurnedAway,
)
from pupitre.flow.collect.receiving.validating import validate

FAULT = detail(Wrong.FAULT)
log = logging.getLogger("pupitre.collect")
OVERLOADED = TurnedAway(
    Turn.OVERLOADED, 503, "More comes than can be kept just now: please send it again."
)


@dataclass(slots=True)
class Tally:
    """What a step has cost this process so far."""

    calls: int = 0
    turned_away: int = 0
    nanoseconds: int = 0


@dataclass
class Tallies:
    of_step: dict[str, Tally] = field(default_factory=dict)
    turned_away: dict[str, int] = field(default_factory=dict)  # by Turn
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, step: str) -> Tally:
        return self.of_step.setdefault(step, Tally())

    def turn(self, turn: Turn) -> None:
        with self._lock:
            self.turned_away[turn] = self.turned_away.get(turn, 0) + 1

    def told(self) -> Mapping[str, Tally]:
        return dict(self.of_step)


def journalling(keeper: GroupCommit) -> Callable[[Sorted], Awaitable[Kept | TurnedAway]]:
    """Step 4: on the disk before anybody is told so."""

    async def journal(found: Sorted) -> Kept | TurnedAway:
        parcel = found.parcel
        if parcel.records or parcel.refused:
            entry = Entry(seal(parcel), len(parcel.records) + len(parcel.refused))
            try:
                await keeper.keep(entry)
            except JournalFull:
                return OVERLOADED
        return Kept(parcel, found.whole)

    return journal


def _set_aside(value: Received | Known | Parsed) -> Sorted | Parsed | TurnedAway:
    """What only a fault of ours can have stopped: kept, to be replayed once it is mended."""
    if isinstance(value, Received):
        return OVERLOADED  # whose it is cannot be told: the sender keeps it, and tries again
    known = value.known if isinstance(value, Parsed) else value
    kept = refused(Refusal.UNREADABLE, FAULT, known.received.body)
    away = TurnedAway(Turn.UNREADABLE, 400, FAULT.english)
    if isinstance(value, Parsed):
        source = known.source
        parcel = Parcel(source.key, source.channel.value, known.received.at_us, (), (kept,))
        return Sorted(parcel, away)
    return Parsed(known, (), (), (kept,), whole=away)


class Pipeline:
    """authenticate → parse → validate → journal."""

    def __init__(self, keeper: GroupCommit) -> None:
        self.steps: tuple[Callable[[Any], Any], ...] = (authenticate, parse, validate)
        self.last = journalling(keeper)
        self.tallies = Tallies()
        self._counted = [(step, self.tallies.of(step.__name__)) for step in self.steps]
        self._kept = self.tallies.of(self.last.__name__)

    async def run(self, received: Received) -> Kept | TurnedAway:
        value: Any = received
        for step, tally in self._counted:
            began = time.perf_counter_ns()
            try:
                value = step(value)
            except Exception:
                log.exception("A request could not be understood: a fault of ours")
                value = _set_aside(value)
            tally.nanoseconds += time.perf_counter_ns() - began
            tally.calls += 1
            if value.__class__ is TurnedAway:
                tally.turned_away += 1
                return value
        began = time.perf_counter_ns()
        outcome = await self.last(value)
        self._kept.nanoseconds += time.perf_counter_ns() - began
        self._kept.calls += 1
        if outcome.__class__ is TurnedAway:
            self._kept.turned_away += 1
        return outcome
