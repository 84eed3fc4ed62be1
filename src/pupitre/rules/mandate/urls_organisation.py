from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from pupitre.rules.mandate.web import reading_view


@reading_view
def _soon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


urlpatterns = [path("", _soon, name="organisation")]
