from __future__ import annotations

from django.urls import URLPattern, path

from pupitre.flow.identify.people import pages

urlpatterns: list[URLPattern] = [
    path("people/", pages.people, name="people"),
    path("people/<int:number>/", pages.one_person, name="person"),
]
