"""Forms about seats: lay one out, change it, close it, open it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.forms import whole_number
from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.models import Seat
from pupitre.rules.mandate.organisation.forms import CloseForm, SeatForm
from pupitre.rules.mandate.organisation.offers import open_to, present
from pupitre.rules.mandate.organisation.rules import free_key
from pupitre.rules.mandate.organisation.seat_page import SeatPage, seat_page
from pupitre.rules.mandate.organisation.seats import (
    ChangeSeat,
    CloseSeat,
    CreateSeat,
    ReopenSeat,
    SeatDetails,
)
from pupitre.rules.mandate.organisation.views.asking import NothingToFill, form_page
from pupitre.rules.mandate.web import Presence, acting_view, asked


def the_page(request: HttpRequest, key: str) -> tuple[Presence, SeatPage]:
    presence = present(request)
    page = seat_page(key=key, law=presence.law, day=presence.day)
    if page is None:
        raise Http404
    return presence, page


def details(said: Mapping[str, Any]) -> SeatDetails:
    return SeatDetails(
        name_fr=said["name_fr"],
        name_en=said["name_en"],
        function_id=said["function"],
        heads=said["heads"],
        places=said["places"],
        superior_id=said["superior"],
        dotted_ids=tuple(said["dotted"]),
    )


@acting_view(CreateSeat)
def new_seat(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    offered = open_to(request, ORGANISATION_CHANGE)
    function = request.GET.get("function", "")
    form = SeatForm(
        request.POST or None,
        law=presence.law,
        day=presence.day,
        initial={"function": whole_number(function)},
    )
    taken = Seat.objects.values_list("key", flat=True)

    def build(said: Mapping[str, Any]) -> CreateSeat:
        key = free_key(said["name_en"] or said["name_fr"], taken)
        return CreateSeat(seat_key=key, details=details(said))

    if asked(request, form, build) is not None:
        return redirect("mandate:organisation")
    return form_page(
        request,
        form,
        title=_("A new seat"),
        intro=_("Nobody holds it yet, and it has no letter: you appoint and amend afterwards."),
        label=_("Create the seat"),
        back=reverse("mandate:organisation"),
        offer=offered,
    )


@acting_view(ChangeSeat)
def change_seat(request: HttpRequest, key: str) -> HttpResponse:
    presence, page = the_page(request, key)
    offered = open_to(request, ORGANISATION_CHANGE)
    seat = Seat.objects.get(pk=page.row.id)
    lines = list(seat.lines_up.values_list("superior_id", "dotted"))
    form = SeatForm(
        request.POST or None,
        law=presence.law,
        day=presence.day,
        seat_id=seat.pk,
        initial={
            "name_fr": seat.name_fr,
            "name_en": seat.name_en,
            "function": seat.function_id,
            "heads": seat.heads,
            "places": seat.places,
            "superior": next((above for above, dotted in lines if not dotted), None),
            "dotted": [above for above, dotted in lines if dotted],
        },
    )
    done = asked(request, form, lambda said: ChangeSeat(seat.pk, details(said)))
    if done is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Change “%(seat)s”") % {"seat": page.row.name},
        intro=_("Whoever holds it keeps it, and its letters stay with it."),
        label=_("Change the seat"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
    )


@acting_view(CloseSeat)
def close_seat(request: HttpRequest, key: str) -> HttpResponse:
    presence, page = the_page(request, key)
    offered = open_to(request, ORGANISATION_CHANGE)
    form = CloseForm(request.POST or None, initial={"closes": presence.day})
    done = asked(request, form, lambda said: CloseSeat(page.row.id, said["closes"]))
    if done is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Close “%(seat)s”?") % {"seat": page.row.name},
        intro=_("Its history stays. Whoever holds it or deputises leaves the day before."),
        notes=_closing_notes(page),
        label=_("Close the seat"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
        danger=True,
    )


@acting_view(ReopenSeat)
def reopen_seat(request: HttpRequest, key: str) -> HttpResponse:
    _presence, page = the_page(request, key)
    offered = open_to(request, ORGANISATION_CHANGE)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    if asked(request, form, lambda _said: ReopenSeat(page.row.id)) is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Reopen “%(seat)s”?") % {"seat": page.row.name},
        intro=_("It comes back with its letters and lines, and nobody on it."),
        label=_("Reopen the seat"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
    )


def _closing_notes(page: SeatPage) -> tuple[str, ...]:
    """What closing leaves behind, so that nobody finds out afterwards."""
    notes = []
    if page.letters:
        notes.append(
            ngettext(
                "It has %(count)s letter in the matrix in force. Until the matrix is amended, "
                "nobody will answer for that row.",
                "It has letters in %(count)s rows of the matrix in force. Until the matrix is "
                "amended, nobody will speak for it there.",
                len(page.letters),
            )
            % {"count": len(page.letters)}
        )
    below = [each for each in page.below if not each.dotted]
    if below:
        notes.append(
            ngettext(
                "%(count)s seat reports to it, and will report to the one above.",
                "%(count)s seats report to it, and will report to the one above.",
                len(below),
            )
            % {"count": len(below)}
        )
    if page.waiting:
        notes.append(
            ngettext(
                "%(count)s request made from this seat still waits for a decision.",
                "%(count)s requests made from this seat still wait for a decision.",
                page.waiting,
            )
            % {"count": page.waiting}
        )
    return tuple(notes)
