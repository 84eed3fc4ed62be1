"""Whose the identifiers are, decided again wherever the evidence has changed.

What the links that are heard connect is decided together (``Identifier.component``); a verdict
depends on nothing outside of it, so that deciding what was touched gives what deciding everything
would. See ``resolving``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import F, Q

from pupitre.flow.identify.book.upserting import update
from pupitre.flow.identify.kinds import DEFAULT_BOUNDS, HELD, Kind
from pupitre.flow.identify.models import Bookmark, HandLink, Identifier, Link, Rule, Standing
from pupitre.flow.identify.resolving import BY_HAND, Evidence, Limits, connected, resolve

Ints = npt.NDArray[np.int64]
KINDS = tuple(Kind)
CODES = {kind.value: code for code, kind in enumerate(KINDS)}
LIMITS = Limits(
    since={CODES[kind]: code + 1 for code, kind in enumerate(KINDS) if kind not in HELD},
    most={CODES[kind]: bounds.most for kind, bounds in DEFAULT_BOUNDS.items()},
    neighbours={},  # counted here, as links come: those of the crowded are not even asked for
)
AT_ONCE = 10_000  # keys in one question
BOOK = "book"


@contextmanager
def book_alone() -> Iterator[Bookmark]:
    """A transaction in which nobody else writes the book: they wait for its end."""
    with transaction.atomic():
        mark, _ = Bookmark.objects.get_or_create(name=BOOK)
        yield Bookmark.objects.select_for_update().get(pk=mark.pk)


def too_many(kind: int, neighbours: int) -> bool:
    """Whether an identifier of the kind of this code says nothing any more."""
    bounds = DEFAULT_BOUNDS.get(KINDS[kind])
    return bounds is not None and neighbours > bounds.neighbours


def decide_again(identifiers: Iterable[int]) -> frozenset[int]:
    """Decide whose these are, and all whose fate hangs on theirs. Within ``book_alone``.

    Gives every identifier whose person is another one now.
    """
    components = set(_components_of(set(identifiers)))
    return _decide(_members(Q(component__in=part) for part in _parts(components)))


def decide_all() -> frozenset[int]:
    """Decide everything from all the evidence there is: gives nothing where all stood as it is."""
    with book_alone():
        return _decide(_members([Q(component__isnull=False)]))


def _parts(keys: Collection[int]) -> Iterator[list[int]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]


def _components_of(touched: set[int]) -> Iterator[int]:
    """Those of the touched, and of all that stand beside one that is no longer crowded, or that a
    hand has joined."""
    for part in _parts(touched):
        rows = Identifier.objects.filter(pk__in=part).values_list(
            "pk", "kind", "component", "standing", "neighbours"
        )
        for pk, kind, component, standing, neighbours in rows:
            if component is not None:
                yield component
            if standing == Standing.CROWDED and not too_many(CODES[kind], neighbours):
                yield from _beside(pk)


def _beside(pk: int) -> Iterator[int]:
    for near, far in (("a", "b"), ("b", "a")):
        found = Link.objects.filter(**{near: pk}).values_list(f"{far}__component", flat=True)
        yield from (one for one in found if one is not None)


Member = tuple[int, int, int | None, int | None, int, int]


def _members(which: Iterable[Q]) -> list[Member]:
    """Key, code of kind, person, component, standing, neighbours; in the order of keys."""
    found: list[Member] = []
    for one in which:
        rows = Identifier.objects.filter(one).values_list(
            "pk", "kind", "person", "component", "standing", "neighbours"
        )
        found += [
            (pk, CODES[kind], person, component, standing, neighbours)
            for pk, kind, person, component, standing, neighbours in rows.iterator(AT_ONCE)
        ]
    return sorted(found, key=lambda member: member[0])


@dataclass(frozen=True, slots=True)
class Hands:
    """(n, 2) pairs of keys that hands join, and that they keep apart."""

    joins: Ints
    bars: Ints


_NONE = np.zeros((0, 2), np.int64)


def foresee(
    identifiers: Iterable[int],
    *,
    without: int | None = None,
    joined: Iterable[tuple[int, int]] = (),
    apart: Iterable[tuple[int, int]] = (),
    by_evidence: bool = False,
) -> dict[int, int | None]:
    """Whose each identifier would be, of these and of all whose fate hangs on theirs, if this hand
    were taken back, these joined or those kept apart; or if no hand had ever done anything. Changes
    nothing."""
    components = set(_components_of(set(identifiers)))
    members = _members(Q(component__in=part) for part in _parts(components))
    keys = np.array([member[0] for member in members], np.int64)
    if not len(keys):
        return {}
    hands = Hands(_NONE, _NONE) if by_evidence else _hands(keys, without=without)
    ties, bars = (np.array(sorted(more), np.int64).reshape(-1, 2) for more in (joined, apart))
    hands = Hands(np.concatenate((hands.joins, ties)), np.concatenate((hands.bars, bars)))
    found = _verdicts(members, keys, hands)
    return {pk: person for pk, (person, _, _) in zip(keys.tolist(), found, strict=True)}


def _decide(members: list[Member]) -> frozenset[int]:
    if not members:
        return frozenset()
    keys = np.array([member[0] for member in members], np.int64)
    changed, rows = [], []
    verdicts = _verdicts(members, keys, _hands(keys))
    for (pk, _, was, group, stood, _), after in zip(members, verdicts, strict=True):
        if after != (was, group, stood):
            rows.append((*after, pk))
        if after[0] != was:
            changed.append(pk)
    update(Identifier, ("person", "component", "standing"), rows)
    return frozenset(changed)


def _verdicts(members: list[Member], keys: Ints, hands: Hands) -> list[tuple[int | None, int, int]]:
    """Person, component and standing of each."""
    kind = np.array([row[1] for row in members], np.int16)
    crowded = np.array([too_many(row[1], row[5]) for row in members], np.bool_)
    a, b, strength = _links(keys, crowded)
    joins, bars = _within(keys, hands.joins), _within(keys, hands.bars)
    evidence = Evidence(
        kind,
        np.concatenate((a, joins[:, 0])),
        np.concatenate((b, joins[:, 1])),
        np.concatenate((strength, np.full(len(joins), BY_HAND))).astype(np.int16),
        bars,
    )
    resolved = resolve(evidence, LIMITS)
    component = keys[connected(len(keys), evidence.a, evidence.b)].tolist()
    person = keys[resolved.person].tolist()
    standing = np.where(crowded, Standing.CROWDED, Standing.HEARD)
    standing[resolved.between & ~crowded] = Standing.BETWEEN
    alone = np.bincount(resolved.person, minlength=len(keys))[resolved.person] == 1
    nobody = (standing != Standing.HEARD) & alone
    return [
        (None if none else who, group, there)
        for who, group, there, none in zip(
            person, component, standing.tolist(), nobody.tolist(), strict=True
        )
    ]


def _links(keys: Ints, crowded: npt.NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """Links between these, by their places among the keys; those of the crowded say nothing."""
    rows: list[tuple[int, int, int]] = []
    every = len(keys) > 50 * AT_ONCE  # one walk over all links is then less than as many questions
    for part in [None] if every else _parts(keys.tolist()):
        which = Link.objects.all() if part is None else Link.objects.filter(a__in=part)
        rows += which.values_list("a_id", "b_id", "strength").iterator(AT_ONCE)
    table = np.array(rows, np.int64).reshape(-1, 3)
    a, b, known = _places(keys, table[:, :2])
    heard = known.copy()
    heard[known] = ~(crowded[a[known]] | crowded[b[known]])
    return a[heard], b[heard], table[heard, 2]


def _hands(keys: Ints, *, without: int | None = None) -> Hands:
    """What hands say of these, but for one of them."""
    rows: list[tuple[int, int, bool]] = []
    standing = HandLink.objects.filter(hand__taken_back_at=None).exclude(hand=without)
    if standing.exists():
        for part in _parts(keys.tolist()):
            found = standing.filter(a__in=part)
            rows += found.values_list("a_id", "b_id", "hand__joins")
    table = np.array(rows, np.int64).reshape(-1, 3)
    joins = table[:, 2] == 1
    return Hands(table[joins, :2], table[~joins, :2])


def _within(keys: Ints, pairs: Ints) -> Ints:
    """(n, 2): those pairs of which both are there, by their places."""
    a, b, known = _places(keys, pairs)
    return np.column_stack((a, b))[known]


def _places(keys: Ints, pairs: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Places of keys that are in order, and where both are there."""
    found = np.searchsorted(keys, pairs)
    there = (found < len(keys)) & (keys[np.minimum(found, len(keys) - 1)] == pairs)
    return found[:, 0], found[:, 1], there.all(axis=1)


def count_neighbours(identifiers: Iterable[int]) -> None:
    """Count anew how many others events put each beside, after links have gone."""
    for part in _parts(set(identifiers)):
        beside: dict[int, set[int]] = {pk: set() for pk in part}
        rows = Link.objects.filter(Q(a__in=part) | Q(b__in=part), rule=Rule.SAID)
        for a, b in rows.values_list("a_id", "b_id"):
            for one, other in ((a, b), (b, a)):
                if one in beside:
                    beside[one].add(other)
        update(Identifier, ("neighbours",), [(len(others), pk) for pk, others in beside.items()])


def more_neighbours(counts: dict[int, int]) -> None:
    """After links to identifiers that they did not stand beside."""
    by_count: dict[int, list[int]] = {}
    for pk, count in counts.items():
        by_count.setdefault(count, []).append(pk)
    for count, keys in by_count.items():
        for part in _parts(keys):
            Identifier.objects.filter(pk__in=part).update(neighbours=F("neighbours") + count)
