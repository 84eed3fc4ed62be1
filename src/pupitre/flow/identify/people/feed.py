"""The timeline as a reader sees it: the lake's rows, masked, then told."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from pupitre.core.bilingual import Bilingual
from pupitre.core.clock import day_of
from pupitre.core.microseconds import instant, since_1970
from pupitre.flow.collect.queries import source_names
from pupitre.flow.identify.people.fields import FieldKind
from pupitre.flow.identify.people.helping import NAMES, Fact, Happened, helpful
from pupitre.flow.identify.people.masking import Field, Sees, masked_event, scrubbed
from pupitre.flow.identify.people.reading import at_utc
from pupitre.flow.identify.people.silence import silence
from pupitre.flow.identify.people.telling import CHANNELS, COLOURS, SORTS, told
from pupitre.flow.identify.timeline import reading as timeline
from pupitre.lake.contracts import Channel
from pupitre.lake.queries import Place

FIRST_PAGE = 20  # a screen and a half: half as many months to unpack as for fifty
PAGE = 50
FACT_EVENTS = 200
_PARTS = ("properties", "traits", "context", "extra")
_SORTS = {sort.key: sort for sort in SORTS}


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    sentence: str
    channel: str
    colour: str
    source: str
    name: str
    type: str
    fields: tuple[Field, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    at: datetime
    events: tuple[Event, ...]
    goes_on: bool  # the page before this one ended within the day


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of the timeline. ``older``: what to ask for next; empty at the end."""

    days: tuple[Day, ...]
    older: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """By what the reader narrowed the timeline. What is unknown narrows nothing."""

    channel: str = ""
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Narrowed:
        channel, sort = given.get("channel", ""), given.get("kind", "")
        return cls(
            channel if channel in {one.value for one in Channel} else "",
            sort if sort in _SORTS else "",
        )


def feed(
    person: int,
    *,
    seen: Sees,
    hidden: Iterable[str],
    narrowed: Narrowed,
    after: str = "",
    limit: int | None = None,
    whose: Mapping[int, int | None] | None = None,
) -> Feed:
    """Raises LakeError, TooLong. ``whose``: identifier → person, to read it as if that were so."""
    sort = _SORTS.get(narrowed.sort)
    before = read_place(after)
    page = timeline.page(
        person=person,
        before=before,
        channels=(narrowed.channel,) if narrowed.channel else (),
        types=sort.types if sort else (),
        names=sort.names if sort else (),
        limit=limit or (PAGE if before else FIRST_PAGE),
        whose=whose,
    )
    names, hides = source_names(), tuple(hidden)
    events = [_event(row, seen, hides, names) for row in page.rows]
    days: list[Day] = []
    for day, some in groupby(events, key=lambda event: day_of(event.at)):
        those = tuple(some)
        goes_on = not days and before is not None and day_of(before.at) == day
        days.append(Day(day, those[0].at, those, goes_on))
    return Feed(tuple(days), written_place(page.last) if page.more and page.last else "")


def facts(person: int, *, seen: Sees, hidden: Iterable[str], now: datetime) -> tuple[Fact, ...]:
    """What helps now; raises LakeError, TooLong."""
    page = timeline.page(person=person, names=NAMES, limit=FACT_EVENTS)
    hides = tuple(hidden)
    happened = (_happened(row, seen, hides) for row in page.rows)
    return helpful(happened, now=now, silence=silence(person, at=now))


def _happened(row: Mapping[str, object], seen: Sees, hides: tuple[str, ...]) -> Happened:
    fields = masked_event({"properties": _text(row, "properties")}, seen, hides)
    at = at_utc(row["corrected_at"])
    return Happened(_text(row, "name"), _text(row, "channel"), at, _said(fields))


def _event(
    row: Mapping[str, object], seen: Sees, hides: tuple[str, ...], names: Mapping[str, Bilingual]
) -> Event:
    properties = masked_event({"properties": _text(row, "properties")}, seen, hides)
    rest = masked_event({part: _text(row, part) for part in _PARTS[1:]}, seen, hides)
    name = scrubbed(_text(row, "name"), seen, hides)
    channel, type_, source = (_text(row, column) for column in ("channel", "type", "source"))
    return Event(
        at=at_utc(row["corrected_at"]),
        sentence=told(type_, name, _said(properties)),
        channel=str(CHANNELS.get(channel, channel)),
        colour=COLOURS.get(channel, "other"),
        source=str(names.get(source, source)),
        name=name,
        type=type_,
        fields=(*properties, *rest, *_amount(row, seen)),
        message=scrubbed(_text(row, "message_id"), seen, hides),
    )


def _amount(row: Mapping[str, object], seen: Sees) -> tuple[Field, ...]:
    if row.get("amount") is None:
        return ()
    shown = FieldKind.AMOUNT in seen
    text = f"{row['amount']} {row.get('currency') or ''}".strip() if shown else ""
    return (Field("amount", text, FieldKind.AMOUNT, hidden=not shown),)


def _said(fields: Iterable[Field]) -> dict[str, str]:
    return {field.name: field.value for field in fields if not field.hidden}


def _text(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value)


def written_place(place: Place) -> str:
    """Where a page ends, for an address: not to be understood, only to be sent back."""
    text = json.dumps([since_1970(place.at), place.source, place.message_id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(text: str) -> Place | None:
    """None for what we did not write: then the timeline begins at its beginning."""
    with suppress(ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        us, source, message = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if isinstance(us, int) and isinstance(source, str) and isinstance(message, str):
            f"{source}{message}".encode()  # half a letter: no event has one, and no engine takes it
            return Place(instant(us), source, message)
    return None
