"""The demonstration's entrance: every seat, one click away. Exists in demonstration mode alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.web import reading_view


@login_not_required
@reading_view
def seats_to_try(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    law, day = current_law(), clock.day_of(clock.now())
    users = dict(Member.objects.filter(suspended=False).values_list("pk", "user_id"))
    people = [
        {
            "seat": law.seat_view(seat.id, day),
            "name": law.members[holder].name,
            "user_id": users[holder],
            "heads": seat.heads,
            "accountable": sum("A" in row.get(seat.id, "") for row in law.rows.values()),
        }
        for seat in law.seats.values()
        for holder in law.holders(seat.id, day)[:1]
    ]
    heads = [person for person in people if person["heads"]]
    others = [person for person in people if not person["heads"]]
    groups = (
        {"label": _("They lead a function"), "people": heads, "main": True},
        {"label": _("They work in one"), "people": others, "main": False},
    )
    context = {"groups": [group for group in groups if group["people"]]}
    return render(request, "mandate/entrance.html", context)
