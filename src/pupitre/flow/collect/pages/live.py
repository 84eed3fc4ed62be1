"""Events as they come: the last of each source, polled by HTMX, or by reloading the page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.flow.collect.pages.access import shows_events
from pupitre.flow.collect.pages.raw import as_let_in
from pupitre.flow.collect.queries import LiveEvent, latest_events
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.flow.collect.words import TYPES
from pupitre.lake.contracts import EventType
from pupitre.rules.mandate.queries import present
from pupitre.rules.mandate.web import reading_view

SHOWN = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the live view."""

    event: LiveEvent
    source: str
    what: str
    text: str


@reading_view
@shows_events
def live(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    sources = all_sources()
    names = {source.key: str(source.name) for source in sources}
    wanted = request.GET.get("source", "")
    chosen = wanted if wanted in names else ""
    events = latest_events(source=chosen, limit=SHOWN)
    context = {
        "lines": [_line(event, names) for event in events],
        "sources": sources,
        "chosen": chosen,
        "chosen_name": names.get(chosen, ""),
        "newest": events[0].at if events else None,
        "at": presence.at,
        "paused": request.GET.get("paused") == "1",
        "shown": SHOWN,
    }
    return render(request, "collect/live.html", context)


def _line(event: LiveEvent, names: dict[str, str]) -> Line:
    kind = str(TYPES[EventType(event.type)]) if event.type in set(EventType) else event.type
    return Line(
        event=event,
        source=names.get(event.source, event.source),
        what=event.name or kind,
        text=as_let_in(event.shown),
    )
