"""Forms about who sits where: appoint, end, name a deputy, take one away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.forms import whole_number
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.activities import SEAT_APPOINT
from pupitre.rules.mandate.organisation.appointments import (
    Appoint,
    CancelAppointment,
    EndTenure,
)
from pupitre.rules.mandate.organisation.delegations import (
    AppointDeputy,
    EndDelegation,
    EndDeputy,
)
from pupitre.rules.mandate.organisation.forms import AppointForm, DeputyForm, EndForm
from pupitre.rules.mandate.organisation.offers import open_to
from pupitre.rules.mandate.organisation.seat_page import SeatPage
from pupitre.rules.mandate.organisation.stays import Stay
from pupitre.rules.mandate.organisation.views.asking import NothingToFill, form_page
from pupitre.rules.mandate.organisation.views.seats import the_page
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(Appoint)
def appoint(request: HttpRequest, key: str) -> HttpResponse:
    presence, page = the_page(request, key)
    offered = open_to(request, SEAT_APPOINT)
    member = request.GET.get("member", "")
    form = AppointForm(
        request.POST or None,
        page=page,
        law=presence.law,
        day=presence.day,
        initial={
            "starts": presence.day,
            "member": whole_number(member),
        },
    )

    def build(said: Mapping[str, Any]) -> Appoint:
        return Appoint(
            member_id=said["member"],
            seat_id=page.row.id,
            starts=said["starts"],
            ends=said["ends"],
            succeeds=said.get("succeeds"),
        )

    if asked(request, form, build) is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Who takes “%(seat)s”?") % {"seat": page.row.name},
        intro=_("They speak from it from the first day on, at midnight in the company’s time."),
        label=_("Appoint"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
    )


@acting_view(EndTenure)
def end_tenure(request: HttpRequest, key: str, tenure_id: int) -> HttpResponse:
    presence, page = the_page(request, key)
    offered = open_to(request, SEAT_APPOINT)
    stay = _stay((*page.holding, *page.coming, *page.former), tenure_id)
    form = EndForm(request.POST or None, initial={"last_day": stay.ends or presence.day})
    done = asked(request, form, lambda said: EndTenure(tenure_id, said["last_day"]))
    if done is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Until when does %(name)s hold “%(seat)s”?")
        % {"name": stay.person.name, "seat": page.row.name},
        intro=_("Since %(day)s.") % {"day": day_short(stay.starts)},
        notes=_vacancy_notes(page),
        label=_("Set the last day"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
    )


@acting_view(CancelAppointment)
def cancel_appointment(request: HttpRequest, key: str, tenure_id: int) -> HttpResponse:
    _presence, page = the_page(request, key)
    offered = open_to(request, SEAT_APPOINT)
    stay = _stay(page.coming, tenure_id)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    action = CancelAppointment(stay.person.id, page.row.id, stay.starts)
    if asked(request, form, lambda _said: action) is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Cancel the appointment of %(name)s?") % {"name": stay.person.name},
        intro=_("It would begin on %(day)s.") % {"day": day_short(stay.starts)},
        label=_("Cancel the appointment"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
        danger=True,
    )


@acting_view(AppointDeputy)
def new_deputy(request: HttpRequest, key: str) -> HttpResponse:
    presence, page = the_page(request, key)
    offered = open_to(request, SEAT_APPOINT)
    form = DeputyForm(
        request.POST or None,
        page=page,
        law=presence.law,
        day=presence.day,
        initial={"starts": presence.day},
    )

    def build(said: Mapping[str, Any]) -> AppointDeputy:
        return AppointDeputy(page.row.id, said["deputy"], said["starts"], said["ends"])

    if asked(request, form, build) is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Who speaks for “%(seat)s” meanwhile?") % {"seat": page.row.name},
        intro=_("A deputy has every letter of the seat while it lasts; its holder keeps them too."),
        label=_("Name the deputy"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
    )


@acting_view(EndDeputy, EndDelegation)
def end_deputy(request: HttpRequest, key: str, delegation_id: int) -> HttpResponse:
    """The holder and the deputy end it themselves; anybody else needs the letter."""
    presence, page = the_page(request, key)
    stay = _stay(page.deputies, delegation_id)
    own = EndDelegation(delegation_id, page.row.id, stay.person.id)
    mine = own.belongs_to(presence.actor, law=presence.law, day=presence.day)
    offered = None if mine else open_to(request, SEAT_APPOINT)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    action = own if mine else EndDeputy(delegation_id, page.row.id, stay.person.id)
    if asked(request, form, lambda _said: action) is not None:
        return redirect("mandate:seat", key)
    return form_page(
        request,
        form,
        title=_("Should %(name)s no longer speak for “%(seat)s”?")
        % {"name": stay.person.name, "seat": page.row.name},
        intro=_("It takes effect at once. What they said until now stands."),
        label=_("End the delegation"),
        back=reverse("mandate:seat", args=[key]),
        offer=offered,
        danger=True,
    )


def _stay(stays: tuple[Stay, ...], number: int) -> Stay:
    found = next((stay for stay in stays if stay.id == number), None)
    if found is None:
        raise Http404
    return found


def _vacancy_notes(page: SeatPage) -> tuple[str, ...]:
    if not page.letters or page.coming or page.places > 1:
        return ()
    return (
        _(
            "This seat has letters in the matrix, and nobody takes it afterwards. To hand it "
            "over without a gap, appoint the successor: this tenure then ends by itself."
        ),
    )
