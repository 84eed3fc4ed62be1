"""The account pages, one by one: what django-allauth offers and Pupitre does not is not routed.

Left out: sign-up, e-mail management (an address changes by an action of the mandate), sign-in by
mailed code, and the linking of further identities. The names are those that allauth reverses.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from allauth.socialaccount.providers.openid_connect import views as oidc
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.decorators.http import require_safe
from django.views.generic import RedirectView

from pupitre.core.accounts import views

to_account = require_safe(RedirectView.as_view(pattern_name="account_home"))
# To be fetched and nothing else; allauth would answer whatever is sent.
codes_file = require_safe(codes.download_recovery_codes)

urlpatterns = [
    path("", views.home, name="account_home"),
    # coming and going
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("closed/", account.account_inactive, name="account_inactive"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("invitation/", views.invitation, name="account_invitation"),
    path("invitation/<str:token>/", views.invitation_link, name="account_invitation_link"),
    # passwords
    path("password/", account.password_change, name="account_change_password"),
    path("password/first/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    # second factors
    path("factors/", to_account, name="mfa_index"),
    path("factors/code/", mfa.authenticate, name="mfa_authenticate"),
    path("factors/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("factors/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("factors/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("factors/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("factors/codes/file/", codes_file, name="mfa_download_recovery_codes"),
    # passkeys
    path("passkeys/", to_account, name="mfa_list_webauthn"),
    path("passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/sign-in/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("passkeys/confirm/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    # sessions
    path("sessions/", views.sessions, name="usersessions_list"),
    path("sessions/others/end/", views.end_other_sessions, name="account_end_other_sessions"),
    path("sessions/<int:session_id>/end/", views.end_session, name="account_end_session"),
    # company sign-in (OpenID Connect)
    path("company/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path(
        "company/failed/", login_not_required(social.login_error), name="socialaccount_login_error"
    ),
    path("company/<str:provider_id>/", views.oidc_login, name="openid_connect_login"),
    path("company/<str:provider_id>/callback/", oidc.callback, name="openid_connect_callback"),
]
