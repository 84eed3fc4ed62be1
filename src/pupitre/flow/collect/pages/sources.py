"""All sources, and one source: how it does, its keys, how to send to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.flow.collect.pages.access import may_read_events
from pupitre.flow.collect.pages.health import Health, State, health_of
from pupitre.flow.collect.pages.install import PLACEHOLDER, snippets
from pupitre.flow.collect.sources.actions import OpenSource, source_subject
from pupitre.flow.collect.sources.activities import (
    PLAN_AGREE,
    SOURCE_CHANGE,
    SOURCE_KEY,
    SOURCE_OPEN,
)
from pupitre.flow.collect.sources.reading import SourceRow, all_sources, source_named
from pupitre.flow.collect.words import MODES, channel_words, refusal_words
from pupitre.lake.contracts import Channel
from pupitre.rules.mandate.contracts import SeatView
from pupitre.rules.mandate.queries import Requested, offer, open_requests, open_seat, present
from pupitre.rules.mandate.web import Presence, reading_view


@dataclass(frozen=True, slots=True)
class Line:
    """A source as the list shows it."""

    source: SourceRow
    health: Health
    channel: object
    mode: object
    owner: SeatView


@reading_view
def sources(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    rows = all_sources()
    health = health_of(rows, at=presence.at)
    lines = [_line(row, health[row.key], presence) for row in rows]
    still_open = [line for line in lines if line.source.open]
    context = {
        "lines": still_open,
        "closed": [line for line in lines if not line.source.open],
        "worst": [line for line in still_open if line.health.state in (State.REFUSING,)],
        "silent": [line for line in still_open if line.health.state in (State.SILENT, State.NEVER)],
        "keyless": [line for line in still_open if line.health.state is State.NO_KEY],
        "asked": open_requests(action=OpenSource, day=presence.day),
        "offer": offer(request, SOURCE_OPEN),
    }
    return render(request, "collect/sources.html", context)


@reading_view
def source(request: HttpRequest, key: str) -> HttpResponse:
    presence = present(request)
    found = source_named(key=key)
    if found is None:
        return _asked_for(request, key, presence)
    health = health_of((found,), at=presence.at)[key]
    context = {
        "source": found,
        "health": health,
        "reasons": [(*refusal_words(reason), reason, n) for reason, n in health.reasons],
        "channel": channel_words(found.channel),
        "mode": MODES[found.plan.mode],
        "owner": presence.law.seat_view(found.owner_id, presence.day),
        "taken": found.keys_taken(presence.at),
        "ended": [key for key in found.keys if not key.taken(presence.at)],
        "snippets": snippets(PLACEHOLDER, found.channel),
        "waiting": open_requests(subject=source_subject(key, found.name).key, day=presence.day),
        "may_read": may_read_events(presence),
        "may_change": offer(request, SOURCE_CHANGE).may,
        "may_key": offer(request, SOURCE_KEY).may,
        "may_plan": offer(request, PLAN_AGREE).may,
    }
    return render(request, "collect/source.html", context)


def _asked_for(request: HttpRequest, key: str, presence: Presence) -> HttpResponse:
    """A source that somebody has asked for and nobody has opened: what they want, and why."""
    requests = open_requests(subject=f"source:{key}", action=OpenSource, day=presence.day)
    if not requests:
        raise Http404
    context = {"requests": [_described(requested, presence) for requested in requests]}
    return render(request, "collect/source_asked.html", context)


def _described(requested: Requested, presence: Presence) -> dict[str, object]:
    action = requested.action
    if not isinstance(action, OpenSource):
        raise Http404
    return {
        "requested": requested,
        "action": action,
        "channel": channel_words(action.channel),
        "owner": open_seat(seat_id=action.owner_id, day=presence.day),
    }


def _line(row: SourceRow, health: Health, presence: Presence) -> Line:
    return Line(
        source=row,
        health=health,
        channel=channel_words(Channel(row.channel)),
        mode=MODES[row.plan.mode][0],
        owner=presence.law.seat_view(row.owner_id, presence.day),
    )
