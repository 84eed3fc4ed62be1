"""I am away: who speaks for me? For a thumb, between two meetings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.rules.mandate.organisation import choices
from pupitre.rules.mandate.organisation.delegations import Delegate
from pupitre.rules.mandate.organisation.forms import DelegateForm
from pupitre.rules.mandate.organisation.offers import present
from pupitre.rules.mandate.organisation.people import member_page
from pupitre.rules.mandate.organisation.views.asking import form_page
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(Delegate)
def delegate(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    own = [chair.seat for chair in presence.chairs if not chair.as_deputy]
    if not own:
        return render(request, "mandate/organisation/nothing_to_delegate.html")
    wanted = request.GET.get("seat", "") or request.POST.get("seat", "")
    own.sort(key=lambda seat: str(seat.id) != wanted)
    likely = choices.likely_deputies(seat_id=own[0].id, law=presence.law, day=presence.day)
    everybody = choices.members(law=presence.law, day=presence.day, but=[presence.member_id])
    form = DelegateForm(
        request.POST or None,
        seats=[(seat.id, str(seat.name)) for seat in own],
        likely=likely,
        everybody=everybody,
        day=presence.day,
    )

    def build(said: Mapping[str, Any]) -> Delegate:
        return Delegate(said["seat"], said["deputy"], said["starts"], said["ends"])

    if asked(request, form, build) is not None:
        return redirect("mandate:desk")
    page = member_page(member_id=presence.member_id, law=presence.law, day=presence.day)
    return form_page(
        request,
        form,
        title=_("You are away: who speaks for you?"),
        intro=_("Your deputy has every letter of your seat meanwhile, and so do you."),
        label=_("Delegate"),
        back=reverse("mandate:desk"),
        template="mandate/organisation/delegate.html",
        several=len(own) > 1,
        lent=page.lent if page else (),
    )
