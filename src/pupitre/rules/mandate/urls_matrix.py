from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from pupitre.rules.mandate.web import reading_view


@reading_view
def _soon(request: HttpRequest, number: int = 0) -> HttpResponse:
    return HttpResponse(status=404)


urlpatterns = [
    path("", _soon, name="matrix"),
    path("versions/<int:number>/", _soon, name="version"),
]
