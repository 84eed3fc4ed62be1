"""The page of a tracking plan: a draft edited by hand, what it would do, and the agreement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import PlanMode
from pupitre.flow.collect.pages.access import source_or_404
from pupitre.flow.collect.pages.plan_draft import Around, Draft, begun, pressed, read_draft
from pupitre.flow.collect.pages.plan_shown import effect_of, lines_of, unplanned_of
from pupitre.flow.collect.sources.activities import PLAN_AGREE
from pupitre.flow.collect.sources.foreseeing import Arrival, samples_of
from pupitre.flow.collect.sources.inference import differences, infer, propose
from pupitre.flow.collect.sources.planning import AgreePlan, plan_subject
from pupitre.flow.collect.sources.reading import SourceRow
from pupitre.flow.collect.words import MODES, PROPERTY_TYPES, TYPES
from pupitre.lake import queries as lake
from pupitre.lake.contracts import LakeError, Sql
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import offer, open_requests, open_to, present
from pupitre.rules.mandate.web import acting_view, ask

SAMPLES = 5_000  # the latest events of the source
SAMPLED_DAYS = 60
MAX_WAITING = 5  # requests whose effect is told
_LATEST = Sql(
    "latest events of a source",
    "SELECT type, name, properties, traits\nFROM {events}\n"
    "WHERE source = $source AND corrected_at >= $since\n"
    f"ORDER BY corrected_at DESC, message_id\nLIMIT {SAMPLES}",
)


@acting_view(AgreePlan)
def plan(request: HttpRequest, key: str) -> HttpResponse:
    presence = present(request)
    source = source_or_404(key)
    try:
        arrivals: tuple[Arrival, ...] | None = latest_arrivals(source=key, at=presence.at)
    except LakeError:
        arrivals = None
        messages.warning(request, _("The lake did not answer: what arrives cannot be shown."))
    around = Around(source.plan, infer(samples_of(arrivals or ())))
    draft = begun(around)
    if request.method == "POST":
        open_to(request, PLAN_AGREE)
        try:
            draft = read_draft(request.POST)
            draft = pressed(draft, request.POST, around)
            if request.POST.get("act") == "agree" and not draft.errors:
                return _agreed(request, key, draft)
        except Invalid as invalid:
            draft = draft.refusing(invalid)
    shown = _shown(request, source, around, draft, arrivals)
    return render(request, "collect/plan.html", shown, status=422 if draft.errors else 200)


def latest_arrivals(*, source: str, at: datetime) -> tuple[Arrival, ...]:
    """The latest events of a source, without the identifiers that they came with."""
    answer = lake.run(_LATEST, {"source": source, "since": at - timedelta(days=SAMPLED_DAYS)})
    return tuple(
        Arrival(str(kind), str(name or ""), str(properties), str(traits))
        for kind, name, properties, traits in answer.rows
    )


def _agreed(request: HttpRequest, key: str, draft: Draft) -> HttpResponse:
    """Asked for or done. Raises ``Invalid`` where its effect was not on the page."""
    if draft.mode is None:
        raise Invalid(_("Choose what becomes of events that the plan does not have."), field="mode")
    if draft.counted != draft.fingerprint:
        raise Invalid(
            _("The plan has changed since its effect was counted: read it again, then agree.")
        )
    outcome = ask(request, AgreePlan(key, draft.mode, draft.events, based_on=draft.based_on))
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    return redirect("collect:plan", key)


def _shown(
    request: HttpRequest,
    source: SourceRow,
    around: Around,
    draft: Draft,
    arrivals: tuple[Arrival, ...] | None,
) -> Mapping[str, Any]:
    agreed, seen = source.plan.events, around.seen
    mode = source.plan.mode if draft.mode is None else draft.mode
    lines = lines_of(draft, agreed=agreed, seen=seen)
    return {
        "source": source,
        "draft": replace(draft, mode=mode),
        "lines": lines,
        "editing": next((line for line in lines if line.unfolded), None),
        "unplanned": unplanned_of(draft, seen),
        "seen": len(seen),
        "sampled": None if arrivals is None else len(arrivals),
        "days": SAMPLED_DAYS,
        "differences": differences(agreed, propose(seen, agreed)) if seen else (),
        "overtaken": draft.based_on != source.plan.number,
        "effect": effect_of(draft.events, agreed=agreed, arrivals=arrivals or ()),
        "offer": offer(request, PLAN_AGREE),
        "modes": [(value, *words) for value, words in MODES.items()],
        "mode_in_force": MODES[source.plan.mode],
        "refuses": source.plan.mode is PlanMode.ENFORCE,
        "property_types": PROPERTY_TYPES.items(),
        "event_types": TYPES.items(),
        "waiting": _waiting(request, source, arrivals or ()),
    }


def _waiting(
    request: HttpRequest, source: SourceRow, arrivals: tuple[Arrival, ...]
) -> list[tuple[Any, Any]]:
    """What others ask for, with its effect: whoever has to say yes reads it here."""
    subject, day = plan_subject(source.key).key, present(request).day
    return [
        (one, effect_of(one.action.events, agreed=source.plan.events, arrivals=arrivals))
        for one in islice(open_requests(subject=subject, day=day), MAX_WAITING)
        if isinstance(one.action, AgreePlan)
    ]
