from __future__ import annotations

from django.urls import include, path

from pupitre.core.accounts import demo

handler400 = "pupitre.core.views.bad_request"
handler403 = "pupitre.core.views.permission_denied"
handler404 = "pupitre.core.views.page_not_found"
handler429 = "pupitre.core.views.too_many_requests"  # asked for by allauth's rate limits
handler500 = "pupitre.core.views.server_error"

urlpatterns = [
    path("", include("pupitre.core.urls")),
    path("account/", include("pupitre.core.accounts.urls")),
    *demo.routes(),
    path("", include("pupitre.flow.collect.urls")),
    path("", include("pupitre.flow.identify.urls")),
    path("", include("pupitre.rules.mandate.urls")),
]
