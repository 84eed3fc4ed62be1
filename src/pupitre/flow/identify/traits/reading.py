"""Traits of people as they are shown: of one person with all that was said, of many as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from django.db import connection

from pupitre.core.microseconds import instant
from pupitre.flow.identify.models import Trait, TraitChoice, TraitRule
from pupitre.flow.identify.traits import choosing
from pupitre.flow.identify.traits.choosing import DESK
from pupitre.flow.identify.traits.names import label, parts

PEOPLE_AT_ONCE = 20_000  # read and decided together: some hundred thousand rows
ASKED_AT_ONCE = 2_000  # keys in one statement: both databases take as many
CORRECTED = "corrected"  # why: beside the rules, the desk's own word
_CODES = {
    TraitChoice.LATEST: choosing.LATEST,
    TraitChoice.SOURCE: choosing.BY_SOURCE,
    TraitChoice.FREQUENT: choosing.FREQUENT,
}
PROFILE = pa.schema(
    [("person", pa.int64()), ("trait", pa.string()), ("value", pa.string()), ("values", pa.int64())]
)
Row = tuple[int, int, str, str, str, int, int]  # person, identifier, name, value, source, µs, µs


@dataclass(frozen=True, slots=True)
class Rule:
    choice: TraitChoice = TraitChoice.LATEST
    sources: tuple[str, ...] = ()

    def rank(self, source: str) -> int:
        return self.sources.index(source) if source in self.sources else len(self.sources)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says a value: a source of one identifier, when first and last."""

    source: str
    identifier: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Value:
    value: str
    voices: tuple[Voice, ...]  # the latest first


@dataclass(frozen=True, slots=True)
class ShownTrait:
    """What is shown of one trait, and what else was said. ``value`` is empty where the desk took
    a value away."""

    trait: str
    label: object
    value: str
    voices: tuple[Voice, ...]
    others: tuple[Value, ...]  # the latest first
    why: str  # a TraitChoice, or CORRECTED

    @property
    def at(self) -> datetime:
        return self.voices[0].last_at


@dataclass(frozen=True)
class Decided:
    """Rows of some people, opened and decided: a group is one person's one trait."""

    person: np.ndarray
    trait: tuple[str, ...]
    row: tuple[Row, ...]  # the name is the trait's one name, the value as opened
    group: np.ndarray
    chosen: choosing.Chosen
    values: np.ndarray  # by group: how many different ones


def rules() -> Mapping[str, Rule]:
    """By trait. What has none is decided by the latest."""
    return {
        one.trait: Rule(TraitChoice(one.choice), tuple(one.sources))
        for one in TraitRule.objects.all()
    }


def profile(person: int) -> tuple[ShownTrait, ...]:
    """All that is known of one person, in the order of the traits' own names."""
    known = rules()
    decided = decide(list(_rows("i.person = %s", [person])), known)
    members: dict[int, list[int]] = {}
    for number, group in enumerate(decided.group.tolist()):
        members.setdefault(group, []).append(number)
    made = [_shown(decided, group, rows, known) for group, rows in members.items()]
    return tuple(sorted(made, key=lambda one: one.trait))


def profiles(persons: Iterable[int]) -> pa.Table:
    """Shown values of many: ``PROFILE``'s columns, a row for each person's each trait, by person
    and trait. ``values`` says how many different ones there are."""
    wanted, known = sorted(set(persons)), rules()
    parts_ = [
        _table(decide(list(_of(wanted[at : at + ASKED_AT_ONCE])), known))
        for at in range(0, len(wanted), ASKED_AT_ONCE)
    ]
    return pa.concat_tables(parts_) if parts_ else PROFILE.empty_table()


def everybody() -> Iterator[pa.Table]:
    """``profiles`` of all people, some at a time: memory does not grow with their number."""
    for last, upper in ranges():
        found = between(last, upper)
        if len(found):
            yield found


def ranges() -> Iterator[tuple[int, int]]:
    """All people in turn, PEOPLE_AT_ONCE each: after the first number, up to the second."""
    last = -1
    while (upper := _upper(last)) is not None:
        yield last, upper
        last = upper


def between(last: int, upper: int) -> pa.Table:
    """``profiles`` of the people of one of ``ranges``."""
    return _table(decide(list(_rows("i.person > %s AND i.person <= %s", [last, upper])), rules()))


