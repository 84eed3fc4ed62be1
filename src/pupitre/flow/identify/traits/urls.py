from __future__ import annotations

from django.urls import path

from pupitre.flow.identify.traits import pages

urlpatterns = [
    path("traits/", pages.traits, name="traits"),
    path("traits/<path:trait>/", pages.trait_rule, name="trait_rule"),
    path("people/<int:person>/correct/", pages.correct, name="trait_correct"),
]
