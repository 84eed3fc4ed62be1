"""What events say, put into the book: rows that are there already stay, or are brought up to date.

Said twice is said once. Within ``deciding.book_alone``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import F, Max

from pupitre.flow.identify.book.deciding import decide_again, more_neighbours
from pupitre.flow.identify.book.upserting import among, parts, upsert
from pupitre.flow.identify.claiming import STRENGTH, Claimed, Moments
from pupitre.flow.identify.holding import once_each, packed_by, stays, unpacked
from pupitre.flow.identify.kinds import NAMING, Kind
from pupitre.flow.identify.models import Identifier, Link, Rule, Spelling, Trait, Use

Ints = npt.NDArray[np.int64]
AT_ONCE = 5_000
# Of two that say the same, what was said earlier stands; of one instant, the least message.
_EARLIER = (
    "UPDATE SET first_us = excluded.first_us, source = excluded.source, "
    "message_id = excluded.message_id WHERE excluded.first_us < old.first_us "
    "OR (excluded.first_us = old.first_us AND (excluded.source{c}, excluded.message_id{c}) "
    "< (old.source{c}, old.message_id{c}))"
)
_WIDER = (
    "UPDATE SET "
    "first_us = CASE WHEN excluded.first_us < old.first_us THEN excluded.first_us "
    "ELSE old.first_us END, "
    "last_us = CASE WHEN excluded.last_us > old.last_us THEN excluded.last_us "
    "ELSE old.last_us END "
    "WHERE excluded.first_us < old.first_us OR excluded.last_us > old.last_us"
)
_STAY = ("device_id", "naming_id", "stays", "said")
_USED = "UPDATE SET stays = excluded.stays, said = excluded.said"


@dataclass(frozen=True, slots=True)
class Written:
    """``keys``: (n) of each identifier, in the order of their numbers. ``moved``: identifiers that
    are another person's now, new ones included. ``anew``: those of which a trait was given a value
    that it never had."""

    keys: Ints
    moved: frozenset[int]
    anew: frozenset[int]


def write(claims: Claimed) -> Written:
    ordered = sorted(claims.identifiers.items(), key=lambda one: one[1])
    keys, new = _found_or_made([(kind.value, value) for (kind, value), _ in ordered])
    numbers = keys.tolist()
    upsert(
        Spelling,
        ("text", "identifier_id"),
        [(text, numbers[number]) for text, number in claims.identities.items()],
        unique=("text",),
    )
    touched = _link(claims, numbers)
    _use(claims.moments, numbers)
    last = Trait.objects.aggregate(last=Max("pk"))["last"] or 0
    upsert(
        Trait,
        ("identifier_id", "name", "source", "value", "first_us", "last_us"),
        [(numbers[one.naming], *one[1:], *span) for one, span in claims.values.items()],
        unique=("identifier_id", "name", "source", "value"),
        then=_WIDER,
    )
    anew = Trait.objects.filter(pk__gt=last).values_list("identifier_id", flat=True)
    changed = decide_again(touched) if touched else frozenset()
    return Written(keys, changed | new, frozenset(anew))


def _found_or_made(wanted: list[tuple[str, str]]) -> tuple[Ints, frozenset[int]]:
    found = _find(wanted)
    missing = [one for one in wanted if one not in found]
    if not missing:
        return np.array([found[one] for one in wanted], np.int64), frozenset()
    last = Identifier.objects.aggregate(last=Max("pk"))["last"] or 0
    rows = [(kind, value, 0, 0) for kind, value in missing]
    upsert(Identifier, ("kind", "value", "standing", "neighbours"), rows, unique=("value", "kind"))
    made = Identifier.objects.filter(pk__gt=last, kind__in=NAMING)
    made.update(person=F("pk"), component=F("pk"))
    found |= _find(missing)
    naming = {kind.value for kind in NAMING}
    keys = np.array([found[one] for one in wanted], np.int64)
    return keys, frozenset(found[one] for one in missing if one[0] in naming)


def _find(wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, value in wanted:
        by_kind[kind].append(value)
    found = {}
    for kind, values in by_kind.items():
        for part in parts(values, AT_ONCE):
            rows = Identifier.objects.filter(kind=kind, value__in=part).values_list("value", "pk")
            found.update({(kind, value): pk for value, pk in rows})
    return found


def _as_python() -> str:
    """By code points, as Python compares; PostgreSQL's own order is the database's language's."""
    return ' COLLATE "C"' if connection.vendor == "postgresql" else ""


