"""What every form of the organisation does: show, ask, tell, go back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.core.forms import HouseForm
from pupitre.rules.mandate.organisation.offers import Offer


class NothingToFill(HouseForm):
    """A question that is answered by yes alone."""


def form_page(
    request: HttpRequest,
    form: forms.Form,
    *,
    title: object,
    label: object,
    back: str,
    offer: Offer | None = None,
    intro: object = "",
    notes: tuple[object, ...] = (),
    danger: bool = False,
    template: str = "mandate/organisation/form.html",
    **context: Any,
) -> HttpResponse:
    """The page around a form; a form with errors answers 422."""
    wrong = request.method == "POST" and bool(form.errors)
    return render(
        request,
        template,
        {
            "form": form,
            "title": title,
            "label": label,
            "back": back,
            "offer": offer,
            "intro": intro,
            "notes": notes,
            "danger": danger,
            **context,
        },
        status=422 if wrong else 200,
    )
