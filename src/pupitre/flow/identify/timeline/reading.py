"""Which events are a person's, and a page of them.

Nothing is copied: events rest in the lake under the identity that they came with, and the book says
whose that is. A merge, an unmerge or a late sign-in changes what is read here, at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

import numpy as np
from django.db.models import Count

from pupitre.core.microseconds import instant
from pupitre.flow.identify.book.reading import identifiers_of
from pupitre.flow.identify.book.upserting import parts
from pupitre.flow.identify.claiming import WRITTEN
from pupitre.flow.identify.holding import ALWAYS_US, Spans, stretches, unpacked
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, Spelling, Use
from pupitre.lake import queries as lake
from pupitre.lake.contracts import EVENT_NAMES
from pupitre.lake.queries import Place, Stretch, Wanted

PAGE_EVENTS = 50
MOST_EVENTS = 200
AT_ONCE = 5_000
_NAMED = ("pk", "kind", "value")
MOST_HANDS = 500  # of a device, before only what an event says itself counts
Whose = Mapping[int, int | None]  # identifier → person
Named = Mapping[int, tuple[str, str]]  # identifier → kind and value
NOTHING_ELSE: Whose = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """``rows``: of each event, its columns by name. ``more``: whether there are older ones, after
    ``last``."""

    rows: tuple[dict[str, object], ...]
    more: bool
    last: Place | None


def page(
    *,
    person: int,
    before: Place | None = None,
    since: datetime | None = None,
    channels: tuple[str, ...] = (),
    types: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    limit: int = PAGE_EVENTS,
    whose: Whose | None = None,
) -> TimelinePage:
    """The events of a person, newest first. Raises LakeError, TooLong.

    ``whose``: identifier → person, where it is to be read as if that were so.
    """
    limit = max(1, min(limit, MOST_EVENTS))
    wanted = Wanted(before, since, channels, types, names, sources)
    mine = stretches_of(person, whose=whose)
    if not mine:
        return TimelinePage((), more=False, last=None)
    found = lake.events_of(mine, wanted=wanted, limit=limit + 1)
    rows = tuple(dict(zip(EVENT_NAMES, map(_aware, row), strict=True)) for row in found[:limit])
    return TimelinePage(rows, more=len(found) > limit, last=_place(rows[-1]) if rows else None)


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _place(row: dict[str, object]) -> Place:
    at = row["corrected_at"]
    assert isinstance(at, datetime)  # noqa: S101  (the lake's column says so)
    return Place(at, str(row["source"]), str(row["message_id"]))


def stretches_of(person: int, *, whose: Whose | None = None) -> tuple[Stretch, ...]:
    """Where a person's events lie in the lake."""
    if whose is None:
        there = identifiers_of(person)
        known = [one.pk for one in there]
        named: Named = {one.pk: (one.kind, one.value) for one in there}
    else:
        known = [pk for pk, theirs in whose.items() if theirs == person]
        named = _written(known)
    own = {pk: one for pk, one in named.items() if one[0] == Kind.USER_ID}
    whole = [Stretch(text) for texts in _texts(own).values() for text in texts]
    return (*whole, *_on_devices(person, known, whose or {}))


def identities(identifiers: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """How the lake writes these user ids and anonymous ids."""
    return _texts(_written(identifiers))


def _written(identifiers: Iterable[int]) -> Named:
    found: dict[int, tuple[str, str]] = {}
    for part in parts(identifiers, AT_ONCE):
        rows = Identifier.objects.filter(pk__in=part, kind__in=WRITTEN)
        found.update((pk, (kind, value)) for pk, kind, value in rows.values_list(*_NAMED))
    return found


def _texts(named: Named) -> dict[int, tuple[str, ...]]:
    found = {pk: [f"{kind}:{value}"] for pk, (kind, value) in named.items()}
    for part in parts(named, AT_ONCE):
        rows = Spelling.objects.filter(identifier__in=part)
        for pk, text in rows.values_list("identifier_id", "text"):
            found[pk].append(text)
    return {pk: tuple(sorted(texts)) for pk, texts in found.items()}


def devices_of(identifiers: Iterable[int]) -> tuple[int, ...]:
    """The anonymous ids on which somebody said that they were one of these."""
    found: set[int] = set()
    for part in parts(identifiers, AT_ONCE):
        rows = Use.objects.filter(naming__in=part, device__kind=Kind.ANONYMOUS_ID)
        found.update(rows.values_list("device_id", flat=True))
    return tuple(sorted(found))


def held_by(devices: Iterable[int], *, whose: Whose = NOTHING_ELSE) -> Spans:
    """In whose hand these devices were, when. ``person`` is a person's number."""
    stays: list[tuple[int, int, int, int]] = []
    said: list[tuple[int, int, int, int]] = []
    for part in parts(devices, AT_ONCE):
        rows = Use.objects.filter(device__in=part).values_list(
            "device_id", "naming_id", "naming__person", "stays", "said"
        )
        for device, naming, today, stay, says in rows.iterator(AT_ONCE):
            person = whose.get(naming, today)
            if person is None:  # somebody, and nobody knows who: not whoever else signed in
                person = -2 - naming
            stays += [(device, person, a, b) for a, b in unpacked(stay).reshape(-1, 2).tolist()]
            said += [(device, person, at, at) for at in unpacked(says).tolist()]
    return stretches(_spans(stays), _spans(said))


def _spans(rows: list[tuple[int, int, int, int]]) -> Spans:
    table = np.array(rows, np.int64).reshape(-1, 4)
    return Spans(table[:, 0], table[:, 1], table[:, 2], table[:, 3])


def _on_devices(person: int, known: list[int], whose: Whose) -> tuple[Stretch, ...]:
    devices = devices_of(known)
    many = _of_a_crowd(devices)
    held = held_by((one for one in devices if one not in many), whose=whose)
    texts = identities(devices)
    mine = held.person == person
    spans = [
        (device, since, until)
        for device, since, until in zip(
            held.device[mine].tolist(),
            held.from_us[mine].tolist(),
            held.to_us[mine].tolist(),
            strict=True,
        )
    ]
    for part in parts(known, AT_ONCE):
        rows = Use.objects.filter(naming__in=part, device__in=many).values_list("device_id", "said")
        spans += [(device, at, at) for device, said in rows for at in unpacked(said).tolist()]
    return tuple(
        Stretch(text, *_bounds(since, until))
        for device, since, until in spans
        for text in texts[device]
    )


def _of_a_crowd(devices: Iterable[int]) -> frozenset[int]:
    """A till, a kiosk, a service desk's own browser: in too many hands to say more of an event than
    it says itself."""
    found: set[int] = set()
    for part in parts(devices, AT_ONCE):
        counted = Use.objects.filter(device__in=part).values("device").annotate(hands=Count("pk"))
        found.update(counted.filter(hands__gt=MOST_HANDS).values_list("device", flat=True))
    return frozenset(found)


def _bounds(since: int, until: int) -> tuple[datetime, datetime] | tuple[None, None]:
    return (None, None) if since == -ALWAYS_US else (instant(since), instant(until))
