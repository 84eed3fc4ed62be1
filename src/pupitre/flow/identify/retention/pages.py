"""How long data is kept: what is decided, what is next, what went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.flow.collect.queries import channel_names
from pupitre.flow.identify.models import RetentionRule, RetentionRun
from pupitre.flow.identify.models.retention import Kept
from pupitre.flow.identify.retention.keeping import before_of
from pupitre.flow.identify.retention.rules import MOST_MONTHS, NAMES, SUGGESTIONS, SetRetention
from pupitre.flow.identify.rights.access import opens_requests
from pupitre.flow.identify.rights.activities import RETENTION_SET
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import offer, open_requests, open_to, present
from pupitre.rules.mandate.web import acting_view, ask, reading_view

SHOWN_RUNS = 50


@dataclass(frozen=True, slots=True)
class Line:
    kept: str
    name: str | Promise
    key: str  # of the channel; empty: every channel without a rule of its own
    channel: str | Promise
    months: int  # 0: for ever
    before: datetime | None  # what is older goes tonight
    suggested: int
    why: str | Promise

    @property
    def years(self) -> int:
        return self.months // 12 if self.months % 12 == 0 else 0


class RetentionForm(HouseForm):
    kept = forms.ChoiceField(label=gettext_lazy("What"), choices=[*NAMES.items()])
    channel = forms.ChoiceField(
        label=gettext_lazy("Channel"),
        required=False,
        choices=[
            ("", gettext_lazy("every channel without a rule of its own")),
            *channel_names().items(),
        ],
        help_text=gettext_lazy("Of events alone."),
    )
    months = forms.IntegerField(
        label=gettext_lazy("Months"),
        min_value=0,
        max_value=MOST_MONTHS,
        help_text=gettext_lazy("0: for ever."),
    )


@reading_view
def retention(request: HttpRequest) -> HttpResponse:
    at = present(request).at
    rules = list(RetentionRule.objects.all())
    decided = {(rule.kept, rule.channel) for rule in rules}
    lines = [_line(rule, at=at) for rule in rules]
    lines += [
        Line(kept, NAMES[kept], "", "", 0, None, SUGGESTIONS[kept].months, SUGGESTIONS[kept].why)
        for kept in Kept.values
        if (kept, "") not in decided
    ]
    context = {
        "lines": lines,
        "decided": sum(rule.months > 0 for rule in rules),
        "undecided": sum((kept, "") not in decided for kept in Kept.values),
        "runs": [(NAMES[run.kept], run) for run in RetentionRun.objects.all()[:SHOWN_RUNS]],
        "asked": open_requests(day=present(request).day, action=SetRetention),
        "offer": offer(request, RETENTION_SET),
        "leads_to_requests": opens_requests(request),
    }
    return render(request, "identify/retention/rules.html", context)


def _line(rule: RetentionRule, *, at: datetime) -> Line:
    names = channel_names()
    suggestion = SUGGESTIONS[rule.kept]
    return Line(
        kept=rule.kept,
        name=NAMES[rule.kept],
        key=rule.channel,
        channel=names.get(rule.channel, rule.channel),
        months=rule.months,
        before=before_of(rule, at=at) if rule.months else None,
        suggested=suggestion.months,
        why=suggestion.why,
    )


@acting_view(SetRetention)
def set_retention(request: HttpRequest) -> HttpResponse:
    offered = open_to(request, RETENTION_SET)
    kept, channel = request.GET.get("kept", ""), request.GET.get("channel", "")
    wanted = kept if kept in SUGGESTIONS else Kept.EVENTS.value
    rule = RetentionRule.objects.filter(kept=wanted, channel=channel).first()
    months = rule.months if rule else SUGGESTIONS[wanted].months  # as it is, or as we would
    form = RetentionForm(
        request.POST or None, initial={"kept": wanted, "channel": channel, "months": months}
    )
    if request.method == "POST" and form.is_valid():
        said: Mapping[str, Any] = form.cleaned_data
        try:
            outcome = ask(request, SetRetention(said["kept"], said["months"], said["channel"]))
        except Invalid as error:
            form.refuse(error)
        else:
            if isinstance(outcome, Waiting):
                return redirect("mandate:decision", outcome.decision_id)
            return redirect("identify:retention")
    context = {
        "form": form,
        "title": _("How long is this kept?"),
        "intro": _("From the next night on, what is older is deleted for good."),
        "label": _("Keep it so long"),
        "back": reverse("identify:retention"),
        "offer": offered,
    }
    wrong = request.method == "POST" and bool(form.errors)
    return render(request, "identify/rights/form.html", context, status=422 if wrong else 200)
