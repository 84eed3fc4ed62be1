"""What every form about sources does: show, ask, tell, go back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Outcome
from pupitre.rules.mandate.queries import Offer
from pupitre.rules.mandate.web import ask


def asked(
    request: HttpRequest, form: HouseForm, build: Callable[[Mapping[str, Any]], Action]
) -> Outcome | None:
    """Ask for what a valid form says. None where the form has to be shown (again)."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return ask(request, build(form.cleaned_data))
    except Invalid as error:
        form.refuse(error)
        return None


def form_page(
    request: HttpRequest,
    form: HouseForm,
    *,
    title: object,
    label: object,
    back: str,
    offer: Offer,
    intro: object = "",
    danger: bool = False,
) -> HttpResponse:
    """The page around a form; a form with errors answers 422."""
    wrong = request.method == "POST" and bool(form.errors)
    context = {
        "form": form,
        "title": title,
        "label": label,
        "back": back,
        "offer": offer,
        "intro": intro,
        "danger": danger,
    }
    return render(request, "collect/form.html", context, status=422 if wrong else 200)
