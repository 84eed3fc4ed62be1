"""What was refused and waits: by source and reason, one by one, and tried again after a fix."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.core.templatetags.house import count
from pupitre.flow.collect.pages.access import shows_events
from pupitre.flow.collect.pages.raw import readable
from pupitre.flow.collect.queries import Held, HeldCount, held, held_counts, held_one
from pupitre.flow.collect.services import Replayed
from pupitre.flow.collect.sources.activities import QUARANTINE_REPLAY
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.flow.collect.sources.replaying import MOST_AT_ONCE, ReplayQuarantine
from pupitre.flow.collect.words import Words, refusal_words
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.queries import offer
from pupitre.rules.mandate.web import acting_view, ask, reading_view

PAGE = 50


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, how many wait for it, and what to do."""

    key: str
    name: Words
    remedy: Words
    events: int


@dataclass(frozen=True, slots=True)
class Line:
    event: Held
    source: str
    name: Words


@reading_view
@shows_events
def quarantine(request: HttpRequest) -> HttpResponse:
    names = {source.key: str(source.name) for source in all_sources()}
    source, reason = request.GET.get("source", ""), request.GET.get("reason", "")
    before = whole_number(request.GET.get("before"))
    counts = held_counts()
    found = held(source=source, reason=reason, before=before, limit=PAGE + 1)
    here = [one for one in counts if not source or one.source == source]
    context = {
        "total": sum(one.events for one in counts),
        "reasons": _reasons(here),
        "sources": list(names.items()),
        "source": source,
        "source_name": names.get(source, source),
        "reason": reason,
        "reason_words": refusal_words(reason) if reason else None,
        "lines": [
            Line(event, names.get(event.source, event.source), refusal_words(event.reason)[0])
            for event in found[:PAGE]
        ],
        "kept": sum(one.events for one in here if not reason or one.reason == reason),
        "older": _address(source, reason, before=found[PAGE - 1].id) if len(found) > PAGE else "",
        "first": before is None,
        "newest": _address(source, reason),
        "offer": offer(request, QUARANTINE_REPLAY),
        "most": MOST_AT_ONCE,
    }
    return render(request, "collect/quarantine.html", context)


@reading_view
@shows_events
def held_event(request: HttpRequest, event_id: int) -> HttpResponse:
    event = held_one(id_=event_id)
    if event is None:
        raise Http404
    names = {source.key: source.name for source in all_sources()}
    context = {
        "event": event,
        "source": names.get(event.source, event.source),
        "known": event.source in names,
        "words": refusal_words(event.reason),
        "text": readable(event.raw),
        "offer": offer(request, QUARANTINE_REPLAY),
    }
    return render(request, "collect/held.html", context)


@acting_view(ReplayQuarantine)
def replay(request: HttpRequest) -> HttpResponse:
    """Try the chosen events again, or all that a filter keeps (up to a bound)."""
    if request.method != "POST":
        return redirect("collect:quarantine")
    source, reason = request.POST.get("source", ""), request.POST.get("reason", "")
    try:
        outcome = ask(request, ReplayQuarantine(_chosen(request, source, reason)))
    except Invalid as invalid:
        messages.error(request, str(invalid))
    else:
        if isinstance(outcome, Performed) and isinstance(outcome.result, Replayed):
            _tell(request, outcome.result)
    return redirect(_address(source, reason))


def _chosen(request: HttpRequest, source: str, reason: str) -> tuple[int, ...]:
    if request.POST.get("all") == "1":
        found = held(source=source, reason=reason, limit=MOST_AT_ONCE)
        return tuple(event.id for event in found)
    numbers = (whole_number(text) for text in request.POST.getlist("event")[:MOST_AT_ONCE])
    return tuple(number for number in numbers if number is not None)


def _tell(request: HttpRequest, done: Replayed) -> None:
    if done.accepted:
        messages.success(
            request,
            ngettext("%(count)s event was let in.", "%(count)s events were let in.", done.accepted)
            % {"count": count(done.accepted)},
        )
    if done.refused:
        messages.warning(
            request,
            ngettext(
                "%(count)s event was refused again, and stays.",
                "%(count)s events were refused again, and stay.",
                done.refused,
            )
            % {"count": count(done.refused)},
        )
    if not done.accepted and not done.refused:
        messages.info(request, _("None of these is in quarantine any more."))


def _reasons(counts: list[HeldCount]) -> tuple[Reason, ...]:
    sums: dict[str, int] = defaultdict(int)
    for one in counts:
        sums[one.reason] += one.events
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(Reason(key, *refusal_words(key), events) for key, events in ordered)


def _address(source: str, reason: str, *, before: int | None = None) -> str:
    asked = {"source": source, "reason": reason, "before": before}
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("collect:quarantine") + (f"?{query}" if query else "")
