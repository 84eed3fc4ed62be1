"""The matrix that rules today, and one seat's letters in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.rules.mandate.findings import Finding, errors, warnings
from pupitre.rules.mandate.matrix.draft import points
from pupitre.rules.mandate.matrix.filters import read_filters
from pupitre.rules.mandate.matrix.queries import (
    findings_in,
    named_activities,
    open_drafts,
    scope_names,
    version_in_force,
)
from pupitre.rules.mandate.matrix.seat import letters_of
from pupitre.rules.mandate.matrix.table import Source, draw
from pupitre.rules.mandate.matrix.views.common import (
    filter_context,
    may_prepare,
    preparers,
    present,
    tabs,
    vacant_seats,
)
from pupitre.rules.mandate.web import Presence, reading_view

MOST_FINDINGS = 40  # of each kind, on a page that is for reading


@reading_view
def matrix(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    version = version_in_force()
    if version is None:
        return render(
            request,
            "mandate/matrix/none_yet.html",
            {"tabs": tabs("matrix"), "drafts": open_drafts()},
        )
    wanted = request.GET.get("seat", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 10:
        seat = presence.law.seats.get(int(wanted))
        if seat is not None:
            return _one_seat(request, presence, seat.id)
    findings = findings_in(presence.law.rows, law=presence.law, day=presence.day)
    source = source_in_force(presence, findings=findings)
    filters = read_filters(request.GET)
    blocking = errors(findings)
    context = {
        "tabs": tabs("matrix"),
        "version": version,
        "vacant": vacant_seats(findings),
        "errors": points(blocking[:MOST_FINDINGS]),
        "other_errors": len(blocking) - vacant_seats(findings),
        "warnings": points(warnings(findings)[:MOST_FINDINGS]),
        "warning_count": len(warnings(findings)),
        "table": draw(source, filters),
        "may_prepare": may_prepare(presence),
        "preparers": preparers(presence),
        "drafts": open_drafts(),
        **filter_context(presence, filters),
    }
    return render(request, "mandate/matrix/in_force.html", context)


def source_in_force(presence: Presence, *, findings: tuple[Finding, ...] = ()) -> Source:
    law = presence.law
    return Source(
        law=law,
        rows=law.rows,
        activities=named_activities(law),
        scopes=scope_names(),
        day=presence.day,
        findings=findings,
    )


def _one_seat(request: HttpRequest, presence: Presence, seat_id: int) -> HttpResponse:
    """One seat's letters: what its holder answers for, does, is asked and is told."""
    law = presence.law
    view = law.seat_view(seat_id, presence.day)
    context = {
        "tabs": tabs("matrix"),
        "seat": view,
        "occupied": law.occupied(seat_id, presence.day),
        "letters": letters_of(source_in_force(presence), seat_id),
        "number": law.matrix_number,
        "mine": presence.speaking is not None and presence.speaking.seat.id == seat_id,
    }
    return render(request, "mandate/matrix/seat.html", context)
