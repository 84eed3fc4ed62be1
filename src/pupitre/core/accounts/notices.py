"""The e-mails that tell people of a change to their own account, so that a thief is noticed."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

# By the template that django-allauth would have used.
SAID = {
    "account/email/password_changed": _("Your password for Pupitre was changed"),
    "account/email/password_reset": _(
        "Your password for Pupitre was replaced by a link in an e-mail"
    ),
    "account/email/password_set": _("A password for Pupitre was set"),
    "mfa/email/totp_activated": _("An authenticator app was added to your account in Pupitre"),
    "mfa/email/totp_deactivated": _("The authenticator app of your account in Pupitre was removed"),
    "mfa/email/webauthn_added": _("A passkey was added to your account in Pupitre"),
    "mfa/email/webauthn_removed": _("A passkey of your account in Pupitre was removed"),
    "mfa/email/recovery_codes_generated": _(
        "New recovery codes were made for your account in Pupitre"
    ),
    "socialaccount/email/account_connected": _(
        "Your company’s sign-in now opens your account in Pupitre"
    ),
}
