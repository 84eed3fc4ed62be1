"""Addresses under /responsibilities/."""

from __future__ import annotations

from django.urls import path

from pupitre.rules.mandate.matrix.views import (
    activities,
    editor,
    files,
    in_force,
    propose,
    starting,
    versions,
)

urlpatterns = [
    path("", in_force.matrix, name="matrix"),
    path("versions/", versions.all_of_them, name="versions"),
    path("versions/<int:number>/", versions.version, name="version"),
    path("versions/<int:number>/matrix.<str:kind>", files.export, name="matrix_export"),
    path("compare/", versions.two, name="compare"),
    path("drafts/", versions.drafts, name="drafts"),
    path("drafts/start/", versions.start, name="draft_start"),
    path("drafts/<int:number>/", editor.editor, name="draft"),
    path("drafts/<int:number>/cell/", editor.cell, name="draft_cell"),
    path("drafts/<int:number>/row/", editor.row, name="draft_row"),
    path("drafts/<int:number>/fix/", editor.fix, name="draft_fix"),
    path("drafts/<int:number>/initiative/", activities.initiative, name="initiative"),
    path("drafts/<int:number>/import/", files.bring_in, name="draft_import"),
    path("drafts/<int:number>/propose/", propose.propose, name="propose"),
    path("drafts/<int:number>/describe/", propose.describe, name="draft_describe"),
    path("drafts/<int:number>/abandon/", propose.abandon, name="abandon"),
    path("starting-points/", starting.five, name="starting_points"),
    path("starting-points/<slug:key>/", starting.one, name="starting_point"),
    path("activities/", activities.all_of_them, name="activities"),
    path("activities/new/", activities.define, name="activity_new"),
    path("activities/<slug:key>/", activities.change, name="activity"),
    path("activities/<slug:key>/retire/", activities.retire, name="activity_retire"),
    path("activities/<slug:key>/bring-back/", activities.bring_back, name="activity_back"),
]
