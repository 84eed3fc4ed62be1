"""Who speaks, on every page; and refusals in the product's voice, wherever they are raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from pupitre.rules.mandate.contracts import Refused
from pupitre.rules.mandate.refusals import explain
from pupitre.rules.mandate.web import NoSeat, presence_of

Handler = Callable[[HttpRequest], HttpResponse]


@dataclass(frozen=True, slots=True)
class Speaker:
    """What the page's top line says of whoever is here."""

    name: str
    seat: str
    kind: str
    url: str
    switch_url: str


class MandateMiddleware:
    """Names the speaker, and turns ``Refused`` and ``NoSeat`` into pages that say what to do."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Lazy: fragments that name nobody ask the database nothing.
        request.actor_view = SimpleLazyObject(lambda: _speaker(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        context: dict[str, object] = {"fragment": request.headers.get("HX-Request") == "true"}
        if isinstance(exception, Refused):
            context["refusal"] = explain(exception)
            return render(request, "mandate/refused.html", context, status=403)
        if isinstance(exception, NoSeat):
            return render(request, "mandate/no_seat.html", context, status=403)
        return None


def _speaker(request: HttpRequest) -> Speaker | None:
    presence = presence_of(request)
    if presence is None or presence.speaking is None:
        return None
    seat = presence.speaking.seat
    return Speaker(
        name=presence.member,
        seat=str(seat.name),
        kind=seat.kind,
        url=reverse("account_home"),
        switch_url=reverse("mandate:sit") if len(presence.chairs) > 1 else "",
    )
