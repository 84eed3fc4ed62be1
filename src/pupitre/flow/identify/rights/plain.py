"""The copy as its customer reads it: the same rows, in the words of their language.

Tables beside it keep the keys of our sources, for machines. What we have no word for keeps its key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise

from pupitre.core.bilingual import Bilingual
from pupitre.flow.collect.queries import source_names
from pupitre.flow.identify.consents.law import way
from pupitre.flow.identify.consents.purposes import all_purposes
from pupitre.flow.identify.consents.words import SAID
from pupitre.flow.identify.models import Said
from pupitre.flow.identify.people.masking import EVERYTHING, masked_event
from pupitre.flow.identify.people.money import money
from pupitre.flow.identify.people.reading import at_utc
from pupitre.flow.identify.people.telling import CHANNELS, told
from pupitre.flow.identify.rights.gathering import Row
from pupitre.flow.identify.rights.words import KINDS, RESTRAINTS, RIGHTS, STATES, WAYS
from pupitre.flow.identify.traits.names import LABELS, canonical

Words = str | Promise | Bilingual


@dataclass(frozen=True, slots=True)
class Known:
    kind: Words
    value: str


@dataclass(frozen=True, slots=True)
class Linked:
    one: Known
    other: Known
    source: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    name: Words
    value: str
    source: Words
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    purpose: Words
    way: str
    said: Words
    counts: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Paused:
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    received_on: date
    right: Words
    state: Words
    way: Words
    words: str
    answer: str
    restraint: Words  # what is not done with their data, if anything
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Done:
    at: datetime
    channel: Words
    sentence: str
    amount: str
    details: tuple[tuple[Words, str], ...]


def identifiers(rows: Iterable[Row]) -> list[Known]:
    return [_known(row["kind"], row["value"]) for row in rows]


def links(rows: Iterable[Row]) -> list[Linked]:
    sources = source_names()
    return [
        Linked(
            _known(row["kind"], row["value"]),
            _known(row["other_kind"], row["other_value"]),
            _source(sources, row),
            at_utc(row["first_at"]),
        )
        for row in rows
    ]


def traits(rows: Iterable[Row]) -> list[Told]:
    sources = source_names()
    return [
        Told(
            _trait(str(row["name"])),
            str(row["value"]),
            _source(sources, row),
            at_utc(row["last_at"]),
        )
        for row in rows
    ]


def consents(rows: Iterable[Row]) -> list[Agreed]:
    """Each once: a refusal is written on all that a customer is known by."""
    names = _purposes()
    said = {one.name.lower(): SAID[one] for one in Said}
    lines = [
        Agreed(
            names.get(str(row["purpose"]), str(row["purpose"])),
            way(str(row["channel"])),
            said.get(str(row["said"]), str(row["said"])),
            row.get("counts") != "no",
            at_utc(row["at"]),
        )
        for row in rows
    ]
    once = {(str(o.purpose), o.way, str(o.said), o.counts, o.at): o for o in lines}
    return sorted(once.values(), key=lambda line: line.at, reverse=True)


def pauses(rows: Iterable[Row]) -> list[Paused]:
    return [Paused(at_utc(row["at"]), at_utc(row["until"])) for row in rows]


def requests(rows: Iterable[Row]) -> list[Asked]:
    return [
        Asked(
            received_on=_day(row["received_on"]),
            right=RIGHTS[str(row["right"])],
            state=STATES[str(row["state"])],
            way=WAYS[str(row["way"])],
            words=str(row["words"]),
            answer=str(row["answer"]),
            restraint=RESTRAINTS.get(str(row["restraint"]), ""),
            since=_instant(row["since"]),
            until=_instant(row["until"]),
        )
        for row in rows
    ]


def _day(value: object) -> date:
    assert isinstance(value, date)  # noqa: S101  (the table's column says so)
    return value


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def events(rows: Iterable[Row]) -> list[Done]:
    purposes = _purposes()
    return [_done(row, purposes) for row in rows]


def _done(row: Row, purposes: Mapping[str, Words]) -> Done:
    # Nothing of theirs is hidden from them.
    said = masked_event({"properties": str(row["properties"] or "")}, EVERYTHING)
    traits = masked_event({"traits": str(row.get("traits") or "")}, EVERYTHING)
    words = {field.name: field.value for field in said}
    words["purpose"] = str(purposes.get(words.get("purpose", ""), words.get("purpose", "")))
    sentence = told(str(row["type"]), str(row["name"] or ""), words)
    channel, amount = str(row["channel"]), row.get("amount")
    paid = "" if amount is None else money(str(amount), str(row.get("currency") or ""))
    return Done(
        at=at_utc(row["corrected_at"]),
        channel=CHANNELS.get(channel, channel),
        sentence=sentence,
        amount="" if paid in sentence else paid,
        details=(
            *((field.name, field.value) for field in said),
            *((_trait(field.name), field.value) for field in traits),
        ),
    )


def _purposes() -> dict[str, Words]:
    return {purpose.key: purpose.name for purpose in all_purposes()}


def _known(kind: object, value: object) -> Known:
    return Known(KINDS.get(str(kind), str(kind)), str(value))


def _trait(name: str) -> Words:
    return LABELS.get(canonical(name), name)


def _source(sources: Mapping[str, Bilingual], row: Row) -> Words:
    return sources.get(str(row["source"]), str(row["source"]))
