"""The editor of a draft: its page, and the fragments that keep it true while one edits."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import CELL_VALUES
from pupitre.rules.mandate.matrix.actions import EditDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.matrix.draft import DraftState, fix_named, read_draft
from pupitre.rules.mandate.matrix.filters import Filters, read_filters
from pupitre.rules.mandate.matrix.queries import decisions_on
from pupitre.rules.mandate.matrix.table import Line, MatrixTable, draw, line_at
from pupitre.rules.mandate.matrix.views.common import (
    filter_context,
    is_fragment,
    may,
    page_query,
    preparers,
    present,
    tabs,
    version_or_404,
)
from pupitre.rules.mandate.models import MatrixVersion
from pupitre.rules.mandate.progress import standing_of
from pupitre.rules.mandate.web import (
    Presence,
    acting_view,
    actor_of,
    forget_presence,
    reading_view,
)

CHOICES = ("", *CELL_VALUES)


@reading_view
def editor(request: HttpRequest, number: int) -> HttpResponse:
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return redirect("mandate:version", number)
    state = read_draft(version, law=presence.law, day=presence.day)
    filters = read_filters(request.GET)
    context = {
        "tabs": tabs("drafts"),
        **state_context(presence, state),
        "table": draw(state.source, filters),
        **filter_context(presence, filters),
    }
    return render(request, "mandate/matrix/editor.html", context)


@acting_view(EditDraft)
def cell(request: HttpRequest, number: int) -> HttpResponse:
    """What one seat does in one row: asked for by a click, set by another."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return _gone(request, number)
    given = request.POST if request.method == "POST" else request.GET
    state = read_draft(version, law=presence.law, day=presence.day)
    place, seat_id = (given.get("scope", ""), given.get("activity", "")), _id(given.get("seat"))
    if request.method == "POST":
        edit = CellEdit(*place, seat_id, given.get("letters", ""), was=given.get("was"))
        return apply(request, state, (edit,), said=_cell_said(state, edit))
    line = line_at(state.source, place)
    mark = next((mark for mark in line.cells if mark.seat.id == seat_id), None)
    if mark is None:
        return redirect(_editor_url(request, number))
    context = {
        **state_context(presence, state),
        "line": line,
        "cell": mark,
        "choices": CHOICES,
        "view": read_filters(request.GET).query,
    }
    template = "mandate/matrix/_picker.html" if is_fragment(request) else "mandate/matrix/cell.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@acting_view(EditDraft)
def row(request: HttpRequest, number: int) -> HttpResponse:
    """A whole row as a form: every seat, and what it does."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return _gone(request, number)
    given = request.POST if request.method == "POST" else request.GET
    state = read_draft(version, law=presence.law, day=presence.day)
    place = (given.get("scope", ""), given.get("activity", ""))
    if request.method == "POST":
        edits = _row_edits(state, place, request.POST)
        if edits:
            return apply(request, state, edits, said=_("The row is saved."))
        messages.info(request, _("Nothing was changed."))
        return redirect(_editor_url(request, number))
    if place not in state.rows and (place[0] or place[1] not in presence.law.activities):
        messages.error(request, _("This draft has no such row."))
        return redirect("mandate:draft", number)
    line = line_at(state.source, place)
    filters = read_filters(request.GET)
    context = {
        **state_context(presence, state),
        **filter_context(presence, filters),
        "line": line,
        "marks": _marks_shown(presence, line, filters),
        "seat_count": len(line.cells),
        "choices": CHOICES,
        "points": [p for p in state.points + state.more_points if _about(p.finding, place)],
        "view": filters.query,
    }
    return render(request, "mandate/matrix/row.html", context)


MOST_SEATS_IN_A_FORM = 60  # beyond, one chooses a function first


def _marks_shown(presence: Presence, line: Line, filters: Filters) -> tuple[object, ...]:
    """The seats of the form: those of a function, or all where they are few, or those with
    letters and the heads."""
    seats = presence.law.seats
    if filters.function is not None:
        kept = [m for m in line.cells if seats[m.seat.id].function_id == filters.function]
    elif len(line.cells) <= MOST_SEATS_IN_A_FORM:
        kept = list(line.cells)
    else:
        kept = [m for m in line.cells if m.letters or seats[m.seat.id].heads]
    return tuple(kept[:MOST_SEATS_IN_A_FORM])


def _row_edits(state: DraftState, place: tuple[str, str], given: QueryDict) -> tuple[CellEdit, ...]:
    """The cells that the form changes: those where what was chosen is not what was shown."""
    if "clear" in given:
        return tuple(
            CellEdit(*place, seat, "", was=letters)
            for seat, letters in state.rows.get(place, {}).items()
        )
    edits = []
    for name, letters in given.items():
        seat = name.removeprefix("seat-")
        if seat != name and seat.isascii() and seat.isdigit() and len(seat) < 10:
            was = given.get(f"was-{seat}", "")
            if str(letters) != was:
                edits.append(CellEdit(*place, int(seat), str(letters), was=was))
    return tuple(edits)


@acting_view(EditDraft)
def fix(request: HttpRequest, number: int) -> HttpResponse:
    """Apply a finding's remedy."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return _gone(request, number)
    if request.method != "POST":
        return redirect("mandate:draft", number)
    state = read_draft(version, law=presence.law, day=presence.day)
    edits = fix_named(state, request.POST.get("fix", ""))
    if edits is None and may(presence, EditDraft(number, ())):
        messages.warning(
            request,
            _("The draft has changed since this page was drawn: this remedy was not applied."),
        )
        return _answer(request, state, state, said="", failed=True)
    return apply(request, state, edits or (), said=_("Corrected."))


