"""Pages that ask for a source to be opened, changed, closed or reopened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.flow.collect.pages.access import source_or_404
from pupitre.flow.collect.pages.asking import form_page
from pupitre.flow.collect.pages.forms import NewSourceForm, NothingToFill, SourceForm
from pupitre.flow.collect.sources.actions import (
    ChangeSource,
    CloseSource,
    OpenSource,
    ReopenSource,
)
from pupitre.flow.collect.sources.activities import SOURCE_CHANGE, SOURCE_OPEN
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import open_seats, open_to, present
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(OpenSource)
def new_source(request: HttpRequest) -> HttpResponse:
    offered = open_to(request, SOURCE_OPEN)
    form = NewSourceForm(request.POST or None, seats=open_seats(day=present(request).day))

    def build(said: Mapping[str, Any]) -> OpenSource:
        return OpenSource(
            source_key=said["key"],
            name_fr=said["name_fr"],
            name_en=said["name_en"],
            why=said["why"],
            channel=said["channel"],
            owner_id=said["owner"],
            allowed_origins=said["allowed_origins"],
        )

    outcome = asked(request, form, build)
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    if outcome is not None:
        return redirect("collect:source", form.cleaned_data["key"])
    return form_page(
        request,
        form,
        title=_("Open a source"),
        intro=_(
            "A shop’s site, the tills, an e-mail tool: whatever knows what customers do. Marketing "
            "says what for, IT opens it, and both agree."
        ),
        label=_("Open the source"),
        back=reverse("collect:sources"),
        offer=offered,
    )


@acting_view(ChangeSource)
def change_source(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, SOURCE_CHANGE)
    source = source_or_404(key)
    form = SourceForm(
        request.POST or None,
        seats=open_seats(day=present(request).day),
        initial={
            "name_fr": source.name.fr,
            "name_en": source.name.en,
            "why": source.why,
            "owner": source.owner_id,
            "allowed_origins": "\n".join(source.allowed_origins),
        },
    )

    def build(said: Mapping[str, Any]) -> ChangeSource:
        return ChangeSource(
            source_key=key,
            name_fr=said["name_fr"],
            name_en=said["name_en"],
            why=said["why"],
            owner_id=said["owner"],
            allowed_origins=said["allowed_origins"],
        )

    if asked(request, form, build) is not None:
        return redirect("collect:source", key)
    return form_page(
        request,
        form,
        title=_("Change “%(name)s”") % {"name": source.name},
        label=_("Change the source"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
    )


@acting_view(CloseSource)
def close_source(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, SOURCE_CHANGE)
    source = source_or_404(key)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    if asked(request, form, lambda _said: CloseSource(key)) is not None:
        return redirect("collect:source", key)
    return form_page(
        request,
        form,
        title=_("Close “%(name)s”?") % {"name": source.name},
        intro=_(
            "Nothing it sends is let in any more, from the next request on. What it has sent "
            "stays, and it can be reopened."
        ),
        label=_("Close the source"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
        danger=True,
    )


@acting_view(ReopenSource)
def reopen_source(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, SOURCE_CHANGE)
    source = source_or_404(key)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    if asked(request, form, lambda _said: ReopenSource(key)) is not None:
        return redirect("collect:source", key)
    return form_page(
        request,
        form,
        title=_("Reopen “%(name)s”?") % {"name": source.name},
        intro=_("Its keys that were not revoked let in again, from the next request on."),
        label=_("Reopen the source"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
    )
