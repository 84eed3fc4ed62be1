"""The company's activities, and its initiatives."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Activity, Domain, Outcome, Performed, SeatView, Waiting
from pupitre.rules.mandate.matrix.actions import EditDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.matrix.defining import (
    BringBackActivity,
    ChangeActivity,
    DefineActivity,
    DefineScope,
    RetireActivity,
)
from pupitre.rules.mandate.matrix.draft import read_draft
from pupitre.rules.mandate.matrix.forms import (
    ActivityForm,
    ScopeForm,
    ScopeRowForm,
    activity_choices,
)
from pupitre.rules.mandate.matrix.table import plain
from pupitre.rules.mandate.matrix.views.common import may, present, tabs, version_or_404
from pupitre.rules.mandate.matrix.views.editor import state_context
from pupitre.rules.mandate.models import CompanyActivity, MatrixVersion
from pupitre.rules.mandate.web import Presence, acting_view, actor_of, ask, reading_view


@dataclass(frozen=True, slots=True)
class ActivityLine:
    activity: Activity
    accountable: tuple[SeatView, ...]  # in the version in force


@dataclass(frozen=True, slots=True)
class DomainLines:
    domain: Domain
    lines: tuple[ActivityLine, ...]


@reading_view
def all_of_them(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    known = sorted(presence.law.activities.values(), key=lambda a: plain(str(a.name)))
    groups = [
        DomainLines(
            domain,
            tuple(_line(presence, activity) for activity in known if activity.domain is domain),
        )
        for domain in Domain
    ]
    context = {
        "tabs": tabs("activities"),
        "groups": [group for group in groups if group.lines],
        "enforced": sum(activity.enforced for activity in known),
        "own": sum(not activity.enforced for activity in known),
        "retired": CompanyActivity.objects.filter(retired_on__isnull=False),
        "may_define": may(presence, DefineActivity("", "", Domain.PROCESS.value)),
    }
    return render(request, "mandate/matrix/activities.html", context)


def _line(presence: Presence, activity: Activity) -> ActivityLine:
    row = presence.law.row(activity.key) or {}
    seats = [seat for seat, letters in row.items() if "A" in letters]
    return ActivityLine(
        activity, tuple(presence.law.seat_view(seat, presence.day) for seat in seats)
    )


@acting_view(DefineActivity)
def define(request: HttpRequest) -> HttpResponse:
    present(request)
    form = ActivityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            outcome = ask(
                request,
                DefineActivity(given["name_fr"], given["name_en"], given["domain"], given["joint"]),
            )
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return _after(request, outcome)
    context = {"tabs": tabs("activities"), "form": form, "draft": _draft_asked(request)}
    status = 422 if form.errors else 200
    return render(request, "mandate/matrix/activity.html", context, status=status)


@acting_view(ChangeActivity)
def change(request: HttpRequest, key: str) -> HttpResponse:
    present(request)
    own = _own(key)
    initial = {
        "name_fr": own.name_fr,
        "name_en": own.name_en,
        "domain": own.domain,
        "joint": own.joint,
    }
    form = ActivityForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            outcome = ask(
                request,
                ChangeActivity(
                    key, given["name_fr"], given["name_en"], given["domain"], given["joint"]
                ),
            )
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return _after(request, outcome)
    context = {"tabs": tabs("activities"), "form": form, "own": own}
    status = 422 if form.errors else 200
    return render(request, "mandate/matrix/activity.html", context, status=status)


@acting_view(RetireActivity)
def retire(request: HttpRequest, key: str) -> HttpResponse:
    presence = present(request)
    own = _own(key)
    if request.method == "POST":
        return _after(request, ask(request, RetireActivity(key)))
    ruled = presence.law.row(key)
    context = {
        "question": _("Retire the activity “%(name)s”?") % {"name": own.name},
        "consequence": _(
            "It has a row in the matrix in force: the row will bind nobody, until a version "
            "without it enters into force. You can bring the activity back at any time."
        )
        if ruled
        else _("You can bring it back at any time."),
        "action": reverse("mandate:activity_retire", args=[key]),
        "label": _("Retire the activity"),
        "danger": True,
        "back": reverse("mandate:activity", args=[key]),
    }
    return render(request, "core/confirm.html", context)


@acting_view(BringBackActivity)
def bring_back(request: HttpRequest, key: str) -> HttpResponse:
    present(request)
    if request.method == "POST":
        return _after(request, ask(request, BringBackActivity(key)))
    return redirect("mandate:activities")


@acting_view(DefineScope, EditDraft)
def initiative(request: HttpRequest, number: int) -> HttpResponse:
    """Give an initiative a row of its own in a draft; name the initiative first where it is new."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return redirect("mandate:version", number)
    state = read_draft(version, law=presence.law, day=presence.day)
    source = state.source
    naming = "name_fr" in request.POST
    name_form = ScopeForm(request.POST if naming else None, prefix=None)
    row_form = ScopeRowForm(
        request.POST if request.method == "POST" and not naming else None,
        scopes=[(key, str(name)) for key, name in source.scopes.items()],
        activities=activity_choices(
            [
                source.activities[key]
                for scope, key in state.rows
                if not scope and key in source.activities
            ]
        ),
    )
    if naming and name_form.is_valid():
        given = name_form.cleaned_data
        try:
            ask(request, DefineScope(given["name_fr"], given["name_en"]))
        except Invalid as invalid:
            name_form.refuse(invalid)
        else:
            return redirect("mandate:initiative", number)
    elif row_form.is_bound and row_form.is_valid():
        scope, activity = row_form.cleaned_data["scope"], row_form.cleaned_data["activity"]
        edits = tuple(
            CellEdit(scope, activity, seat, letters, was="")
            for seat, letters in state.rows.get(("", activity), {}).items()
        )
        try:
            act(EditDraft(number, edits), by=actor_of(request), at=clock.now())
        except Invalid as invalid:
            row_form.refuse(invalid)
        else:
            messages.success(
                request, _("The row is a copy of the company’s for now: change what differs.")
            )
            address = reverse("mandate:draft_row", args=[number])
            return redirect(f"{address}?scope={scope}&activity={activity}")
    context = {
        "tabs": tabs("drafts"),
        **state_context(presence, state),
        "name_form": name_form,
        "row_form": row_form,
    }
    status = 422 if name_form.errors or row_form.errors else 200
    return render(request, "mandate/matrix/initiative.html", context, status=status)


def _own(key: str) -> CompanyActivity:
    own = CompanyActivity.objects.filter(key=key, retired_on__isnull=True).first()
    if own is None:
        raise Http404
    return own


def _draft_asked(request: HttpRequest) -> int | None:
    given = request.POST.get("draft", request.GET.get("draft", ""))
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _after(request: HttpRequest, outcome: Outcome) -> HttpResponse:
    """Where one goes once an activity has changed: back to the draft one came from."""
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    draft = _draft_asked(request)
    if draft is not None and isinstance(outcome, Performed) and isinstance(outcome.result, str):
        address = reverse("mandate:draft_row", args=[draft])
        return redirect(f"{address}?scope=&activity={outcome.result}")
    return redirect("mandate:activities")
