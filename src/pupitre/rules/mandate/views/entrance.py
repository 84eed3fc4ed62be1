"""The demonstration's entrance: every seat, one click away. Exists in demonstration mode alone."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.rules.mandate.contracts import JOINT_KINDS
from pupitre.rules.mandate.desk import examine
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.web import presence_at, reading_view


@login_not_required
@reading_view
def seats_to_try(request: HttpRequest) -> HttpResponse:
    if not settings.DEMO:
        raise Http404
    at = clock.now()
    law, day = current_law(), clock.day_of(at)
    members = {member.pk: member for member in Member.objects.filter(suspended=False)}
    people = [
        {
            "seat": law.seat_view(seat.id, day),
            "name": law.members[holder].name,
            "user_id": members[holder].user_id,
            "heads": seat.heads,
            # The two who share the desk come first: theirs is the conversation to watch.
            "main": seat.heads and seat.kind in JOINT_KINDS,
            "waits": _waits(members[holder], at) if seat.heads else 0,
            "accountable": sum("A" in row.get(seat.id, "") for row in law.rows.values()),
        }
        for seat in law.seats.values()
        for holder in law.holders(seat.id, day)[:1]
    ]
    people.sort(key=lambda person: not person["main"])
    heads = [person for person in people if person["heads"]]
    others = [person for person in people if not person["heads"]]
    groups = (
        {"label": _("They lead a function"), "people": heads},
        {"label": _("They work in one"), "people": others},
    )
    context = {"groups": [group for group in groups if group["people"]]}
    return render(request, "mandate/entrance.html", context)


def _waits(member: Member, at: datetime) -> int:
    return examine(presence_at(member=member, at=at)).count
