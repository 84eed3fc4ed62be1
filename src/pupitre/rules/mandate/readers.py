"""Who may read what some rows of the matrix answer for: whoever decides, does, or is asked before.

Whoever is told afterwards needs none of it. A room declares its ``Readers`` once; pages that others
open get a refusal that names the rows, and whom to ask instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.rules.mandate.contracts import Activity, SeatView
from pupitre.rules.mandate.organisation.offers import present
from pupitre.rules.mandate.web import Presence, presence_of

READS = frozenset({"A", "R", "AR", "C"})
ACTS = frozenset({"A", "R", "AR"})
View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Readers:
    """``refusal``: the template that says why not. ``besides``: of a seat's number, whether it
    reads for another reason than its letters."""

    activities: tuple[Activity, ...]
    refusal: str
    besides: Callable[[int], bool] | None = None

    def may_read(self, presence: Presence) -> bool:
        """From the seat that they speak from."""
        if presence.speaking is None:
            return False
        seat = presence.speaking.seat.id
        lettered = bool(self._letters(presence, seat) & READS)
        return lettered or (self.besides is not None and self.besides(seat))

    def opens(self, request: HttpRequest) -> bool:
        """Whether whoever reads is led there, or would be refused."""
        presence = presence_of(request)
        return presence is not None and self.may_read(presence)

    def answers_for(self, presence: Presence) -> bool:
        """Whether any of their seats has these rows to see to."""
        return any(self._letters(presence, chair.seat.id) & ACTS for chair in presence.chairs)

    def seats(self, presence: Presence) -> tuple[SeatView, ...]:
        """Whom to ask instead: every seat that the matrix lets read."""
        seats = {
            seat
            for one in self.activities
            for seat, letters in (presence.law.row(one.key) or {}).items()
            if letters in READS and seat in presence.law.seats
        }
        return tuple(presence.law.seat_view(seat, presence.day) for seat in sorted(seats))

    def only(self, view: View) -> View:
        """Declare a view that is for these alone. What it shows is kept by no browser."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            presence = present(request)
            if not self.may_read(presence):
                return self._refused(request, presence)
            response = view(request, *args, **kwargs)
            response["Cache-Control"] = "no-store"
            return response

        return guarded

    def _refused(self, request: HttpRequest, presence: Presence) -> HttpResponse:
        context = {
            "activities": self.activities,
            "seats": self.seats(presence),
            "seat": presence.speaking.seat if presence.speaking else None,
            "fragment": request.headers.get("HX-Request") == "true",
        }
        return render(request, self.refusal, context, status=403)

    def _letters(self, presence: Presence, seat: int) -> set[str]:
        return {(presence.law.row(one.key) or {}).get(seat, "") for one in self.activities}
