"""Pages about write keys. A key's text is in one answer to one request, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.flow.collect.pages.access import source_or_404
from pupitre.flow.collect.pages.asking import form_page
from pupitre.flow.collect.pages.forms import KeyForm, NothingToFill, RotationForm
from pupitre.flow.collect.pages.install import snippets
from pupitre.flow.collect.sources.activities import SOURCE_KEY
from pupitre.flow.collect.sources.keys import MakeKey, RevokeKey, RotateKey, Secret, new_secret
from pupitre.flow.collect.sources.reading import KeyRow, SourceRow
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import open_to
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(MakeKey)
def make_key(request: HttpRequest, key: str) -> HttpResponse:
    offered = open_to(request, SOURCE_KEY)
    source, secret = source_or_404(key), new_secret()
    form = KeyForm(request.POST if request.method == "POST" else None)

    def build(said: Mapping[str, Any]) -> MakeKey:
        return MakeKey(key, secret.fingerprint, secret.start, said["label"])

    if (shown := _shown(request, form, build, source, secret)) is not None:
        return shown
    return form_page(
        request,
        form,
        title=_("Make a write key for “%(name)s”") % {"name": source.name},
        intro=_(
            "It will be shown once, on the next page. Pupitre keeps only its fingerprint: nobody "
            "can read it again, here or anywhere else."
        ),
        label=_("Make the key"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
    )


@acting_view(RotateKey)
def rotate_key(request: HttpRequest, key: str, key_id: int) -> HttpResponse:
    offered = open_to(request, SOURCE_KEY)
    source, secret = source_or_404(key), new_secret()
    old = _key_or_404(source, key_id)
    form = RotationForm(request.POST if request.method == "POST" else None)

    def build(said: Mapping[str, Any]) -> RotateKey:
        return RotateKey(key, key_id, secret.fingerprint, secret.start, said["overlap_days"])

    if (shown := _shown(request, form, build, source, secret)) is not None:
        return shown
    return form_page(
        request,
        form,
        title=_("Replace the key %(start)s… of “%(name)s”")
        % {"start": old.start, "name": source.name},
        intro=_("The new key is shown once, on the next page. Both are taken while you change it."),
        label=_("Make the new key"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
    )


@acting_view(RevokeKey)
def revoke_key(request: HttpRequest, key: str, key_id: int) -> HttpResponse:
    offered = open_to(request, SOURCE_KEY)
    source = source_or_404(key)
    old = _key_or_404(source, key_id)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    if asked(request, form, lambda _said: RevokeKey(key, key_id)) is not None:
        return redirect("collect:source", key)
    return form_page(
        request,
        form,
        title=_("Revoke the key %(start)s… of “%(name)s”?")
        % {"start": old.start, "name": source.name},
        intro=_(
            "Whatever sends with it is refused from the next request on, and most senders then "
            "throw their events away. To change keys without a loss, replace it instead."
        ),
        label=_("Revoke the key"),
        back=reverse("collect:source", args=[key]),
        offer=offered,
        danger=True,
    )


def _key_or_404(source: SourceRow, key_id: int) -> KeyRow:
    found = next((row for row in source.keys if row.id == key_id), None)
    if found is None:
        raise Http404
    return found


def _shown(
    request: HttpRequest,
    form: KeyForm | RotationForm,
    build: Callable[[Mapping[str, Any]], Action],
    source: SourceRow,
    secret: Secret,
) -> HttpResponse | None:
    """The page with the key itself, once it was made or asked for."""
    outcome = asked(request, form, build)
    if outcome is None:
        return None
    waiting = outcome.decision_id if isinstance(outcome, Waiting) else None
    context = {
        "source": source,
        "secret": secret.text,
        "waiting": waiting,
        "snippets": snippets(secret.text, source.channel),
    }
    response = render(request, "collect/key_made.html", context)
    response["Cache-Control"] = "no-store"
    return response