def decide(rows: Sequence[Row], known: Mapping[str, Rule]) -> Decided:
    """Pure: which of these is shown, trait by trait."""
    told = tuple(
        (person, identifier, trait, text, source, first, last)
        for person, identifier, name, value, source, first, last in rows
        for trait, text in parts(name, value)
    )
    traits, trait = _coded([row[2] for row in told])
    _, value = _coded([row[3] for row in told])
    sources, source = _coded([row[4] for row in told])
    person = np.array([row[0] for row in told], np.int64)
    pairs = np.stack((person, trait), axis=1)
    keys, group = np.unique(pairs, axis=0, return_inverse=True)
    group = group.reshape(-1).astype(np.int64)
    by_trait = [known.get(name, Rule()) for name in traits]
    codes = np.array([_CODES[rule.choice] for rule in by_trait], np.int64)
    ranks = np.array([[rule.rank(name) for name in sources] for rule in by_trait], np.int64)
    heard = choosing.Heard(
        group=group,
        value=value,
        source=source,
        identifier=np.array([row[1] for row in told], np.int64),
        first_us=np.array([row[5] for row in told], np.int64),
        last_us=np.array([row[6] for row in told], np.int64),
        desk=np.array([row[4] == DESK for row in told], bool),
        rule=codes[trait] if len(told) else trait,
        rank=ranks[trait, source] if len(told) else trait,
    )
    once = np.unique(np.stack((group, value), axis=1), axis=0)
    values = np.bincount(once[:, 0], minlength=len(keys)) if len(once) else np.zeros(0, np.int64)
    names = tuple(traits[at] for at in keys[:, 1].tolist()) if len(told) else ()
    return Decided(keys[:, 0], names, told, group, choosing.choose(heard), values)


def _coded(texts: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """The different texts in Unicode's order, and by row the place of each."""
    places = sorted(set(texts))
    at = {text: number for number, text in enumerate(places)}
    return places, np.array([at[text] for text in texts], np.int64)


def _shown(
    decided: Decided, group: int, rows: Sequence[int], known: Mapping[str, Rule]
) -> ShownTrait:
    said: dict[str, list[Row]] = {}
    for number in rows:
        said.setdefault(decided.row[number][3], []).append(decided.row[number])
    values = {value: Value(value, _voices(of)) for value, of in said.items()}
    trait, shown = decided.trait[group], decided.row[int(decided.chosen.row[group])][3]
    others = [one for value, one in sorted(values.items()) if value != shown]
    others.sort(key=lambda one: one.voices[0].last_at, reverse=True)  # stable: equals by value
    corrected = bool(decided.chosen.corrected[group])
    why = CORRECTED if corrected else known.get(trait, Rule()).choice.value
    return ShownTrait(trait, label(trait), shown, values[shown].voices, tuple(others), why)


def _voices(rows: Iterable[Row]) -> tuple[Voice, ...]:
    ordered = sorted(rows, key=lambda row: (-row[6], row[4], row[1], row[5]))
    return tuple(Voice(row[4], row[1], instant(row[5]), instant(row[6])) for row in ordered)


def _table(decided: Decided) -> pa.Table:
    values = [decided.row[row][3] for row in decided.chosen.row.tolist()]
    return pa.table(
        [pa.array(decided.person), decided.trait, values, pa.array(decided.values)], schema=PROFILE
    )


def _upper(last: int) -> int | None:
    """The person up to whom PEOPLE_AT_ONCE come next; None where nobody does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT MAX(person) FROM (SELECT DISTINCT person FROM identify_identifier"
            " WHERE person > %s ORDER BY person LIMIT %s) AS part",
            [last, PEOPLE_AT_ONCE],
        )
        found = cursor.fetchone()[0]
    return None if found is None else int(found)


def _of(persons: Sequence[int]) -> Iterator[Row]:
    held = ", ".join(["%s"] * len(persons))
    return _rows(f"i.person IN ({held})", persons)


def _rows(where: str, given: Sequence[int]) -> Iterator[Row]:
    table = Trait._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.person, t.identifier_id, t.name, t.value, t.source, t.first_us, t.last_us"  # noqa: S608
            f" FROM {table} t JOIN identify_identifier i ON i.id = t.identifier_id WHERE {where}",
            list(given),
        )
        while some := cursor.fetchmany(10_000):
            yield from some
