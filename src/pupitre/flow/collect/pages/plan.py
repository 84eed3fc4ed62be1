"""The page of a tracking plan: what arrives, what was agreed, what differs, and the agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent
from pupitre.flow.collect.pages.access import source_or_404
from pupitre.flow.collect.sources.activities import PLAN_AGREE
from pupitre.flow.collect.sources.inference import (
    MAX_EVENTS,
    Change,
    Difference,
    Sample,
    SeenEvent,
    differences,
    infer,
    propose,
)
from pupitre.flow.collect.sources.planning import AgreePlan, plan_subject
from pupitre.flow.collect.words import MODES, TYPES
from pupitre.lake import queries as lake
from pupitre.lake.contracts import EventType, LakeError, Sql
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import offer, open_requests, present
from pupitre.rules.mandate.web import acting_view, ask

SAMPLES = 5_000  # the latest events of the source
SAMPLED_DAYS = 60
_LATEST = Sql(
    "latest events of a source",
    "SELECT type, name, properties, traits\nFROM {events}\n"
    "WHERE source = $source AND corrected_at >= $since\n"
    f"ORDER BY corrected_at DESC, message_id\nLIMIT {SAMPLES}",
)
_TRAITS = frozenset({EventType.IDENTIFY, EventType.GROUP})
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Line:
    """One event of the plan to be: as planned, as seen, and how it differs from the agreed plan."""

    planned: PlannedEvent
    seen: SeenEvent | None
    differences: tuple[Difference, ...]
    chosen: bool

    @property
    def text(self) -> str:
        """As the form sends it back: what is agreed to is what was on the page."""
        return _encode(self.planned).decode()

    @property
    def label(self) -> str:
        return self.planned.name or str(TYPES[EventType(self.planned.type)])

    @property
    def properties(self) -> tuple[tuple[str, str, bool, float | None], ...]:
        """(name, type, required, share of the events seen that had it)."""
        shares = {p.name: self.seen.share(p) for p in self.seen.properties} if self.seen else {}
        return tuple(
            (p.name, p.type, p.required, shares.get(p.name)) for p in self.planned.properties
        )


@acting_view(AgreePlan)
def plan(request: HttpRequest, key: str) -> HttpResponse:
    presence = present(request)
    source = source_or_404(key)
    error = ""
    if request.method == "POST":
        try:
            outcome = ask(request, _asked(key, request))
        except Invalid as invalid:
            error = str(invalid)
        else:
            if isinstance(outcome, Waiting):
                return redirect("mandate:decision", outcome.decision_id)
            return redirect("collect:plan", key)
    try:
        samples = latest_samples(source=key, at=presence.at)
    except LakeError:
        samples = ()
        messages.warning(request, _("The lake did not answer: what arrives cannot be shown."))
    seen = infer(samples)
    context = {
        "source": source,
        "lines": lines_of(source.plan.events, seen),
        "sampled": len(samples),
        "most": SAMPLES,
        "days": SAMPLED_DAYS,
        "differences": differences(source.plan.events, propose(seen, source.plan.events))
        if seen
        else (),
        "offer": offer(request, PLAN_AGREE),
        "modes": [(mode, *words) for mode, words in MODES.items()],
        "mode": MODES[source.plan.mode],
        "waiting": [
            (requested, MODES[requested.action.mode][0])
            for requested in open_requests(subject=plan_subject(key).key, day=presence.day)
            if isinstance(requested.action, AgreePlan)
        ],
        "error": error,
    }
    return render(request, "collect/plan.html", context, status=422 if error else 200)


def latest_samples(*, source: str, at: datetime) -> tuple[Sample, ...]:
    """The latest events of a source, without the identifiers that they came with."""
    answer = lake.run(_LATEST, {"source": source, "since": at - timedelta(days=SAMPLED_DAYS)})
    return tuple(_samples(answer.rows))


def lines_of(agreed: Iterable[PlannedEvent], seen: tuple[SeenEvent, ...]) -> tuple[Line, ...]:
    """What arrives, then what was agreed to and did not arrive lately: a rare event stays."""
    before = {(event.type, event.name): event for event in agreed}
    lines = []
    for found, planned in zip(seen, propose(seen, tuple(before.values())), strict=True):
        old = before.pop(found.place, None)
        changed = differences((old,) if old else (), (planned,))
        lines.append(Line(planned, found, changed, chosen=True))
    for event in before.values():
        unseen = Difference(Change.UNSEEN_EVENT, event.type, event.name)
        lines.append(Line(event, None, (unseen,), chosen=True))
    return tuple(lines[:MAX_EVENTS])


def _samples(rows: Iterable[tuple[object, ...]]) -> Iterable[Sample]:
    for kind, name, properties, traits in rows:
        text = traits if kind in _TRAITS else properties
        found: Mapping[str, Any] = _decode(str(text))
        yield Sample(str(kind), str(name or ""), found)


def _asked(key: str, request: HttpRequest) -> AgreePlan:
    """The plan that the form describes. Raises ``Invalid`` for what no form of ours sends."""
    try:
        events = tuple(
            msgspec.json.decode(text, type=PlannedEvent)
            for text in request.POST.getlist("event")[: MAX_EVENTS + 1]
        )
        mode = PlanMode(request.POST.get("mode", ""))
    except ValueError as error:
        raise Invalid(_("Choose what becomes of events that the plan does not have.")) from error
    based_on = whole_number(request.POST.get("based_on"))
    return AgreePlan(key, mode, events, based_on=-1 if based_on is None else based_on)
