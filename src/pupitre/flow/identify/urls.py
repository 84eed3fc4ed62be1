from __future__ import annotations

from django.urls import URLPattern

from pupitre.flow.identify.consents import urls as consents
from pupitre.flow.identify.likely import urls as likely
from pupitre.flow.identify.merging import urls as merging
from pupitre.flow.identify.people import urls as people
from pupitre.flow.identify.retention import urls as retention
from pupitre.flow.identify.rights import urls as rights
from pupitre.flow.identify.traits import urls as traits

app_name = "identify"

urlpatterns: list[URLPattern] = [
    *people.urlpatterns,
    *merging.urlpatterns,
    *consents.urlpatterns,
    *likely.urlpatterns,
    *traits.urlpatterns,
    *rights.urlpatterns,
    *retention.urlpatterns,
]
