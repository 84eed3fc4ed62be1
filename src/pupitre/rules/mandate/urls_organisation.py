"""Addresses under /organisation/."""

from __future__ import annotations

from django.urls import path

from pupitre.rules.mandate.organisation.views import (
    delegate,
    files,
    functions,
    members,
    pages,
    seats,
    tenures,
)

urlpatterns = [
    path("", pages.organisation, name="organisation"),
    path("chart/", pages.chart, name="chart"),
    path("delegate/", delegate.delegate, name="delegate"),
    path("export/", files.export, name="organisation_export"),
    path("import/", files.import_file, name="import"),
    path("import/template/", files.template, name="import_template"),
    path("import/pending/", files.pending, name="import_pending"),
    path("new-function/", functions.new_function, name="function_new"),
    path("functions/<int:function_id>/", functions.change_function, name="function_change"),
    path("functions/<int:function_id>/remove/", functions.remove_function, name="function_remove"),
    path("members/", members.members, name="members"),
    path("members/invite/", members.invite, name="member_invite"),
    path("members/<int:member_id>/", members.member, name="member"),
    path("members/<int:member_id>/change/", members.change_member, name="member_change"),
    path("members/<int:member_id>/suspend/", members.suspend, name="member_suspend"),
    path("members/<int:member_id>/reinstate/", members.reinstate, name="member_reinstate"),
    path("members/<int:member_id>/invite/", members.resend, name="member_resend"),
    path("members/<int:member_id>/factors/", members.forget_factors, name="member_factors"),
    path("new-seat/", seats.new_seat, name="seat_new"),
    path("seats/<slug:key>/", pages.seat, name="seat"),
    path("seats/<slug:key>/change/", seats.change_seat, name="seat_change"),
    path("seats/<slug:key>/close/", seats.close_seat, name="seat_close"),
    path("seats/<slug:key>/reopen/", seats.reopen_seat, name="seat_reopen"),
    path("seats/<slug:key>/appoint/", tenures.appoint, name="appoint"),
    path("seats/<slug:key>/deputy/", tenures.new_deputy, name="deputy_new"),
    path("seats/<slug:key>/deputy/<int:delegation_id>/end/", tenures.end_deputy, name="deputy_end"),
    path("seats/<slug:key>/tenures/<int:tenure_id>/end/", tenures.end_tenure, name="tenure_end"),
    path(
        "seats/<slug:key>/tenures/<int:tenure_id>/cancel/",
        tenures.cancel_appointment,
        name="tenure_cancel",
    ),
]
