from __future__ import annotations

from django.urls import path

from pupitre.flow.identify.consents import centre, pages

urlpatterns = [
    path("consents/", pages.purposes, name="purposes"),
    path("consents/new/", pages.new_purpose, name="purpose_new"),
    path("consents/<slug:key>/", pages.change_purpose, name="purpose"),
    path("consent-sources/", pages.sources, name="consent_sources"),
    path("consent-sources/<slug:key>/", pages.change_source, name="consent_source"),
    path("people/<int:number>/consents/", pages.record, name="consent_record"),
    path("people/<int:number>/preferences/", pages.link, name="preference_link"),
    # The customer's own page: nobody signs in.
    path("preferences/", centre.preferences, name="preferences"),
    path("preferences/pause/", centre.pause, name="preferences_pause"),
    path("preferences/copy/", centre.take_copy, name="preferences_copy"),
    path("preferences/right/", centre.ask_right, name="preferences_right"),
    path("preferences/<str:token>/", centre.open_link, name="preferences_link"),
]
