from __future__ import annotations

from django.urls import path

from pupitre.flow.identify.likely import pages

urlpatterns = [
    path("likely/", pages.likely, name="likely"),
    path("likely/run/", pages.ask_run, name="likely_run"),
    path("likely/run/stop/", pages.stop_run, name="likely_stop"),
    path("likely/<int:number>/", pages.proposal, name="proposal"),
    path("likely/<int:number>/open/", pages.open_proposal, name="proposal_open"),
    path("likely/<int:number>/answer/", pages.answer_proposal, name="proposal_answer"),
]
