"""Pages of the company about consents: the book of purposes, and what one customer said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.forms import HouseForm
from pupitre.flow.identify.book.reading import person_of
from pupitre.flow.identify.consents.actions import (
    MakePreferenceLink,
    RecordConsent,
    RevokePreferenceLinks,
    addresses_of,
)
from pupitre.flow.identify.consents.activities import (
    CONSENT_LINK,
    CONSENT_PURPOSES,
    CONSENT_RECORD,
)
from pupitre.flow.identify.consents.forms import (
    LinkForm,
    NewPurposeForm,
    PurposeForm,
    RecordForm,
    SourceForm,
)
from pupitre.flow.identify.consents.law import way
from pupitre.flow.identify.consents.links import LINK_DAYS
from pupitre.flow.identify.consents.purposes import (
    PurposeRow,
    SetPurpose,
    all_purposes,
    purpose_of,
)
from pupitre.flow.identify.consents.sources import (
    MOST_COUNTED,
    HearSource,
    all_heard,
    source_heard,
)
from pupitre.flow.identify.people.access import is_open, reader_of
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Performed, Waiting
from pupitre.rules.mandate.queries import Offer, offer, open_requests, open_to, present
from pupitre.rules.mandate.web import acting_view, ask, asked, reading_view


@reading_view
def purposes(request: HttpRequest) -> HttpResponse:
    rows, said = all_purposes(), all_heard(most=1)
    context = {
        "sources": said,
        "heard": sum(one.heard for one in said),
        "ignored": [one.name for one in said if one.uncounted],
        "purposes": [(row, _ways(row)) for row in rows if row.retired_at is None],
        "retired": [row for row in rows if row.retired_at is not None],
        "asked": open_requests(day=present(request).day, action=SetPurpose),
        "offer": offer(request, CONSENT_PURPOSES),
    }
    return render(request, "identify/consents/purposes.html", context)


@acting_view(SetPurpose)
def new_purpose(request: HttpRequest) -> HttpResponse:
    offered = open_to(request, CONSENT_PURPOSES)
    form = NewPurposeForm(request.POST or None, initial={"prospecting": True})

    def build(said: Mapping[str, Any]) -> SetPurpose:
        return _set(said["key"], said, new=True, retired=False)

    return _asked(request, form, build) or _form(
        request,
        form,
        title=_("Ask customers for something new"),
        intro=_(
            "One purpose, in words that customers understand. Marketing asks for it, IT assures "
            "that what is refused is not done."
        ),
        label=_("Ask for it"),
        offered=offered,
    )


@acting_view(SetPurpose)
def change_purpose(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, CONSENT_PURPOSES)
    row = purpose_of(key)
    if row is None:
        raise Http404
    form = PurposeForm(
        request.POST or None,
        initial={
            **{f"name_{code}": getattr(row.name, code) for code in ("fr", "en")},
            **{f"about_{code}": getattr(row.about, code) for code in ("fr", "en")},
            **{f"wording_{code}": getattr(row.wording, code) for code in ("fr", "en")},
            "channels": row.channels,
            "prospecting": row.prospecting,
            "retired": row.retired_at is not None,
        },
    )

    def build(said: Mapping[str, Any]) -> SetPurpose:
        return _set(key, said, new=False, retired=said["retired"])

    return _asked(request, form, build) or _form(
        request,
        form,
        title=_("Change “%(name)s”") % {"name": row.name},
        label=_("Change it"),
        offered=offered,
    )


@reading_view
def sources(request: HttpRequest) -> HttpResponse:
    rows = all_heard()
    context = {
        "sources": rows,
        "heard": sum(row.heard for row in rows),
        "most": MOST_COUNTED,
        "asked": open_requests(day=present(request).day, action=HearSource),
        "offer": offer(request, CONSENT_PURPOSES),
    }
    return render(request, "identify/consents/sources.html", context)


@acting_view(HearSource)
def change_source(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, CONSENT_PURPOSES)
    row = source_heard(key)
    if row is None:
        raise Http404
    form = SourceForm(request.POST or None, initial={"heard": "yes" if row.heard else "no"})

    def build(said: Mapping[str, Any]) -> HearSource:
        return HearSource(key, said["heard"], said["reason"])

    back = "identify:consent_sources"
    return _asked(request, form, build, back=back) or _form(
        request,
        form,
        title=_("Do the consents that “%(name)s” says count?") % {"name": row.name},
        intro=_(
            "It is a site or an application: anyone may read a key that stands there, and "
            "whoever has it can write that any customer agreed."
        )
        if row.public
        else "",
        label=_("Change it"),
        offered=offered,
        back=back,
    )


@acting_view(RecordConsent)
def record(request: HttpRequest, number: int) -> HttpResponse:
    """Asks for what was said, and shows nothing of what is known."""
    open_to(request, CONSENT_RECORD)
    if person_of(number) is None:
        raise Http404
    rows = tuple(row for row in all_purposes() if row.retired_at is None)
    form = RecordForm(request.POST or None, purposes=rows, initial={"said_at": clock.now()})

    def build(said: Mapping[str, Any]) -> RecordConsent:
        purpose, channel, version = said["about"].split()
        return RecordConsent(
            number=number,
            purpose=purpose,
            channel=channel,
            said=said["said"],
            said_at=said["said_at"],
            place=said["place"],
            version=int(version),
            language=said["language"],
        )

    if asked(request, form, build) is not None:
        return redirect(_person_page(number))
    context = {
        "form": form,
        "purposes": rows,
        "title": _("Note what customer %(number)s said") % {"number": number},
        "back": _person_page(number),
    }
    return render(request, "identify/consents/record.html", context, status=_status(form))


@acting_view(MakePreferenceLink, RevokePreferenceLinks)
def link(request: HttpRequest, number: int) -> HttpResponse:
    """The link is in one answer to one request, and nowhere else."""
    open_to(request, CONSENT_LINK)
    person = person_of(number)
    if person is None:
        raise Http404
    if request.method == "POST" and "revoke" in request.POST:
        ask(request, RevokePreferenceLinks(number))
        messages.success(request, _("No link that was made so far opens anything any more."))
        return redirect(_person_page(person))
    # Whoever makes a link sees it, and could follow it: so they have said that they read this page.
    if not is_open(request, person=person, seat=reader_of(request).seat, at=clock.now()):
        messages.info(request, _("Open this customer’s page first, then make the link."))
        return redirect(_person_page(person))
    form = LinkForm(request.POST or None, addresses=addresses_of(number))

    def build(said: Mapping[str, Any]) -> MakePreferenceLink:
        return MakePreferenceLink(number, said["identifier"])

    outcome = asked(request, form, build)
    context = {
        "form": form,
        "number": number,
        "days": LINK_DAYS,
        "back": _person_page(number),
        "url": settings.PUBLIC_URL.rstrip("/") + str(outcome.result)
        if isinstance(outcome, Performed)
        else "",
    }
    response = render(request, "identify/consents/link.html", context, status=_status(form))
    response["Cache-Control"] = "no-store"
    return response


def _set(key: str, said: Mapping[str, Any], *, new: bool, retired: bool) -> SetPurpose:
    return SetPurpose(
        purpose_key=key,
        new=new,
        name_fr=said["name_fr"],
        name_en=said["name_en"],
        about_fr=said["about_fr"],
        about_en=said["about_en"],
        channels=tuple(said["channels"]),
        wording_fr=said["wording_fr"],
        wording_en=said["wording_en"],
        prospecting=said["prospecting"],
        retired=retired,
        earlier_count=said.get("earlier_count", False),
    )


def _asked(
    request: HttpRequest,
    form: HouseForm,
    build: Callable[[Mapping[str, Any]], Action],
    *,
    back: str = "identify:purposes",
) -> HttpResponse | None:
    outcome = asked(request, form, build)
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    return redirect(back) if outcome is not None else None


def _form(
    request: HttpRequest,
    form: HouseForm,
    *,
    title: str,
    label: str,
    offered: Offer,
    intro: str = "",
    back: str = "identify:purposes",
) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "intro": intro,
        "label": label,
        "offer": offered,
        "back": reverse(back),
    }
    return render(request, "identify/consents/form.html", context, status=_status(form))


def _status(form: HouseForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def _ways(row: PurposeRow) -> str:
    return ", ".join(way(channel) for channel in row.channels)


def _person_page(number: int) -> str:
    try:
        return reverse("identify:person", args=[number])
    except NoReverseMatch:
        return reverse("identify:purposes")
