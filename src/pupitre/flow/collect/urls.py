from __future__ import annotations

from django.urls import path

from pupitre.flow.collect.files import pages as imports
from pupitre.flow.collect.files import taking_pages
from pupitre.flow.collect.pages import explorer, keys, live, opening, plan, quarantine, sources

app_name = "collect"

urlpatterns = [
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", opening.new_source, name="source_new"),
    path("sources/<slug:key>/", sources.source, name="source"),
    path("sources/<slug:key>/change/", opening.change_source, name="source_change"),
    path("sources/<slug:key>/close/", opening.close_source, name="source_close"),
    path("sources/<slug:key>/reopen/", opening.reopen_source, name="source_reopen"),
    path("sources/<slug:key>/plan/", plan.plan, name="plan"),
    path("sources/<slug:key>/keys/new/", keys.make_key, name="key_make"),
    path("sources/<slug:key>/keys/<int:key_id>/replace/", keys.rotate_key, name="key_rotate"),
    path("sources/<slug:key>/keys/<int:key_id>/revoke/", keys.revoke_key, name="key_revoke"),
    path("live/", live.live, name="live"),
    path("quarantine/", quarantine.quarantine, name="quarantine"),
    path("quarantine/replay/", quarantine.replay, name="replay"),
    path("quarantine/<int:event_id>/", quarantine.held_event, name="held"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.new_import, name="import_new"),
    path("imports/read/<slug:token>/", imports.read_import, name="import_read"),
    path("imports/<int:number>/", imports.one_import, name="import"),
    path("imports/<int:number>/back/", taking_pages.take_back_import, name="import_back"),
    path("explorer/", explorer.explorer, name="explorer"),
]
