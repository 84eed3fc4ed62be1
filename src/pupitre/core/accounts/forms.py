"""django-allauth's forms in our words. What they check is theirs; see adapters.py for the rest."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from pupitre.core.accounts.models import User

PASSWORD_HELP = _("At least 12 characters. A sentence is easier to remember than a puzzle.")
_PASSWORD_AGAIN = _("The same password once more")
_CODE = {
    "autocomplete": "one-time-code",
    "inputmode": "numeric",
    "autocapitalize": "off",
    "spellcheck": "false",
}


class _Plain(forms.Form):
    """No placeholders: a hint that disappears when one starts to type is no label."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignInForm(_Plain, account_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""


class ReauthenticateForm(_Plain, account_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Your password")
        self.fields["password"].help_text = ""


class _TwoPasswords(_Plain):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = _("New password")
        self.fields["password1"].help_text = PASSWORD_HELP
        self.fields["password2"].label = _PASSWORD_AGAIN


class ChangePasswordForm(_TwoPasswords, account_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].help_text = ""


class SetPasswordForm(_TwoPasswords, account_forms.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_TwoPasswords, account_forms.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(_Plain, account_forms.ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")


class InvitationForm(forms.Form):
    """What an invited person chooses before they come in."""

    password1 = forms.CharField(
        label=_("Password"),
        help_text=PASSWORD_HELP,
        strip=False,
        max_length=1000,  # hashing a novel would keep a core busy
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_PASSWORD_AGAIN,
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> None:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))


class _OnceOnly(_Plain):
    """A code from an app opens one door once, for as long as it would be accepted.

    allauth remembers a used code for one period of 30 s, but accepts it for three.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code")
        self.fields["code"].widget.attrs.update(_CODE)

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP:  # type: ignore[attr-defined]
            periods = 2 * mfa_settings.TOTP_TOLERANCE + 1
            used = f"accounts:totp:{self.authenticator.pk}:{normalize_user_code(code)}"  # type: ignore[attr-defined]
            if not cache.add(used, True, periods * mfa_settings.TOTP_PERIOD):
                raise forms.ValidationError(
                    _("This code has been used. Wait for the next one."), code="incorrect_code"
                )
        return code


class SecondFactorForm(_OnceOnly, mfa_forms.AuthenticateForm):
    pass


class SecondFactorAgainForm(_OnceOnly, mfa_forms.ReauthenticateForm):
    pass


class AddAppForm(_Plain, totp_forms.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The six digits that the app shows")
        self.fields["code"].widget.attrs.update(_CODE)


def _passkey_name(field: forms.Field) -> forms.Field:
    return forms.CharField(
        label=_("A name you will know it by"), max_length=80, required=field.required
    )


class AddPasskeyForm(_Plain, webauthn_forms.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _passkey_name(self.fields["name"])
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it alone, without a password")
        passwordless.help_text = _(
            "Leave this ticked for a phone, a computer or a recent key. "
            "Untick it for an old security key that has no PIN."
        )
        passwordless.initial = True


class RenamePasskeyForm(_Plain, webauthn_forms.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = _passkey_name(self.fields["name"])
