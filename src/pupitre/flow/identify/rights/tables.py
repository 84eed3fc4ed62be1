"""How tables of this room are rid of one person, and what they held before and after.

``eraser`` makes what a ``Store`` asks for, of whatever hangs on an identifier::

    Store(..., erases_tables=True, erase=eraser((Consent, "identifier"), (Pause, "identifier")))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Model, Q, QuerySet

from pupitre.core import clock
from pupitre.core.erasing import Erased, Removed
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.book.leaving import leave
from pupitre.flow.identify.models import (
    ErasureTarget,
    ErasureUnderWay,
    Hand,
    HandLink,
    Identifier,
    Link,
    RightsRequest,
    Spelling,
    Trait,
    Use,
)
from pupitre.flow.identify.rights.activities import WORKER
from pupitre.flow.identify.rights.mentioned import forget_mentions, mentioning
from pupitre.flow.identify.rights.requests import close_for_erasure

AT_ONCE = 500  # keys in one question
Rows = tuple[type[Model], str]


def eraser(*rows: Rows) -> Callable[[Erased], Removed]:
    """``rows``: a model, and its fields (parted by blanks) that point to an identifier."""

    def erase(who: Erased) -> Removed:
        found = _count(rows, who.records)
        with lines_may_go():
            for model, fields in rows:
                for some in _of(model, fields, who.records):
                    some.delete()
        return Removed(found=found, left=_count(rows, who.records))

    return erase


@contextmanager
def lines_may_go() -> Iterator[None]:
    """Within a transaction: lines that are append-only may be erased."""
    mark = ErasureUnderWay.objects.create(at=clock.now())
    try:
        yield
    finally:
        if not connection.needs_rollback:
            mark.delete()


def _of(model: type[Model], fields: str, records: tuple[int, ...]) -> Iterator[QuerySet[Model]]:
    for start in range(0, len(records), AT_ONCE):
        some = records[start : start + AT_ONCE]
        which = reduce(or_, (Q(**{f"{field}__in": some}) for field in fields.split()))
        yield model._default_manager.filter(which)


def _count(rows: tuple[Rows, ...], records: tuple[int, ...]) -> int:
    return sum(some.count() for model, fields in rows for some in _of(model, fields, records))


_BOOK: tuple[Rows, ...] = (
    (Identifier, "pk"),
    (Spelling, "identifier"),
    (Trait, "identifier"),
    (Use, "device naming"),
    (Link, "a b"),
    (HandLink, "a b"),
    (Hand, "one other"),
)


def erase_book(who: Erased) -> Removed:
    """Their identifiers, and everything that hangs on them; those beside are decided again."""
    with book_alone():
        records = tuple(dict.fromkeys((*who.records, *_come_back(who.number))))
        request = RightsRequest.objects.get(pk=who.number)
        close_for_erasure(request, records, by=WORKER, at=clock.now())  # entered since
        found = _count(_BOOK, records)
        for some in _of(RightsRequest, "identifier", records):
            some.update(asker="", words="", answer="", extension_reason="")
        with lines_may_go():
            leave(records)
        return Removed(found=found, left=_count(_BOOK, records))


def _come_back(number: int) -> list[int]:
    """Identifiers of the same name, should anything have made them anew meanwhile."""
    found: list[int] = []
    for kind, value in ErasureTarget.objects.filter(
        request=number, record__isnull=False
    ).values_list("kind", "value"):
        found += Identifier.objects.filter(kind=kind, value=value).values_list("pk", flat=True)
    return found


def erase_requests(who: Erased) -> Removed:
    """What is said of them beside others, then by what they were looked for; the request's own
    words went with the book."""
    targets = ErasureTarget.objects.filter(request=who.number)
    found = targets.count()
    with lines_may_go():
        found += forget_mentions(who, by=WORKER, at=clock.now())
    left = mentioning(who)
    targets.delete()
    RightsRequest.objects.filter(pk=who.number).update(
        asker="", words="", answer="", extension_reason="", identifier=None
    )
    left += ErasureTarget.objects.filter(request=who.number).count()
    return Removed(found=found, left=left)