def apply(
    request: HttpRequest, state: DraftState, edits: tuple[CellEdit, ...], *, said: str
) -> HttpResponse:
    """Change the cells; then the page again, or only what is different now."""
    number = state.version.number
    try:
        act(EditDraft(number, edits), by=actor_of(request), at=clock.now())
    except Invalid as invalid:
        messages.error(request, str(invalid))
        said, failed = "", True
    else:
        failed = False
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        return _gone(request, number)
    forget_presence(request)
    presence = present(request)
    after = read_draft(version, law=presence.law, day=presence.day)
    return _answer(request, state, after, said=said, failed=failed)


def _answer(
    request: HttpRequest, before: DraftState, after: DraftState, *, said: str, failed: bool
) -> HttpResponse:
    """The whole page again, or the parts that are different now, each replacing its own."""
    if not is_fragment(request):
        if said:
            messages.success(request, said)
        return redirect(_editor_url(request, after.version.number))
    presence = present(request)
    filters = read_filters(page_query(request))
    old = draw(before.source, filters)
    new = draw(after.source, filters, keep=[column.seat.id for column in old.columns])
    asked = (request.POST.get("scope", ""), request.POST.get("activity", ""))
    context = {
        **state_context(presence, after),
        **filter_context(presence, filters),
        "table": new,
        "oob": True,
        "said": said,
        "whole": not _same_frame(old, new),
        "lines": [
            line
            for was, line in zip(old.lines, new.lines, strict=False)
            # A refused edit shows its row again: what is on the page may be out of date.
            if was != line or (line.scope, line.activity.key) == asked
        ],
    }
    return render(request, "mandate/matrix/_edited.html", context, status=422 if failed else 200)


def _same_frame(old: MatrixTable, new: MatrixTable) -> bool:
    """Whether the page keeps its rows and columns, so that only some rows need replacing."""
    return old.columns == new.columns and [line.id for line in old.lines] == [
        line.id for line in new.lines
    ]


def state_context(presence: Presence, state: DraftState) -> dict[str, object]:
    editable = may(presence, EditDraft(state.version.number, ()))
    decision = state.decision
    standing = standing_of(decision, law=presence.law, at=presence.at) if decision else None
    return {
        "state": state,
        "version": state.version,
        "editable": editable,
        "preparers": () if editable else preparers(presence),
        "decision": decision,
        "needs": standing.needs if standing else (),
        "agreed": [
            voice
            for said in decisions_on(state.version.number, action=decision.action)[:1]
            for voice in said.voices
        ]
        if decision
        else (),
    }


def _about(finding: object, place: tuple[str, str]) -> bool:
    scope, activity = place
    own = (getattr(finding, "scope", ""), getattr(finding, "activity", None)) == (scope, activity)
    cells = getattr(finding, "cells", ())
    return own or any((s, a) == place for s, a, _seat in cells)


def _cell_said(state: DraftState, edit: CellEdit) -> str:
    """What a screen reader is told after a cell has changed."""
    seat = state.law.seats.get(edit.seat_id)
    activity = state.source.activities.get(edit.activity)
    if seat is None or activity is None:
        return ""
    return _("%(activity)s, %(seat)s: %(letters)s") % {
        "activity": activity.name,
        "seat": seat.name,
        "letters": " ".join(edit.letters) or _("no letter"),
    }


def _editor_url(request: HttpRequest, number: int) -> str:
    """Back to the editor as it was filtered."""
    view = read_filters(QueryDict(request.POST.get("view", request.GET.get("view", "")))).query
    return reverse("mandate:draft", args=[number]) + (f"?{view}" if view else "")


def _gone(request: HttpRequest, number: int) -> HttpResponse:
    """The draft is one no more: somebody brought it into force or gave it up meanwhile."""
    messages.warning(
        request,
        _("Version %(number)s is no longer a draft: nothing was changed.") % {"number": number},
    )
    target = reverse("mandate:version", args=[number])
    if is_fragment(request):
        return HttpResponse(status=200, headers={"HX-Redirect": target})
    return redirect(target)


def _id(text: str | None) -> int:
    fits = text is not None and text.isascii() and text.isdigit() and len(text) < 10
    return int(text) if fits and text else 0
