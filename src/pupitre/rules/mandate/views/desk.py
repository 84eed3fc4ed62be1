"""My desk: the first page after sign-in."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pupitre.core.forms import whole_number
from pupitre.rules.mandate.desk import examined_for, notices_for, read_desk
from pupitre.rules.mandate.personal import MarkSeen, SetDigest
from pupitre.rules.mandate.web import (
    NoSeat,
    acting_view,
    ask,
    presence_of,
    reading_view,
    sit,
)


@reading_view
def my_desk(request: HttpRequest) -> HttpResponse:
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    notices = notices_for(presence)
    context = {
        "presence": presence,
        "desk": read_desk(presence, examined=examined_for(request)),
        "newest_notice": max((notice.pk for notice in notices), default=0),
    }
    return render(request, "mandate/desk.html", context)


@acting_view(MarkSeen)
def mark_seen(request: HttpRequest) -> HttpResponse:
    presence = presence_of(request)
    if request.method == "POST" and presence is not None:
        newest = whole_number(request.POST.get("up_to"))
        ask(
            request,
            MarkSeen(
                member_id=presence.member_id,
                seat_ids=tuple(chair.seat.id for chair in presence.chairs),
                up_to=newest or 0,
            ),
        )
    return redirect("mandate:desk")


@acting_view(SetDigest)
def set_digest(request: HttpRequest) -> HttpResponse:
    presence = presence_of(request)
    if request.method == "POST" and presence is not None:
        wanted = request.POST.get("wanted") == "yes"
        ask(request, SetDigest(member_id=presence.member_id, wanted=wanted))
    return HttpResponseRedirect(reverse("account_home"))


@require_http_methods(["GET", "HEAD", "POST"])
def choose_seat(request: HttpRequest) -> HttpResponse:
    """Speak from another of one's seats. It changes the session alone, not the company."""
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    if request.method == "POST":
        wanted = whole_number(request.POST.get("seat"))
        if wanted is None or not sit(request, seat_id=wanted):
            messages.error(request, _("This seat is not yours today."))
        return redirect("mandate:desk")
    return render(request, "mandate/sit.html", {"presence": presence})
