"""The five starting points: what each gives, and a draft made of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.contracts import Activity, Performed, enforced_activities
from pupitre.rules.mandate.findings import Finding, errors, find, warnings
from pupitre.rules.mandate.matrix.draft import points
from pupitre.rules.mandate.matrix.filters import read_filters
from pupitre.rules.mandate.matrix.forms import RolesForm
from pupitre.rules.mandate.matrix.queries import Rows
from pupitre.rules.mandate.matrix.starting import (
    StartFromPoint,
    all_activities_then,
    missing_activities,
    preview,
)
from pupitre.rules.mandate.matrix.table import MatrixTable, Source, draw
from pupitre.rules.mandate.matrix.views.common import (
    filter_context,
    may_prepare,
    preparers,
    present,
    tabs,
)
from pupitre.rules.mandate.starting_points import (
    STARTING_POINTS,
    Role,
    StartingPoint,
    map_roles,
    missing_roles,
    starting_point,
)
from pupitre.rules.mandate.web import Presence, acting_view, ask, reading_view

MOST_SEATS_OFFERED = 300  # in a list of choices


@dataclass(frozen=True, slots=True)
class Share:
    """How many activities one seat would be accountable for."""

    seat_id: int
    name: str
    kind: str
    accountable: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a starting point would make of this company."""

    point: StartingPoint
    findings: tuple[Finding, ...]
    shares: tuple[Share, ...]  # who would decide most, first
    table: MatrixTable | None = None

    @property
    def error_count(self) -> int:
        return len(errors(self.findings))

    @property
    def warning_count(self) -> int:
        return len(warnings(self.findings))


@reading_view
def five(request: HttpRequest) -> HttpResponse:
    """The five side by side, each tried on this company."""
    presence = present(request)
    roles = map_roles(presence.law, presence.day)
    activities = all_activities_then(presence.law)
    missing = missing_roles(roles)
    previews = [
        _preview(presence, point, roles, activities) if not missing else Preview(point, (), ())
        for point in STARTING_POINTS
    ]
    context = {"tabs": tabs("drafts"), "previews": previews, "missing": missing}
    return render(request, "mandate/matrix/starting_points.html", context)


@acting_view(StartFromPoint)
def one(request: HttpRequest, key: str) -> HttpResponse:
    """One starting point: who plays which part, what comes of it, and a draft made of it."""
    presence = present(request)
    point = starting_point(key)
    if point is None:
        raise Http404
    occupied = tuple(
        seat for seat in presence.law.seats if presence.law.occupied(seat, presence.day)
    )[:MOST_SEATS_OFFERED]
    proposed = map_roles(presence.law, presence.day)
    initial = {role.value: str(seat) for role, seat in proposed.items() if seat is not None}
    posted = request.method == "POST"
    form = RolesForm(
        request.POST if posted else None, initial=initial, law=presence.law, occupied=occupied
    )
    if posted and form.is_valid() and "try" not in request.POST:
        try:
            outcome = ask(request, StartFromPoint(key, form.roles()))
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            if isinstance(outcome, Performed):
                return redirect("mandate:draft", outcome.result)
            return redirect("mandate:drafts")
    roles: Mapping[Role, int | None] = proposed
    if form.is_bound and form.is_valid():
        roles = {**dict.fromkeys(Role), **{Role(r): s for r, s in form.roles()}}
    activities = all_activities_then(presence.law)
    context = {
        "tabs": tabs("drafts"),
        "point": point,
        "form": form,
        "added": missing_activities(presence.law),
        "may_prepare": may_prepare(presence),
        "preparers": preparers(presence),
        "no_matrix": presence.law.matrix_number is None,
        **filter_context(presence, read_filters({})),
    }
    if not missing_roles(roles):
        shown = _preview(presence, point, roles, activities, drawn=True)
        context |= {"preview": shown, "points": points(shown.findings[:12]), "table": shown.table}
    status = 422 if form.errors else 200
    return render(request, "mandate/matrix/starting_point.html", context, status=status)


def _preview(
    presence: Presence,
    point: StartingPoint,
    roles: Mapping[Role, int | None],
    activities: Mapping[str, Activity],
    *,
    drawn: bool = False,
) -> Preview:
    law = presence.law
    rows = preview(point, roles, law=law)
    then = replace(law, rows=rows, activities=activities)
    findings = find(then, day=presence.day, enforced=enforced_activities.keys())
    table = None
    if drawn:
        source = Source(
            law=then,
            rows=rows,
            activities=activities,
            scopes={},
            day=presence.day,
            findings=findings,
        )
        table = draw(source, read_filters({}))
    return Preview(point, findings, _shares(presence, rows), table)


def _shares(presence: Presence, rows: Rows) -> tuple[Share, ...]:
    held: dict[int, int] = {}
    for row in rows.values():
        for seat, letters in row.items():
            if "A" in letters:
                held[seat] = held.get(seat, 0) + 1
    law = presence.law
    most_first = sorted(held, key=lambda seat: (-held[seat], seat))
    return tuple(
        Share(seat, str(law.seats[seat].name), law.seats[seat].kind, held[seat])
        for seat in most_first[:6]
    )
