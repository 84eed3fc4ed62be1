"""What happened to an account, told to whoever keeps a record of it.

The audit lives in a higher room; it listens to `account_event` and is not imported from here.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.dispatch import Signal
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from pupitre.core import clock

if TYPE_CHECKING:
    from pupitre.core.accounts.models import User


class AccountEvent(TextChoices):
    """Everything about an account that a later question may turn on."""

    ACCOUNT_CREATED = "account_created", _("Account created")
    ACCOUNT_CLOSED = "account_closed", _("Account closed")
    ACCOUNT_REOPENED = "account_reopened", _("Account reopened")
    ADDRESS_CHANGED = "address_changed", _("Address changed")
    INVITATION_SENT = "invitation_sent", _("Invitation sent")
    WAY_IN_GIVEN = "way_in_given", _("Link to come in given by the operator")
    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation accepted")
    SIGNED_IN = "signed_in", _("Signed in")
    SIGN_IN_FAILED = "sign_in_failed", _("Sign-in failed")
    SIGN_IN_HELD_BACK = "sign_in_held_back", _("Sign-in held back after too many tries")
    SIGNED_OUT = "signed_out", _("Signed out")
    PASSWORD_SET = "password_set", _("Password set")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset by e-mail")
    SECOND_FACTOR_FAILED = "second_factor_failed", _("Wrong sign-in code")
    TOTP_ADDED = "totp_added", _("Authenticator app added")
    TOTP_REMOVED = "totp_removed", _("Authenticator app removed")
    PASSKEY_ADDED = "passkey_added", _("Passkey added")
    PASSKEY_REMOVED = "passkey_removed", _("Passkey removed")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("Recovery codes made")
    RECOVERY_CODES_REMOVED = "recovery_codes_removed", _("Recovery codes removed")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    SESSION_REVOKED = "session_revoked", _("Session ended from elsewhere")
    OIDC_LINKED = "oidc_linked", _("Company sign-in linked")
    OIDC_REFUSED = "oidc_refused", _("Company sign-in refused")


account_event = Signal()
"""Sent with `user` (User or None), `kind` (AccountEvent), `at` (aware datetime) and `detail` (str).

`detail` never holds an address: an unknown person is named by `hashed(address)`. A receiver that
raises stops what was being done: an act that cannot be recorded does not happen.
"""


def tell(
    kind: AccountEvent, *, user: User | None, detail: str = "", at: datetime | None = None
) -> None:
    """Say what happened. `at` is now unless the caller was handed a time."""
    account_event.send(
        sender=AccountEvent, user=user, kind=kind, at=at or clock.now(), detail=detail
    )


def hashed(address: str) -> str:
    """A name for an address that we must not keep: the same address gives the same name."""
    digest = salted_hmac("pupitre.unknown-address", address.strip().lower(), algorithm="sha256")
    return f"unknown:{digest.hexdigest()[:16]}"
