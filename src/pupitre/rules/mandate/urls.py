from __future__ import annotations

from django.urls import include, path

from pupitre.rules.mandate.views import audit_log, decisions, desk, entrance

app_name = "mandate"

urlpatterns = [
    path("", desk.my_desk, name="desk"),
    path("desk/seen/", desk.mark_seen, name="seen"),
    path("desk/seat/", desk.choose_seat, name="sit"),
    path("desk/digest/", desk.set_digest, name="digest"),
    path("decisions/", decisions.all_decisions, name="decisions"),
    path("decisions/<int:decision_id>/", decisions.one_decision, name="decision"),
    path("decisions/<int:decision_id>/speak/", decisions.speak, name="speak"),
    path("audit/", audit_log.search, name="audit"),
    path("audit/export/", audit_log.export, name="audit_export"),
    path("audit/export/<int:decision_id>/", audit_log.take, name="audit_take"),
    path("audit/<int:seq>/", audit_log.one_line, name="audit_line"),
    path("demo/", entrance.seats_to_try, name="demo"),
    path("organisation/", include("pupitre.rules.mandate.urls_organisation")),
    path("responsibilities/", include("pupitre.rules.mandate.urls_matrix")),
]
