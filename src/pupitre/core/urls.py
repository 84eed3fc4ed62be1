from __future__ import annotations

from django.urls import path

from pupitre.core import components, views

app_name = "core"
urlpatterns = [
    path("language/", views.set_language, name="language"),
    path("theme/", views.set_theme, name="theme"),
    path("more/", views.more, name="more"),
    path("dev/components/", components.show, name="components"),
]
