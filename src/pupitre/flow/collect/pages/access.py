"""Who may read what: sources are everybody's to know; the events themselves are customers' data."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.flow.collect.sources.activities import ACTIVITIES
from pupitre.flow.collect.sources.reading import SourceRow, all_sources, source_named
from pupitre.rules.mandate.contracts import SeatView
from pupitre.rules.mandate.queries import present
from pupitre.rules.mandate.web import Presence

# Those who decide, do or are asked beforehand; whoever is told afterwards needs no raw event.
_READS = frozenset({"A", "R", "AR", "C"})
View = Callable[..., HttpResponse]


def may_read_events(presence: Presence) -> bool:
    """Whether this reader, from the seat that they speak from, may read customers' events."""
    if presence.speaking is None:
        return False
    seat = presence.speaking.seat.id
    if any((presence.law.row(a.key) or {}).get(seat, "") in _READS for a in ACTIVITIES):
        return True
    return any(source.owner_id == seat for source in all_sources())


def seats_that_read(presence: Presence) -> tuple[SeatView, ...]:
    """Whom to ask instead: every seat that the matrix lets read."""
    seats = {
        seat
        for activity in ACTIVITIES
        for seat, letters in (presence.law.row(activity.key) or {}).items()
        if letters in _READS and seat in presence.law.seats
    }
    return tuple(presence.law.seat_view(seat, presence.day) for seat in sorted(seats))


def shows_events(view: View) -> View:
    """Declare a view that shows customers' own data: others get a refusal that says why."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        presence = present(request)
        if not may_read_events(presence):
            context = {
                "activities": ACTIVITIES,
                "seats": seats_that_read(presence),
                "seat": presence.speaking.seat if presence.speaking else None,
                "fragment": request.headers.get("HX-Request") == "true",
            }
            return render(request, "collect/not_for_this_seat.html", context, status=403)
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return guarded


def source_or_404(key: str) -> SourceRow:
    source = source_named(key=key)
    if source is None:
        raise Http404
    return source