def _link(claims: Claimed, numbers: list[int]) -> set[int]:
    """Gives the ends of links that were not there."""
    kinds: Mapping[int, Kind] = {number: kind for (kind, _), number in claims.identifiers.items()}
    said: dict[tuple[int, int], tuple[int, int, str, str]] = {}
    for (one, other), first in claims.links.items():
        ends = numbers[one], numbers[other]
        strength = max(STRENGTH[kinds[one]], STRENGTH[kinds[other]])
        pair = min(ends), max(ends)
        said[pair] = min((strength, *first), said.get(pair, (strength, *first)))
    last = Link.objects.aggregate(last=Max("pk"))["last"] or 0
    fields = ("a_id", "b_id", "rule", "strength", "first_us", "source", "message_id")
    upsert(
        Link,
        fields,
        [(a, b, Rule.SAID.value, *rest) for (a, b), rest in said.items()],
        unique=("a_id", "b_id", "rule"),
        then=_EARLIER.format(c=_as_python()),
    )
    new = list(Link.objects.filter(pk__gt=last).values_list("a_id", "b_id"))
    more_neighbours(Counter(end for pair in new for end in pair))
    return {end for pair in new for end in pair}


def _use(moments: list[Moments], numbers: list[int]) -> None:
    """What sign-ins add to the stays that are known, all of them at once."""
    if not moments:
        return
    ends = [(numbers[one.device], numbers[one.naming]) for one in moments]
    pairs = sorted(set(ends))
    place = {pair: number for number, pair in enumerate(pairs)}
    count = np.array([len(one.at_us) for one in moments])
    group = np.repeat(np.array([place[pair] for pair in ends], np.int64), count)
    at = np.concatenate([one.at_us for one in moments])
    itself = np.repeat(np.array([one.itself for one in moments]), count)
    old = _known_uses(place)
    groups, spans = stays(
        np.concatenate((old.stay_of, group)),
        np.concatenate((old.stays[:, 0], at)),
        np.concatenate((old.stays[:, 1], at)),
    )
    places, instants = once_each(
        np.concatenate((old.said_of, group[itself])), np.concatenate((old.said, at[itself]))
    )
    rows = zip(
        pairs,
        packed_by(groups, spans, len(pairs)),
        packed_by(places, instants, len(pairs)),
        strict=True,
    )
    upsert(
        Use,
        _STAY,
        [(*pair, stay, said) for pair, stay, said in rows],
        unique=_STAY[:2],
        then=_USED,
    )


@dataclass(frozen=True, slots=True)
class _Uses:
    """Stays (n, 2) and instants (m) that the book has, and the places of their pairs."""

    stay_of: Ints
    stays: Ints
    said_of: Ints
    said: Ints


def _known_uses(place: Mapping[tuple[int, int], int]) -> _Uses:
    of: list[int] = []
    spans, said = [], []
    for device, naming, stay, says in among(Use, _STAY, _STAY[:2], sorted(place)):
        of.append(place[device, naming])
        spans.append(bytes(stay))
        said.append(bytes(says))
    return _Uses(
        np.repeat(np.array(of, np.int64), [len(blob) // 16 for blob in spans]),
        unpacked(b"".join(spans)).reshape(-1, 2),
        np.repeat(np.array(of, np.int64), [len(blob) // 8 for blob in said]),
        unpacked(b"".join(said)),
    )
