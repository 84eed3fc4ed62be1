"""Decisions: all of them, one of them, and what one says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django_filters
import django_tables2 as tables
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import whole_number
from pupitre.core.tables import DayColumn, HouseFilters, HouseTable, table_page
from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.contracts import Actor
from pupitre.rules.mandate.desk import describe
from pupitre.rules.mandate.models import AuditLine, Decision, Voice
from pupitre.rules.mandate.web import (
    NoSeat,
    Presence,
    acting_view,
    awaited_seats,
    forget_presence,
    presence_of,
    reading_view,
)

STATES = {
    Decision.State.OPEN: gettext_lazy("open"),
    Decision.State.PERFORMED: gettext_lazy("done"),
    Decision.State.REFUSED: gettext_lazy("refused"),
    Decision.State.WITHDRAWN: gettext_lazy("withdrawn"),
    Decision.State.IMPOSSIBLE: gettext_lazy("no longer possible"),
}
VERDICTS = {
    Voice.Verdict.FOR: gettext_lazy("in favour"),
    Voice.Verdict.NEUTRAL: gettext_lazy("neither for nor against"),
    Voice.Verdict.AGAINST: gettext_lazy("against"),
}


class DecisionTable(HouseTable):
    title = tables.Column(
        verbose_name=gettext_lazy("What"), accessor="title", order_by=("title_fr",)
    )
    member = tables.Column(verbose_name=gettext_lazy("Asked by"), accessor="member__name")
    requested_at = DayColumn(verbose_name=gettext_lazy("Asked on"))
    due = DayColumn(verbose_name=gettext_lazy("Due by"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    settled_at = DayColumn(verbose_name=gettext_lazy("Settled on"))

    class Meta(HouseTable.Meta):
        model = Decision
        fields = ("title", "member", "requested_at", "due", "state", "settled_at")
        caption = gettext_lazy("Decisions")
        empty_text = gettext_lazy(
            "No decision here. One appears when somebody asks for what another seat decides."
        )
        order_by = ("-requested_at",)

    def render_title(self, record: Decision) -> str:
        return format_html('<a href="{}">{}</a>', record.page_url, record.title)

    def value_title(self, record: Decision) -> str:
        return str(record.title)

    def render_state(self, record: Decision) -> str:
        return str(STATES[Decision.State(record.state)])


class DecisionFilter(HouseFilters):
    text = django_filters.CharFilter(label=gettext_lazy("Contains"), method="by_text")
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        choices=[(s.value, label) for s, label in STATES.items()],
        empty_label=gettext_lazy("all"),
    )
    mine = django_filters.ChoiceFilter(
        label=gettext_lazy("Asked by"),
        choices=[("yes", gettext_lazy("me"))],
        empty_label=gettext_lazy("anybody"),
        method="by_me",
    )

    class Meta:
        model = Decision
        fields = ("text", "state")

    def by_text(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(title_fr__icontains=text) | rows.filter(title_en__icontains=text)

    def by_me(self, rows: Any, _name: str, mine: str) -> Any:
        presence = presence_of(self.request)
        return rows.filter(member_id=presence.member_id) if mine and presence else rows


@reading_view
def all_decisions(request: HttpRequest) -> HttpResponse:
    presence = _present(request)
    return table_page(
        request,
        table=DecisionTable,
        rows=Decision.objects.select_related("member", "seat"),
        filters=DecisionFilter,
        template="mandate/decisions.html",
        context={
            "presence": presence,
            "open": Decision.objects.filter(state=Decision.State.OPEN).count(),
            "late": Decision.objects.filter(state=Decision.State.OPEN, due__lt=presence.at).count(),
        },
        export_name="decisions",
        may_export=True,
    )


@reading_view
def one_decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    return _decision_page(request, decision_id)


@acting_view("opine", "approve", "refuse", "carry_out", "confirm", "withdraw")
def speak(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Say something of a decision, from one of one's seats."""
    presence = _present(request)
    verb = request.POST.get("verb", "")
    if request.method != "POST" or verb not in _VERBS:
        return redirect("mandate:decision", decision_id)
    seat = whole_number(request.POST.get("seat")) or presence.actor.seat_id
    seen = whole_number(request.POST.get("round"))
    try:
        decision = _VERBS[verb](
            decision_id=decision_id,
            comment=request.POST.get("comment", "").strip(),
            by=Actor(presence.member_id, seat),
            at=clock.now(),
            **({"verdict": request.POST.get("verdict", "")} if verb == "opine" else {}),
            **({"round_seen": seen} if verb != "withdraw" else {}),
        )
    except Invalid as invalid:
        forget_presence(request)
        return _decision_page(request, decision_id, error=str(invalid), verb=verb)
    forget_presence(request)
    messages.success(request, _said(decision, verb))
    return redirect("mandate:desk" if request.POST.get("next") == "desk" else decision.page_url)


_VERBS: dict[str, Callable[..., Decision]] = {
    "opine": deciding.opine,
    "approve": deciding.approve,
    "confirm": deciding.confirm,
    "refuse": deciding.refuse,
    "carry_out": deciding.carry_out,
    "withdraw": deciding.withdraw,
}


def _said(decision: Decision, verb: str) -> str:
    """What came of it, in one sentence."""
    title = {"title": decision.title}
    if decision.state == Decision.State.PERFORMED:
        return _("Decided and done: %(title)s") % title
    if decision.state == Decision.State.REFUSED:
        return _("Refused: %(title)s") % title
    if decision.state == Decision.State.WITHDRAWN:
        return _("Withdrawn: %(title)s") % title
    if decision.state == Decision.State.IMPOSSIBLE:
        return _("Approved, but no longer possible: %(title)s") % title
    if verb == "opine":
        return _("Your opinion is recorded: %(title)s") % title
    names = ", ".join(str(seat.name) for seat in awaited_seats(decision, at=clock.now()))
    return _("Your yes is recorded. It still waits for: %(seats)s.") % {"seats": names or "—"}


def _decision_page(
    request: HttpRequest, decision_id: int, *, error: str = "", verb: str = ""
) -> HttpResponse:
    presence = _present(request)
    decision = (
        Decision.objects.filter(pk=decision_id)
        .select_related("member", "seat")
        .prefetch_related("voices__member", "voices__seat__function")
        .first()
    )
    if decision is None:
        raise Http404
    waiting = describe(decision, presence=presence)
    settled = decision.state != Decision.State.OPEN
    context = {
        "presence": presence,
        "decision": decision,
        "waiting": replace(waiting, verbs=()) if settled else waiting,
        "row": presence.law.row_view(decision.activity, decision.scope, presence.day),
        "activity": presence.law.activities.get(decision.activity),
        "awaited": () if settled else awaited_seats(decision, at=presence.at),
        "state": STATES[Decision.State(decision.state)],
        "history": AuditLine.objects.filter(decision_id=decision.pk).order_by("seq")[:200],
        "verdicts": VERDICTS.items(),
        "error": error,
        "error_verb": verb,
    }
    return render(request, "mandate/decision.html", context, status=422 if error else 200)


def _present(request: HttpRequest) -> Presence:
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    return presence
