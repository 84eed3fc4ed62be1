from __future__ import annotations

from django.urls import URLPattern

from pupitre.flow.identify.people import urls as people
from pupitre.flow.identify.consents import urls as consents
from pupitre.flow.identify.traits import urls as traits

app_name = "identify"

urlpatterns: list[URLPattern] = [
    *people.urlpatterns,
    *consents.urlpatterns,
    *traits.urlpatterns,
]
