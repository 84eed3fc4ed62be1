"""The copy that a customer takes by themselves, on their own page, by a link that we signed.

``waiting`` says whether one is ready for any of their identifiers; ``take`` hands it over, once,
and again within the hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.db.models import Exists, OuterRef, QuerySet

from pupitre.flow.identify.models import RightsExport, RightsRequest, RightsStep
from pupitre.flow.identify.models.rights import Check
from pupitre.flow.identify.rights.activities import CUSTOMER
from pupitre.flow.identify.rights.exporting import (
    HandOver,
    Parted,
    again_until,
    drop_parted,
    holds_another,
    is_ready,
    opened,
)
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed


@dataclass(frozen=True, slots=True)
class Waiting:
    """A copy that is ready."""

    number: int  # of the request
    bytes: int
    until: datetime
    again_until: datetime | None  # they took it already, and may take it again


def by_their_link() -> QuerySet[RightsRequest]:
    """Requests of whom we know by a link that they opened themselves: no seat's word is enough."""
    theirs = RightsStep.objects.filter(request=OuterRef("pk"), what="checked", by=CUSTOMER.name)
    return RightsRequest.objects.filter(Exists(theirs), check_how=Check.SIGNED_LINK)


def waiting(identifiers: Iterable[int], *, at: datetime) -> tuple[Waiting, ...]:
    """Copies that were asked for through their own link, for any of these identifiers (keys of the
    book). What was asked for in another way is handed over by whoever answered it."""
    rows = RightsExport.objects.select_related("request__identifier").filter(
        request__in=by_their_link().filter(identifier__in=list(identifiers)),
        deleted_at__isnull=True,
    )
    found = []
    for one in rows.order_by("-made_at"):
        again = again_until(one, at=at) if one.taken_by == CUSTOMER.name else None
        if (is_ready(one, at=at) or again) and not holds_another(one):
            found.append(Waiting(one.request_id, one.bytes, one.until, again))
    return tuple(found)


def take(number: int, *, identifiers: Iterable[int], at: datetime) -> BinaryIO | None:
    """The file; None where it is not theirs, or not there any more."""
    if number not in {one.number for one in waiting(identifiers, at=at)}:
        return None
    try:
        outcome = act(HandOver(number), by=CUSTOMER, at=at)
        return opened(str(outcome.result)) if isinstance(outcome, Performed) else None
    except Parted:
        drop_parted(number, at=at)
        return None
    except FileNotFoundError:
        return None
