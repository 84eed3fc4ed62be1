"""The copy that a customer takes by themselves, on their own page, by a link that we signed.

``waiting`` says whether one is ready for any of their identifiers; ``take`` hands it over, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from pupitre.flow.identify.models import RightsExport
from pupitre.flow.identify.models.rights import Check, RequestState
from pupitre.flow.identify.rights.activities import CUSTOMER
from pupitre.flow.identify.rights.exporting import HandOver, opened_once
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed


@dataclass(frozen=True, slots=True)
class Waiting:
    """A copy that is ready."""

    number: int  # of the request
    bytes: int
    until: datetime


def waiting(identifiers: Iterable[int], *, at: datetime) -> tuple[Waiting, ...]:
    """Copies that were asked for through their own link, for any of these identifiers (keys of the
    book). What was asked for in another way is handed over by whoever answered it."""
    found = RightsExport.objects.filter(
        request__identifier__in=list(identifiers),
        request__state=RequestState.UNDER_WAY,
        request__check_how=Check.SIGNED_LINK,
        taken_at__isnull=True,
        until__gt=at,
    ).order_by("-made_at")
    return tuple(Waiting(one.request_id, one.bytes, one.until) for one in found)


def take(number: int, *, identifiers: Iterable[int], at: datetime) -> BinaryIO | None:
    """The file, whose name is gone by now; None where it is not theirs, or not there any more."""
    if number not in {one.number for one in waiting(identifiers, at=at)}:
        return None
    outcome = act(HandOver(number), by=CUSTOMER, at=at)
    if not isinstance(outcome, Performed):
        return None
    try:
        return opened_once(str(outcome.result))
    except FileNotFoundError:
        return None
