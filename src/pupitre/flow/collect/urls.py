from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "collect"


def _soon(request: HttpRequest, **kw: object) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [
    path("sources/", _soon, name="sources"),
    path("sources/<slug:key>/", _soon, name="source"),
    path("sources/<slug:key>/plan/", _soon, name="plan"),
]
