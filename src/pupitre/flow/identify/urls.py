from __future__ import annotations

from django.urls import URLPattern

from pupitre.flow.identify.traits import urls as traits

app_name = "identify"

urlpatterns: list[URLPattern] = [
    *traits.urlpatterns,
]
