"""Identifiers taken out of the book, for an erasure. Within ``deciding.book_alone``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
from django.db.models import Q, QuerySet

from pupitre.flow.identify.book.deciding import count_neighbours, decide_again
from pupitre.flow.identify.book.upserting import parts, upsert
from pupitre.flow.identify.holding import packed
from pupitre.flow.identify.models import Hand, HandLink, Identifier, Link, Use

AT_ONCE = 500
_LONG_AGO = packed(np.zeros((1, 2), np.int64))


def leave(records: Collection[int]) -> frozenset[int]:
    """Everything that hangs on these goes with them; those beside are decided again. What a hand
    said of others stands. Gives every identifier that is another person's now."""
    gone = set(records)
    beside = _beside(gone)
    hands = {hand for some in _touching(HandLink, gone) for hand in _hands_of(some)}
    _note_shared(gone)
    for part in parts(sorted(gone), AT_ONCE):
        Identifier.objects.filter(pk__in=part).delete()
    for hand in Hand.objects.filter(Q(pk__in=hands) | Q(one__in=gone) | Q(other__in=gone)):
        _left_of(hand, gone)
    count_neighbours(beside)
    return decide_again(beside)


def _beside(gone: set[int]) -> set[int]:
    found: set[int] = set()
    for model in (Link, HandLink):
        for some in _touching(model, gone):
            for pair in some.values_list("a_id", "b_id"):
                found.update(pair)
    return found - gone


def _touching(model: type[Link | HandLink], gone: set[int]) -> Iterator[QuerySet[Link | HandLink]]:
    for part in parts(sorted(gone), AT_ONCE):
        yield model._default_manager.filter(Q(a__in=part) | Q(b__in=part))


def _hands_of(links: Iterable[Link | HandLink]) -> Iterator[int]:
    yield from (link.hand_id for link in links if isinstance(link, HandLink))


def _note_shared(gone: set[int]) -> None:
    """A device that somebody else used as well does not become theirs alone because the other is
    forgotten: that there was somebody stays, and nothing of who."""
    for part in parts(sorted(gone), AT_ONCE):
        devices = set(Use.objects.filter(naming__in=part).values_list("device_id", flat=True))
        others = Use.objects.filter(device__in=devices - gone).exclude(naming__in=gone)
        upsert(
            Use,
            ("device_id", "naming_id", "stays", "said"),
            [(one, one, _LONG_AGO, b"") for one in set(others.values_list("device_id", flat=True))],
            unique=("device_id", "naming_id"),
        )


def _left_of(hand: Hand, gone: set[int]) -> None:
    """A hand with nothing left to say goes; else it is told of those who are still there."""
    ends = list(hand.links.order_by("pk").values_list("a_id", "b_id"))
    if not ends:
        hand.delete()
    elif {hand.one, hand.other} & gone:
        hand.one, hand.other = ends[0]
        hand.save(update_fields=["one", "other"])
