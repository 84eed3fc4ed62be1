"""Who may read requests by right: those who answer for them, and those who are asked beforehand."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.flow.identify.rights.activities import ACTIVITIES
from pupitre.rules.mandate.contracts import SeatView
from pupitre.rules.mandate.queries import present
from pupitre.rules.mandate.web import Presence, presence_of

_READS = frozenset({"A", "R", "AR", "C"})
_ACTS = frozenset({"A", "R", "AR"})
View = Callable[..., HttpResponse]


def _letters(presence: Presence, seat: int) -> set[str]:
    return {(presence.law.row(one.key) or {}).get(seat, "") for one in ACTIVITIES}


def may_read(presence: Presence) -> bool:
    """From the seat that they speak from."""
    chair = presence.speaking
    return chair is not None and bool(_letters(presence, chair.seat.id) & _READS)


def opens_requests(request: HttpRequest) -> bool:
    """Whether whoever reads is led to them, or would be refused there."""
    presence = presence_of(request)
    return presence is not None and may_read(presence)


def answers_for(presence: Presence) -> bool:
    """Whether any of their seats has these requests to see to."""
    return any(_letters(presence, chair.seat.id) & _ACTS for chair in presence.chairs)


def seats_that_read(presence: Presence) -> tuple[SeatView, ...]:
    seats = {
        seat
        for one in ACTIVITIES
        for seat, letters in (presence.law.row(one.key) or {}).items()
        if letters in _READS and seat in presence.law.seats
    }
    return tuple(presence.law.seat_view(seat, presence.day) for seat in sorted(seats))


def shows_requests(view: View) -> View:
    """Declare a view that shows what customers asked: others get a refusal that says why."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        presence = present(request)
        if not may_read(presence):
            context = {
                "activities": ACTIVITIES,
                "seats": seats_that_read(presence),
                "seat": presence.speaking.seat if presence.speaking else None,
                "fragment": request.headers.get("HX-Request") == "true",
            }
            return render(request, "identify/rights/not_for_this_seat.html", context, status=403)
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return guarded
