"""What every form about sources does: show, ask, tell, go back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.core.forms import HouseForm
from pupitre.rules.mandate.queries import Offer


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
