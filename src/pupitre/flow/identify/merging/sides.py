"""The people that there are, or would be, as one reader may see them beside one another.

What is foreseen is so of everybody whose fate hangs on what is asked: a household that shares a
telephone hangs together. Drawn is only who is open to the reader; of others not even a word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pupitre.flow.identify.book.reading import people_of
from pupitre.flow.identify.people.access import Reader
from pupitre.flow.identify.people.feed import Feed, Narrowed, feed
from pupitre.flow.identify.people.reading import Known, known_as, person
from pupitre.lake.contracts import LakeError

MOST_SIDES = 10
NEWEST = 10  # events of each
Whose = Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the people that there are, or would be."""

    number: int
    name: str
    identifiers: tuple[Known, ...]
    feed: Feed | None  # the newest events; None where the lake does not answer


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is foreseen, as far as it may be drawn.

    ``whose``: everybody else's keys have a number below nought: they end stretches of devices, and
    are nobody of whom anything is read. ``others``: somebody else is touched as well.
    """

    whose: Whose
    of: frozenset[int]
    others: bool


def touched(whose: Whose, ends: Iterable[int]) -> frozenset[int]:
    """The people of today of whom something would be another's, or to whom something would come."""
    today = people_of([*whose, *ends])
    changed = {pk for pk, after in whose.items() if today.get(pk) != after}
    coming = {whose[pk] for pk in changed} - {None}
    keys = {*ends, *changed, *(pk for pk, after in whose.items() if after in coming)}
    return frozenset(today[pk] for pk in keys if pk in today)


def drawn(whose: Whose, *, of: Collection[int]) -> Drawn:
    """``of``: the people of today who are open to the reader."""
    today = people_of(whose)
    mine = {pk for pk in whose if today.get(pk) in of}
    groups = {whose[pk] for pk in mine} - {None}
    mine |= {pk for pk, after in whose.items() if pk not in today and after in groups}
    others = any(
        pk in today and (today[pk] != after or after in groups)
        for pk, after in whose.items()
        if pk not in mine
    )
    seen = {pk: after if pk in mine or after is None else -after for pk, after in whose.items()}
    return Drawn(seen, frozenset(of), others)


def side(reader: Reader, number: int) -> Side:
    who = person(number, seen=reader.sees)
    return Side(number, who.name, who.identifiers, _newest(reader, number, who.hidden, None))


def sides(reader: Reader, seen: Drawn) -> list[Side]:
    """The people that there would be, the one who has most first."""
    groups: dict[int, list[int]] = {}
    for pk, who in seen.whose.items():
        if who is not None and who > 0:
            groups.setdefault(who, []).append(pk)
    ordered = sorted(groups, key=lambda who: (-len(groups[who]), who))[:MOST_SIDES]
    hidden = tuple({value for today in seen.of for value in person(today, seen=reader.sees).hidden})
    return [
        Side(
            who,
            "",
            known_as(groups[who], seen=reader.sees),
            _newest(reader, who, hidden, seen.whose),
        )
        for who in ordered
    ]


def _newest(
    reader: Reader, number: int, hidden: tuple[str, ...], whose: Whose | None
) -> Feed | None:
    try:
        return feed(
            number, seen=reader.sees, hidden=hidden, narrowed=Narrowed(), limit=NEWEST, whose=whose
        )
    except LakeError:
        return None
