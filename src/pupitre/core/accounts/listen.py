"""Translate what Django and django-allauth say into `account_event`. Nothing is decided here."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount import signals as social_signals
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest

from pupitre.core.accounts.events import AccountEvent, hashed, tell
from pupitre.core.accounts.models import User

_ADDED = {
    Authenticator.Type.TOTP: AccountEvent.TOTP_ADDED,
    Authenticator.Type.WEBAUTHN: AccountEvent.PASSKEY_ADDED,
    Authenticator.Type.RECOVERY_CODES: AccountEvent.RECOVERY_CODES_MADE,
}
_REMOVED = {
    Authenticator.Type.TOTP: AccountEvent.TOTP_REMOVED,
    Authenticator.Type.WEBAUTHN: AccountEvent.PASSKEY_REMOVED,
    Authenticator.Type.RECOVERY_CODES: AccountEvent.RECOVERY_CODES_REMOVED,
}


@receiver(auth_signals.user_logged_in)
def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    tell(AccountEvent.SIGNED_IN, user=user, detail=_how(request, user))


@receiver(auth_signals.user_login_failed)
def _sign_in_failed(credentials: dict[str, Any], **_: Any) -> None:
    address = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    user = User.objects.filter(email=address).first()
    tell(AccountEvent.SIGN_IN_FAILED, user=user, detail="" if user else hashed(address))


@receiver(auth_signals.user_logged_out)
def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:
        tell(AccountEvent.SIGNED_OUT, user=user)


@receiver(account_signals.password_set)
def _password_set(user: User, **_: Any) -> None:
    tell(AccountEvent.PASSWORD_SET, user=user)


@receiver(account_signals.password_changed)
def _password_changed(user: User, **_: Any) -> None:
    tell(AccountEvent.PASSWORD_CHANGED, user=user)


@receiver(account_signals.password_reset)
def _password_reset(user: User, **_: Any) -> None:
    tell(AccountEvent.PASSWORD_RESET, user=user)


@receiver(mfa_signals.authenticator_added)
def _factor_added(user: User, authenticator: Authenticator, **_: Any) -> None:
    tell(_ADDED[Authenticator.Type(authenticator.type)], user=user)


@receiver(mfa_signals.authenticator_reset)
def _codes_made_anew(user: User, **_: Any) -> None:
    tell(AccountEvent.RECOVERY_CODES_MADE, user=user)


@receiver(mfa_signals.authenticator_removed)
def _factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    tell(_REMOVED[Authenticator.Type(authenticator.type)], user=user)


@receiver(mfa_signals.authenticator_used)
def _factor_used(user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        tell(AccountEvent.RECOVERY_CODE_USED, user=user)


@receiver(mfa_signals.authentication_failed)
def _wrong_code(user: User, **_: Any) -> None:
    tell(AccountEvent.SECOND_FACTOR_FAILED, user=user)


@receiver(social_signals.social_account_added)
def _linked(sociallogin: Any, **_: Any) -> None:
    tell(AccountEvent.OIDC_LINKED, user=sociallogin.user)


def _how(request: HttpRequest, user: User) -> str:
    """By what the person proved who they are: "password+totp", "webauthn", "socialaccount"…"""
    steps = [
        str(record.get("type") or record.get("method"))
        for record in get_authentication_records(request, user)
    ]
    return "+".join(dict.fromkeys(steps))
