from __future__ import annotations

from django.urls import URLPattern, path

from pupitre.flow.identify.merging import pages

urlpatterns: list[URLPattern] = [
    path("people/<int:number>/join/", pages.join, name="person_join"),
    path("people/<int:number>/separate/", pages.separate, name="person_separate"),
    path("people/hands/<int:number>/undo/", pages.undo, name="hand_undo"),
]
