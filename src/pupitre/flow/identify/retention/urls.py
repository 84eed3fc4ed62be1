from __future__ import annotations

from django.urls import path

from pupitre.flow.identify.retention import pages

urlpatterns = [
    path("retention/", pages.retention, name="retention"),
    path("retention/set/", pages.set_retention, name="retention_set"),
]
