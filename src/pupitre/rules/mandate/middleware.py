"""Refusals, in the product's voice, from wherever they are raised."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.contracts import Refused
from pupitre.rules.mandate.refusals import explain
from pupitre.rules.mandate.web import NoSeat

Handler = Callable[[HttpRequest], HttpResponse]


class RefusalMiddleware:
    """Turns ``Refused``, ``NoSeat`` and stray ``Invalid`` into pages that say what to do next."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Refused):
            response = render(
                request, "mandate/refused.html", {"refusal": explain(exception)}, status=403
            )
        elif isinstance(exception, NoSeat):
            response = render(request, "mandate/no_seat.html", status=403)
        elif isinstance(exception, Invalid):
            response = render(request, "mandate/invalid.html", {"invalid": exception}, status=422)
        else:
            return None
        if request.headers.get("HX-Request") == "true":
            # A refusal replaces the page, whichever fragment was asked for.
            response["HX-Retarget"] = "body"
            response["HX-Reswap"] = "innerHTML"
        return response
