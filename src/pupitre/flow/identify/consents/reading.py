"""What customers agree to now: of one person, or of everybody at once."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)

from pupitre.core.bilingual import Bilingual
from pupitre.core.microseconds import instant, since_1970
from pupitre.flow.identify.consents.law import ALL, CHANNELS, RANKS, at_of, heard, rank, said_of
from pupitre.flow.identify.consents.purposes import PurposeRow, all_purposes, purpose_of
from pupitre.flow.identify.consents.sources import unheard
from pupitre.flow.identify.models import Consent, Pause, Restraint, Said

Ints = npt.NDArray[np.int64]
LINES_AT_ONCE = 500
MOST_BESIDE = 8  # identifiers of one person, mostly
MESSAGES = frozenset({"email", "sms", "phone", "post", "app"})  # by which one is written or called
_RANK = Max(F("at_us") * RANKS + F("said"))


class Held(enum.StrEnum):
    """Why nothing is done on a consent that was given."""

    PAUSED = "paused"  # by the customer, for a while
    RESTRICTED = "restricted"  # article 18: their data is only kept
    OBJECTS = "objects"  # article 21: to prospecting


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person says of a purpose on a channel."""

    purpose: str
    channel: str
    name: Bilingual  # of the purpose; its key where the book has no such purpose
    said: Said | None  # None: nothing
    at: datetime | None
    agreed: bool  # whether it may be used now: said, asked for by the book, and not held back
    in_book: bool  # a purpose of the book, asked on this channel, not retired
    held: Held | None  # what holds it back, whatever was said
    line: int | None  # number of the line that is heard


