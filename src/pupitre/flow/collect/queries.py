"""What pages ask of the collector's own store: the latest events, the quarantine, the counters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise

from pupitre.core.bilingual import Bilingual
from pupitre.core.microseconds import instant, since_1970
from pupitre.flow.collect.contracts import ACCEPTED, DUPLICATE, Refusal, Treatment
from pupitre.flow.collect.details import Detail, read
from pupitre.flow.collect.intake.books import DROPPED, MINUTE_US
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.flow.collect.words import CHANNELS
from pupitre.lake.contracts import Channel

MAX_ROWS = 500
REFUSALS = frozenset(reason.value for reason in Refusal)
TREATMENTS = frozenset(treatment.value for treatment in Treatment)


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """An event that was let in, as its source's live view keeps it."""

    id: int
    source: str
    at: datetime
    type: str
    name: str
    message_id: str
    shown: str  # JSON of the whole event


@dataclass(frozen=True, slots=True)
class Held:
    """An event that was refused. ``raw`` is what came, or its beginning."""

    id: int
    source: str
    at: datetime
    reason: str
    detail: Detail | None  # nothing where nothing was said
    raw: bytes = b""
    whole: bool = True
    type: str = ""  # that its address gave it, where the event does not say it itself
    sent_us: int | None = None


@dataclass(frozen=True, slots=True)
class HeldCount:
    source: str
    reason: str
    events: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many events had one outcome, in one stretch of time."""

    source: str
    at: datetime  # when the stretch begins
    outcome: str  # "accepted", "duplicate", a Refusal, a Treatment, "dropped_from_quarantine"
    events: int

    @property
    def is_refusal(self) -> bool:
        return self.outcome in REFUSALS


@dataclass(frozen=True, slots=True)
class Rates:
    """What came from a source over a time."""

    source: str
    accepted: int
    duplicates: int
    refused: int
    treated: int
    dropped_from_quarantine: int
    last_at: datetime | None  # the minute of the last event of any outcome


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to go from the journal into the lake."""

    bytes: int
    since: datetime | None  # when the oldest of it was received
    trouble: str  # what keeps the drain from it


def _rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with home().looking() as engine:
        return [] if engine is None else engine.run(sql, parameters)


def latest_events(*, source: str = "", limit: int = 50) -> tuple[LiveEvent, ...]:
    """Newest first."""
    where, given = ("WHERE source = ?", (source,)) if source else ("", ())
    rows = _rows(
        "SELECT id, source, received_us, type, name, message_id, shown FROM latest "  # noqa: S608
        f"{where} ORDER BY id DESC LIMIT ?",
        *given,
        min(limit, MAX_ROWS),
    )
    return tuple(
        LiveEvent(id_, key, instant(at), type_, name or "", message_id, shown)
        for id_, key, at, type_, name, message_id, shown in rows
    )


def held_counts() -> tuple[HeldCount, ...]:
    """What quarantine holds, the most frequent first."""
    rows = _rows(
        "SELECT source, reason, count(*) FROM quarantine GROUP BY source, reason ORDER BY 3 DESC"
    )
    return tuple(HeldCount(*row) for row in rows)


def held(
    *,
    source: str = "",
    reason: str = "",
    before: int | None = None,
    limit: int = 50,
) -> tuple[Held, ...]:
    """Newest first, without the raw bytes; those after a page are ``before`` its last number."""
    if "\0" in source + reason:  # PostgreSQL takes no such text, and nothing is called so
        return ()
    where, given = ["1 = 1"], []
    if source:
        where.append("source = ?")
        given.append(source)
    if reason:
        where.append("reason = ?")
        given.append(reason)
    if before is not None:
        where.append("id < ?")
        given.append(before)  # type: ignore[arg-type]
    rows = _rows(
        "SELECT id, source, received_us, reason, detail, whole, type FROM quarantine "  # noqa: S608
        f"WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?",
        *given,
        min(limit, MAX_ROWS),
    )
    return tuple(
        Held(id_, key, instant(at), why, read(detail), b"", bool(whole), type_)
        for id_, key, at, why, detail, whole, type_ in rows
    )


