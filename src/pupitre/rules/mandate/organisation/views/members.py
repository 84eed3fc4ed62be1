"""Members: the list, one of them, and the forms about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from pupitre.core.errors import Invalid
from pupitre.core.tables import HouseTable, table_page
from pupitre.core.templatetags.house import fn
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MEMBER_ADMIT, SEAT_APPOINT
from pupitre.rules.mandate.contracts import Performed, Refused
from pupitre.rules.mandate.organisation.admission import (
    ChangeMember,
    ForgetSecondFactors,
    InviteMember,
    ReinstateMember,
    ResendInvitation,
    SuspendMember,
)
from pupitre.rules.mandate.organisation.appointments import Appoint
from pupitre.rules.mandate.organisation.columns import plain
from pupitre.rules.mandate.organisation.forms import InviteForm, MemberForm
from pupitre.rules.mandate.organisation.offers import offer, open_to, present
from pupitre.rules.mandate.organisation.people import (
    INVITED,
    STATES,
    SUSPENDED,
    MemberPage,
    MemberRow,
    member_page,
    member_rows,
)
from pupitre.rules.mandate.organisation.views.asking import NothingToFill, form_page
from pupitre.rules.mandate.web import Presence, acting_view, ask, asked, reading_view


class MemberTable(HouseTable):
    name = tables.Column(verbose_name=gettext_lazy("Name"), order_by=("alphabetical",))
    seats = tables.Column(
        verbose_name=gettext_lazy("Seats today"), orderable=False, empty_values=((), None)
    )
    email = tables.Column(verbose_name=gettext_lazy("E-mail address"))
    state = tables.Column(verbose_name=pgettext_lazy("member", "State"))

    class Meta(HouseTable.Meta):
        caption = gettext_lazy("Members")
        empty_text = gettext_lazy("Nobody answers this search.")
        order_by = ("name",)

    def render_name(self, record: MemberRow) -> str:
        return format_html(
            '<a href="{}">{}</a>', reverse("mandate:member", args=[record.id]), record.name
        )

    def render_seats(self, record: MemberRow) -> str:
        return format_html_join(
            SafeString("<br>"),
            "{}{}",
            (
                (
                    fn(seat.kind, seat.name, reverse("mandate:seat", args=[seat.key])),
                    _(" (deputy)") if seat.as_deputy else "",
                )
                for seat in record.seats
            ),
        )

    def value_seats(self, record: MemberRow) -> str:
        return ", ".join(str(seat.name) for seat in record.seats)

    def render_state(self, record: MemberRow) -> str:
        tone = {INVITED: " warn", SUSPENDED: " bad"}.get(record.state, "")
        return format_html('<span class="chip{}">{}</span>', tone, STATES[record.state])

    def value_state(self, record: MemberRow) -> str:
        return str(STATES[record.state])


class MemberFilters:
    """Narrows the list: a few hundred members at most, so in memory."""

    class Form(forms.Form):
        q = forms.CharField(
            label=gettext_lazy("Name or address"),
            required=False,
            max_length=120,
            widget=forms.TextInput(attrs={"type": "search"}),
        )
        state = forms.ChoiceField(
            label=pgettext_lazy("member", "State"),
            required=False,
            choices=[
                ("", gettext_lazy("everybody")),
                *STATES.items(),
                ("none", gettext_lazy("without a seat today")),
            ],
        )

    def __init__(self, data: QueryDict, queryset: Any, *, request: HttpRequest) -> None:  # noqa: ARG002
        self.form = self.Form(data)
        self.rows: tuple[MemberRow, ...] = queryset

    @property
    def qs(self) -> tuple[MemberRow, ...]:
        self.form.is_valid()
        words = plain(self.form.cleaned_data.get("q", "")).split()
        state = self.form.cleaned_data.get("state", "")
        return tuple(
            row
            for row in self.rows
            if all(word in plain(f"{row.name} {row.email}") for word in words)
            and (not state or row.state == state or (state == "none" and not row.seats))
        )


@reading_view
def members(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    rows = member_rows(law=presence.law, day=presence.day)
    return table_page(
        request,
        table=MemberTable,
        rows=rows,
        filters=MemberFilters,
        template="mandate/organisation/members.html",
        context={
            "presence": presence,
            "people": len(rows),
            "invited": sum(row.state == INVITED for row in rows),
            "suspended": sum(row.state == SUSPENDED for row in rows),
            "seatless": sum(not row.seats and row.state != SUSPENDED for row in rows),
            "admit": offer(request, MEMBER_ADMIT),
        },
    )


@reading_view
def member(request: HttpRequest, member_id: int) -> HttpResponse:
    presence, page = _the_member(request, member_id)
    context = {
        "presence": presence,
        "page": page,
        "state": STATES[page.row.state],
        "me": member_id == presence.member_id,
        "admit": offer(request, MEMBER_ADMIT),
        "appoint": offer(request, SEAT_APPOINT),
    }
    return render(request, "mandate/organisation/member.html", context)


@acting_view(InviteMember, Appoint)
def invite(request: HttpRequest) -> HttpResponse:
    """Invite, and appoint where the reader may: two acts, each ruled by its own row."""
    presence = present(request)
    offered = open_to(request, MEMBER_ADMIT)
    may_appoint = offered.at_once and offer(request, SEAT_APPOINT).may
    form = InviteForm(
        request.POST or None,
        law=presence.law,
        day=presence.day,
        may_appoint=may_appoint,
        initial={"language": "fr"},
    )

    def build(said: Mapping[str, Any]) -> InviteMember:
        return InviteMember(name=said["name"], email=said["email"], language=said["language"])

    outcome = asked(request, form, build)
    if outcome is None:
        return form_page(
            request,
            form,
            title=_("Invite somebody"),
            intro=_(
                "They get an e-mail with a link, good for a few days, that opens their account."
            ),
            label=_("Invite"),
            back=reverse("mandate:members"),
            offer=offered,
        )
    if not isinstance(outcome, Performed):
        return redirect("mandate:members")
    member_id = int(str(outcome.result))
    if form.cleaned_data.get("seat"):
        _appoint_too(request, member_id, form.cleaned_data, presence)
    return redirect("mandate:member", member_id)


def _appoint_too(
    request: HttpRequest, member_id: int, said: Mapping[str, Any], presence: Presence
) -> None:
    starts = said.get("starts") or presence.day
    try:
        ask(request, Appoint(member_id=member_id, seat_id=said["seat"], starts=starts))
    except (Invalid, Refused) as error:
        reason = str(error) if isinstance(error, Invalid) else _("your seat may not appoint.")
        messages.warning(request, _("Invited, but not appointed: %(reason)s") % {"reason": reason})


@acting_view(ChangeMember)
def change_member(request: HttpRequest, member_id: int) -> HttpResponse:
    _presence, page = _the_member(request, member_id)
    offered = open_to(request, MEMBER_ADMIT)
    form = MemberForm(
        request.POST or None, initial={"name": page.row.name, "email": page.row.email}
    )
    done = asked(request, form, lambda said: ChangeMember(member_id, said["name"], said["email"]))
    if done is not None:
        return redirect("mandate:member", member_id)
    return form_page(
        request,
        form,
        title=_("Correct the details of %(name)s") % {"name": page.row.name},
        label=_("Correct"),
        back=reverse("mandate:member", args=[member_id]),
        offer=offered,
    )


@acting_view(SuspendMember)
def suspend(request: HttpRequest, member_id: int) -> HttpResponse:
    _presence, page = _the_member(request, member_id)
    notes = []
    if page.holding:
        notes.append(
            _("These seats fall silent: %(seats)s. Name a deputy, or appoint a successor.")
            % {"seats": ", ".join(str(stay.seat.name) for stay in page.holding)}
        )
    if page.lent:
        notes.append(
            _("They named deputies, who keep speaking: %(names)s. End that on the seat’s page.")
            % {"names": ", ".join(stay.person.name for stay in page.lent)}
        )
    return _yes_or_no(
        request,
        page,
        SuspendMember(member_id),
        title=_("Suspend %(name)s?") % {"name": page.row.name},
        intro=_("Their sessions end at once and they can no longer sign in. Nothing is erased."),
        notes=tuple(notes),
        label=_("Suspend"),
        danger=True,
    )


@acting_view(ReinstateMember)
def reinstate(request: HttpRequest, member_id: int) -> HttpResponse:
    _presence, page = _the_member(request, member_id)
    return _yes_or_no(
        request,
        page,
        ReinstateMember(member_id),
        title=_("Reinstate %(name)s?") % {"name": page.row.name},
        intro=_("They sign in as before, and speak from the seats that are still theirs."),
        label=_("Reinstate"),
    )


@acting_view(ResendInvitation)
def resend(request: HttpRequest, member_id: int) -> HttpResponse:
    _presence, page = _the_member(request, member_id)
    return _yes_or_no(
        request,
        page,
        ResendInvitation(member_id),
        title=_("Send the invitation of %(name)s again?") % {"name": page.row.name},
        intro=_("To %(email)s.") % {"email": page.row.email},
        label=_("Send again"),
    )


@acting_view(ForgetSecondFactors)
def forget_factors(request: HttpRequest, member_id: int) -> HttpResponse:
    _presence, page = _the_member(request, member_id)
    return _yes_or_no(
        request,
        page,
        ForgetSecondFactors(member_id),
        title=_("Has %(name)s lost their phone and their codes?") % {"name": page.row.name},
        intro=_(
            "Their app, passkeys and recovery codes are forgotten, and the password alone opens "
            "the account until they add new ones. Make sure that it is really them who ask."
        ),
        label=_("Forget the second factors"),
        danger=True,
    )


def _yes_or_no(
    request: HttpRequest, page: MemberPage, action: Action, **words: Any
) -> HttpResponse:
    offered = open_to(request, MEMBER_ADMIT)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    if asked(request, form, lambda _said: action) is not None:
        return redirect("mandate:member", page.row.id)
    back = reverse("mandate:member", args=[page.row.id])
    return form_page(request, form, back=back, offer=offered, **words)


def _the_member(request: HttpRequest, member_id: int) -> tuple[Presence, MemberPage]:
    presence = present(request)
    page = member_page(member_id=member_id, law=presence.law, day=presence.day)
    if page is None:
        raise Http404
    return presence, page