def rank_of(one: Standing) -> int:
    """Which line is heard, in one number that grows; 0 where nothing was said."""
    return 0 if one.at is None or one.said is None else rank(since_1970(one.at), one.said)


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the ledger, as it is shown."""

    number: int
    purpose: str
    channel: str
    said: Said
    at: datetime
    by: str
    source: str
    seat_id: int | None
    place: str
    wording: str
    version: str
    ignored: bool  # given by the word of a source that is not heard


def standing(person: int, *, at: datetime) -> tuple[Standing, ...]:
    """Every purpose of the book on each of its channels, then what was said of others."""
    book = {row.key: row for row in all_purposes()}
    mine = Consent.objects.filter(identifier__person=person).exclude(_void(book.values()))
    ranks = {
        (purpose, channel): int(ranked)
        for purpose, channel, ranked in mine.values_list("purpose", "channel").annotate(r=_RANK)
    }
    numbers = {
        (purpose, channel, at_us, said): number
        for number, purpose, channel, at_us, said in mine.filter(
            at_us__in={at_of(ranked) for ranked in ranks.values()}
        ).values_list("pk", "purpose", "channel", "at_us", "said")
    }
    by_moment = {(at_us, said): number for (_p, _c, at_us, said), number in numbers.items()}
    holding = holds(person, at=at)
    places = [(row.key, channel) for row in book.values() for channel in row.channels]
    places += sorted(place for place in ranks if place not in places and ALL not in place)

    def one(purpose: str, channel: str) -> Standing:
        ranked = heard(ranks, purpose, channel)
        row = book.get(purpose)
        in_book = row is not None and row.asks(channel)
        said = None if ranked is None else said_of(ranked)
        held = next(
            (h for h in holding if h is not Held.OBJECTS or (row and row.prospecting)), None
        )
        return Standing(
            purpose=purpose,
            channel=channel,
            name=row.name if row else Bilingual(purpose, purpose),
            said=said,
            at=None if ranked is None else instant(at_of(ranked)),
            agreed=said is Said.GIVEN and in_book and held is None,
            in_book=in_book,
            held=held,
            line=None if ranked is None else by_moment.get((at_of(ranked), int(said_of(ranked)))),
        )

    return tuple(one(*place) for place in places)


def agreed(*, purpose: str, channel: str, at: datetime) -> Ints:
    """Everybody who agrees to a purpose on a channel now, by number, in order: one statement.

    Nobody where the book has no such purpose, does not ask it on that channel, or has retired it.
    """
    row = purpose_of(purpose)
    if row is None or not row.asks(channel):
        return np.empty(0, dtype=np.int64)
    found = (
        Consent.objects.filter(
            purpose__in=(purpose, ALL),
            channel__in=(channel, ALL),
            identifier__person__isnull=False,
        )
        .exclude(_void((row,)))
        .values("identifier__person")
        .annotate(left=_RANK % RANKS)
        .filter(left=Said.GIVEN.value)
        .exclude(identifier__person__in=_paused(since_1970(at)))
        .exclude(identifier__person__in=_restrained(row))
        .order_by("identifier__person")
        .values_list("identifier__person", flat=True)
    )
    return np.fromiter(found.iterator(chunk_size=50_000), dtype=np.int64)


def _void(rows: Iterable[PurposeRow]) -> Q:
    """What was given and does not count, as if nothing had been said: by the word of a source that
    is not heard, or to a sentence that counts no longer. Whatever number a source gives it, what
    was said before the sentence that counts was shown was said to an older one."""
    void = unheard()
    for row in rows:
        if row.counts_from > 1:
            old = [str(version) for version in range(1, row.counts_from)]
            earlier = Q(at_us__lt=since_1970(row.counts_since))
            given = Q(purpose=row.key, said=Said.GIVEN.value)
            void |= given & (Q(version__in=old) | earlier)
    return void


def paused_until(person: int, *, at: datetime) -> datetime | None:
    """Until when this person wants to hear nothing; None where they do not mind."""
    latest = (
        Pause.objects.filter(identifier__person=person)
        .order_by("-at_us", "-until_us")
        .values_list("until_us", flat=True)
        .first()
    )
    return instant(latest) if latest is not None and latest > since_1970(at) else None


def _paused(at_us: int) -> QuerySet[Pause, int | None]:
    """The people who pause: their latest word is a pause that has not ended."""
    later = Pause.objects.filter(
        identifier__person=OuterRef("identifier__person"), at_us__gt=OuterRef("at_us")
    )
    return (
        Pause.objects.filter(until_us__gt=at_us, identifier__person__isnull=False)
        .exclude(Exists(later))
        .values_list("identifier__person", flat=True)
    )


def refused(person: int) -> tuple[tuple[str, ...], datetime | None]:
    """The channels by which this person wants to be offered nothing, and when they last said so:
    something was refused there, and nothing that sells is agreed."""
    book = all_purposes()
    mine = Consent.objects.filter(identifier__person=person).exclude(_void(book))
    ranks = {
        (purpose, channel): int(ranked)
        for purpose, channel, ranked in mine.values_list("purpose", "channel").annotate(r=_RANK)
    }
    asked = {row.key: row for row in book}
    sells = {row.key for row in book if row.prospecting and row.retired_at is None}
    sells |= {purpose for purpose, _channel in ranks} - {ALL} - {row.key for row in book}
    named = {channel for _purpose, channel in ranks}
    found: dict[str, int] = {}
    for channel in CHANNELS:
        if channel not in MESSAGES and channel not in named:
            continue
        last = {purpose: heard(ranks, purpose, channel) for purpose in sells or {ALL}}
        told = {purpose: ranked for purpose, ranked in last.items() if ranked is not None}
        given = {purpose for purpose, ranked in told.items() if said_of(ranked) is Said.GIVEN}
        no = [ranked for purpose, ranked in told.items() if purpose not in given]
        # A yes to what we do not ask on this channel is no yes to anything that we do.
        if no and not any(purpose in asked and asked[purpose].asks(channel) for purpose in given):
            found[channel] = max(no)
    at = instant(at_of(max(found.values()))) if found else None
    return tuple(found), at


def holds(person: int, *, at: datetime) -> tuple[Held, ...]:
    """What holds everything back, whatever was agreed; ``OBJECTS`` only what sells."""
    kinds = set(
        Restraint.objects.filter(until__isnull=True, identifier__person=person).values_list(
            "kind", flat=True
        )
    )
    found = {
        Held.RESTRICTED: Restraint.Kind.RESTRICTED in kinds,
        Held.PAUSED: paused_until(person, at=at) is not None,
        Held.OBJECTS: Restraint.Kind.OBJECTS in kinds,
    }
    return tuple(held for held, true in found.items() if true)


def _restrained(row: PurposeRow) -> QuerySet[Restraint, int | None]:
    """The people whose data is only kept, and for what sells those who object."""
    kinds = [Restraint.Kind.RESTRICTED, *([Restraint.Kind.OBJECTS] if row.prospecting else [])]
    return Restraint.objects.filter(
        kind__in=kinds, until__isnull=True, identifier__person__isnull=False
    ).values_list("identifier__person", flat=True)


def history(person: int, *, limit: int = 50) -> tuple[Told, ...]:
    """The lines of a person, newest first. What was noted on several identifiers of theirs, since
    it takes away, is one line."""
    mine = Consent.objects.filter(identifier__person=person)
    lines = mine.annotate(ignored=_flag(unheard())).order_by("-at_us", "-said", "-pk")
    once = {
        (one.at_us, one.said, one.purpose, one.channel, one.by, one.source, one.message_id): one
        for one in lines[: limit * MOST_BESIDE]
    }
    return tuple(
        Told(
            number=line.pk,
            purpose=line.purpose,
            channel=line.channel,
            said=Said(line.said),
            at=instant(line.at_us),
            by=line.by,
            source=line.source,
            seat_id=line.seat_id,
            place=line.place,
            wording=line.wording,
            version=line.version,
            ignored=line.ignored,
        )
        for line in tuple(once.values())[:limit]
    )


def ignored(person: int) -> Mapping[tuple[str, str], tuple[int, str]]:
    """What was given by the word of a source that is not heard: by purpose and channel, the rank of
    the latest such line and its source."""
    found: dict[tuple[str, str], tuple[int, str]] = {}
    mine = Consent.objects.filter(identifier__person=person).filter(unheard())
    rows = mine.values_list("purpose", "channel", "source").annotate(r=_RANK)
    for purpose, channel, source, ranked in rows:
        place = (purpose, channel)
        found[place] = max(found.get(place, (0, "")), (int(ranked), source))
    return found


def counting(lines: QuerySet[Consent]) -> Iterator[tuple[Consent, bool]]:
    """These lines, each with whether it counts at all: a copy says so."""
    judged = lines.annotate(counts=_flag(~_void(all_purposes())))
    return ((line, line.counts) for line in judged.iterator(LINES_AT_ONCE))


def _flag(condition: Q) -> Case:
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
