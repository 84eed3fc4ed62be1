"""The pages about requests by right: all of them, one with its story, its receipt."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pupitre.core import clock as wall
from pupitre.core.errors import Invalid
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.models.rights import OPEN_STATES, RequestState, Right
from pupitre.flow.identify.people.activities import PERSON_READ
from pupitre.flow.identify.rights import listing
from pupitre.flow.identify.rights.access import shows_requests
from pupitre.flow.identify.rights.activities import (
    CUSTOMER,
    RIGHT_DECIDE,
    RIGHT_ERASE,
    RIGHT_HANDLE,
)
from pupitre.flow.identify.rights.clock import may_extend
from pupitre.flow.identify.rights.deciding import COPIED
from pupitre.flow.identify.rights.exporting import (
    HandOver,
    Parted,
    again_until,
    drop_parted,
    export_of,
    holds_another,
    is_ready,
    opened,
    taker,
)
from pupitre.flow.identify.rights.portable import by_their_link
from pupitre.flow.identify.rights.receipt import receipt_of
from pupitre.flow.identify.rights.requests import subject_of
from pupitre.flow.identify.rights.words import CHECKS, KINDS, MACHINES, REFUSING, STEPS
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.queries import letters_of, offer, open_requests, present
from pupitre.rules.mandate.web import acting_view, ask, reading_view

SHOWN = 2  # characters of what somebody is known by; the rest is dots


@reading_view
@shows_requests
def rights(request: HttpRequest) -> HttpResponse:
    at = present(request).at
    context = {
        "tally": listing.tally(at=at),
        "lines": listing.open_lines(at=at),
        "closed": listing.closed_lines(at=at),
        "offer": offer(request, RIGHT_HANDLE),
    }
    return render(request, "identify/rights/list.html", context)


@reading_view
@shows_requests
def right(request: HttpRequest, number: int) -> HttpResponse:
    row = request_or_404(number)
    presence = present(request)
    export = export_of(number)
    given = export is not None and not holds_another(export)
    again = again_until(export, at=presence.at) if export is not None and given else None
    erasing = row.right == Right.ERASURE
    context = {
        "row": row,
        "line": listing.line_of(row, at=presence.at),
        "open": row.state in OPEN_STATES,
        "known_by": _masked(row),
        "check": CHECKS.get(row.check_how, ""),
        "refusing": REFUSING.get(row.refusing, ""),
        "steps": [
            (step, STEPS.get(step.what, step.what), MACHINES.get(step.by, step.by))
            for step in row.steps.all()
        ],
        "person": _person(request, row),
        "copied": row.right in COPIED,
        "by_themselves": row.steps.filter(what="taken", by=CUSTOMER.name).exists(),
        "waiting": open_requests(subject=subject_of(number).key, day=presence.day),
        "handle": offer(request, RIGHT_HANDLE),
        "decide": offer(request, RIGHT_ERASE if erasing else RIGHT_DECIDE),
        "refuse": offer(request, RIGHT_DECIDE),
        "may_extend": row.extended_at is None
        and row.state in (RequestState.RECEIVED, RequestState.CHECKED)
        and may_extend(row.received_on, today=wall.day_of(presence.at)),
        "export": export,
        "copy_waits": export is not None and given and is_ready(export, at=presence.at),
        "by_their_link": by_their_link().filter(pk=number).exists(),
        "again_until": again,
        "taken_here": export is not None and export.taken_by == taker(presence.actor),
        "restraint": row.restraints.filter(until__isnull=True).first(),
        "receipt": receipt_of(row) if erasing and row.decided_at and not row.refusing else None,
    }
    return render(request, "identify/rights/one.html", context)


@acting_view(HandOver)
@shows_requests
def copy(request: HttpRequest, number: int) -> HttpResponse:
    """The copy itself: handed over by a POST, once, and in the audit; again within the hour."""
    request_or_404(number)
    if request.method != "POST":
        return redirect("identify:right", number)
    try:
        outcome = ask(request, HandOver(number))
    except Parted:
        drop_parted(number, at=wall.now())
        raise
    if not isinstance(outcome, Performed):
        raise Invalid(_("The copy is not made yet."))
    try:
        file = opened(str(outcome.result))
    except FileNotFoundError as error:
        raise Http404 from error
    name = f"pupitre-{number}.zip"
    response = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    return cast(HttpResponse, response)  # it streams, and decorators ask for no more than headers


def request_or_404(number: int) -> RightsRequest:
    row = RightsRequest.objects.select_related("identifier").filter(pk=number).first()
    if row is None:
        raise Http404
    return row


def _masked(row: RightsRequest) -> tuple[object, str] | None:
    """What they are known by, told apart without being shown."""
    if row.identifier is None:
        return None
    value = row.identifier.value
    end = value[value.index("@") :] if "@" in value else value[-SHOWN:]
    return KINDS.get(row.identifier.kind, row.identifier.kind), f"{value[:SHOWN]}…{end}"


def _person(request: HttpRequest, row: RightsRequest) -> int | None:
    """Whose page leads on from here, for a seat that may open it: it says why there, if it must."""
    chair = present(request).speaking
    if row.identifier is None or chair is None:
        return None
    letter = letters_of(activity=PERSON_READ.key, seat_id=chair.seat.id)
    return row.identifier.person if letter else None