def held_one(*, id_: int) -> Held | None:
    rows = _rows(
        "SELECT id, source, received_us, reason, detail, raw, whole, type, sent_us "
        "FROM quarantine WHERE id = ?",
        id_,
    )
    for number, key, at, why, detail, raw, whole, type_, sent_us in rows:
        found = read(detail)
        return Held(number, key, instant(at), why, found, bytes(raw), bool(whole), type_, sent_us)
    return None


def counts(
    *, since: datetime, until: datetime, source: str = "", step_minutes: int = 1
) -> tuple[Count, ...]:
    """Events by source, outcome and stretch of time, in the order of time."""
    first, last = since_1970(since) // MINUTE_US, since_1970(until) // MINUTE_US
    where, given = ("AND source = ?", (source,)) if source else ("", ())
    rows = _rows(
        "SELECT source, minute / ? AS stretch, outcome, sum(events) FROM counts "  # noqa: S608
        f"WHERE minute >= ? AND minute < ? {where} GROUP BY source, stretch, outcome "
        "ORDER BY stretch, source, outcome",
        step_minutes,
        first,
        last,
        *given,
    )
    return tuple(
        Count(key, instant(stretch * step_minutes * MINUTE_US), outcome, int(events))
        for key, stretch, outcome, events in rows
    )


def rates(*, since: datetime, until: datetime, source: str = "") -> tuple[Rates, ...]:
    """What came from each source over a time; the sources of which nothing came are not in it."""
    found: dict[str, list[Count]] = {}
    for count in counts(since=since, until=until, source=source):
        found.setdefault(count.source, []).append(count)
    return tuple(_rates(key, of_source) for key, of_source in sorted(found.items()))


def _rates(source: str, of_source: list[Count]) -> Rates:
    def total(outcomes: frozenset[str]) -> int:
        return sum(count.events for count in of_source if count.outcome in outcomes)

    return Rates(
        source=source,
        accepted=total(frozenset({ACCEPTED})),
        duplicates=total(frozenset({DUPLICATE})),
        refused=total(REFUSALS),
        treated=total(TREATMENTS),
        dropped_from_quarantine=total(frozenset({DROPPED})),
        last_at=max((count.at for count in of_source), default=None),
    )


def refusals(*, since: datetime, until: datetime, source: str = "") -> tuple[HeldCount, ...]:
    """How many events were refused for which reason, the most frequent first."""
    tally: dict[tuple[str, str], int] = {}
    for count in counts(since=since, until=until, source=source):
        if count.is_refusal:
            place = (count.source, count.outcome)
            tally[place] = tally.get(place, 0) + count.events
    ordered = sorted(tally.items(), key=lambda entry: (-entry[1], entry[0]))
    return tuple(HeldCount(key, reason, events) for (key, reason), events in ordered)


def backlog() -> Backlog:
    desk = home().desk()
    try:
        since_us = desk.waiting_since_us()
        return Backlog(
            bytes=desk.backlog_bytes(),
            since=None if since_us is None else instant(since_us),
            trouble=desk.books.noted("trouble") or "",
        )
    finally:
        desk.close()


def last_hour(*, now: datetime) -> tuple[Rates, ...]:
    """For a page that shows how sources do: the sixty minutes before now, and this one."""
    return rates(since=now - timedelta(minutes=60), until=now + timedelta(minutes=1))


def source_names() -> dict[str, Bilingual]:
    """Every source that there is or was, by its key, as people call it."""
    return {source.key: source.name for source in all_sources()}


def sites_and_applications() -> frozenset[str]:
    """The sources whose write key, if they have one, stands where anyone may read it."""
    return frozenset(
        source.key
        for source in all_sources()
        if source.channel in (Channel.WEB, Channel.APP) or source.allowed_origins
    )


def channel_names() -> dict[str, str | Promise]:
    """What channels are called, by their key."""
    return {channel.value: name for channel, name in CHANNELS.items()}
