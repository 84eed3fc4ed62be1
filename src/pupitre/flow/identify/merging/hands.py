"""What a hand does to the book. Within ``deciding.book_alone``.

A hand that joins says that two people, as they stand then, are one: taken back, what was stands
again, and what came since goes where its own evidence leads. A hand
that keeps apart says so of each identifier that leaves and each that stays.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import product

from pupitre.flow.identify.book.deciding import decide_again, foresee
from pupitre.flow.identify.book.reading import Identified, identifiers_of, people_of
from pupitre.flow.identify.models import Hand, HandLink

MOST_PAIRS = 10_000


class NotPossible(Exception):
    """There is nothing to join, or to keep apart (any more)."""


def join(*, one: int, other: int, reason: str, by: str, at: datetime) -> Hand:
    """Make one person of two: numbers of today. Raises NotPossible."""
    pairs = ties(one, other)
    hand = Hand.objects.create(joins=True, one=one, other=other, reason=reason, by=by, at=at)
    _tie(hand, pairs)
    return hand


def ties(one: int, other: int) -> list[tuple[int, int]]:
    """What a hand that joins them says: the strongest of both are one person's, and whatever
    evidence had joined on either side stays so. What an earlier hand had joined is left to it, so
    that it can be taken back. Raises NotPossible."""
    sides = identifiers_of(one), identifiers_of(other)
    if not all(sides) or one == other:
        raise NotPossible
    found = [(sides[0][0].pk, sides[1][0].pk)]
    for side in sides:
        groups: dict[int | None, list[int]] = {}
        whose = foresee([known.pk for known in side], by_evidence=True)
        for known in side:
            groups.setdefault(whose.get(known.pk), []).append(known.pk)
        groups.pop(None, None)
        found += [(centre, end) for centre, *rest in groups.values() for end in rest]
    return found


def together(one: int, other: int) -> tuple[int, ...]:
    """The people of today who would be one if these two were joined, they themselves first: what
    stood between them may bring a third along. Raises NotPossible."""
    keys = [known.pk for end in (one, other) for known in identifiers_of(end)]
    whose = foresee(keys, joined=ties(one, other))
    merged = {whose.get(key) for key in keys} - {None}
    today = people_of(key for key, after in whose.items() if after in merged)
    return one, other, *sorted(set(today.values()) - {one, other})


def part(
    *, person: int, leaving: Collection[int], reason: str, by: str, at: datetime
) -> tuple[Hand, frozenset[int]]:
    """Keep these identifiers of a person apart from their others. Raises NotPossible.

    Gives every identifier that is another person's now.
    """
    known = identifiers_of(person)
    goes = [one for one in known if one.pk in leaving]
    stays = [one for one in known if one.pk not in leaving]
    if not goes or not stays or len(goes) * len(stays) > MOST_PAIRS:
        raise NotPossible
    hand = Hand.objects.create(
        joins=False, one=stays[0].pk, other=goes[0].pk, reason=reason, by=by, at=at
    )
    return hand, _tie(hand, [(a.pk, b.pk) for a, b in product(stays, goes)])


def take_back(hand: Hand, *, by: str, at: datetime) -> frozenset[int]:
    """As if it had never been. Gives every identifier that is another person's now."""
    if hand.taken_back_at is not None:
        raise NotPossible
    hand.taken_back_at, hand.taken_back_by = at, by
    hand.save(update_fields=["taken_back_at", "taken_back_by"])
    return decide_again(ends_of(hand))


def ends_of(hand: Hand) -> set[int]:
    return {end for pair in hand.links.values_list("a_id", "b_id") for end in pair}


def joining(first: Collection[int], second: Collection[int]) -> Hand | None:
    """A hand that joins any of these with any of those."""
    return _between(first, second, joins=True)


def keeping_apart(first: tuple[Identified, ...], second: tuple[Identified, ...]) -> Hand | None:
    """A hand that keeps any of these apart from any of those."""
    return _between([one.pk for one in first], [one.pk for one in second], joins=False)


def _between(one: Collection[int], other: Collection[int], *, joins: bool) -> Hand | None:
    standing = HandLink.objects.filter(hand__taken_back_at=None, hand__joins=joins)
    found = (
        standing.filter(a__in=one, b__in=other).first()
        or standing.filter(a__in=other, b__in=one).first()
    )
    return found.hand if found else None


def _tie(hand: Hand, pairs: list[tuple[int, int]]) -> frozenset[int]:
    HandLink.objects.bulk_create(
        HandLink(hand=hand, a_id=min(pair), b_id=max(pair)) for pair in pairs
    )
    return decide_again(end for pair in pairs for end in pair)
