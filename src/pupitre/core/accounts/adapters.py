"""Where the product's rules enter django-allauth: no sign-up, one address, our words, our links."""
# ruff: noqa: ARG002  (the signatures are allauth’s)

from __future__ import annotations

import ipaddress
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pupitre.core import clock
from pupitre.core.accounts import mailing, notices, sealing, services
from pupitre.core.accounts.devices import device
from pupitre.core.accounts.events import AccountEvent, hashed, tell
from pupitre.core.accounts.models import User

TOLD_ONCE_PER_SECONDS = 300  # how often one address held back is worth a line in the record


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an action of the mandate; here people only look after their own."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("This address and this password do not go together."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: try the next."),
        "incorrect_password": _("This is not your password."),
        "invalid_password_reset": _("This link no longer works."),
        "rate_limited": _("Too many tries. Wait a few minutes, then try again."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_reset_password_from_key_url(self, key: str) -> str:
        # Not from the request's Host: whoever asks for somebody else's link could choose it.
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "U", "key": "K"})
        return services.absolute(path.replace("U-K", key))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_home")

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        said = {"email": user.email, "password_reset_url": context["password_reset_url"]}
        mailing.send_soon(
            services.letter(
                "accounts/mail/password_reset", to=user.email, language=user.language, context=said
            )
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        said = {
            "said": notices.SAID[template_prefix],
            "at": clock.now(),
            "ip": self.get_client_ip(self.request),
            "device": device(self.get_http_user_agent(self.request)),
            "link": services.absolute(reverse("account_home")),
        }
        letter = services.letter(
            "accounts/mail/notice", to=user.email, language=user.language, context=said
        )
        mailing.send_soon(letter)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # The parent adds the Host header, whose port anybody may vary to get more tries.
        return str(credentials.get("email", "")).strip().lower()

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            _tell_held_back(self._get_login_attempts_cache_key(request, **credentials))
            raise


class MfaAdapter(DefaultMFAAdapter):
    """Second factors: sealed in the database, and named so that their owner knows them."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": _(
            "Recovery codes come with an authenticator app or a passkey: add one first."
        ),
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        agent = context.request.META.get("HTTP_USER_AGENT", "")
        return str(device(agent)) or gettext("Passkey")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": passkey_domain(context.request) or "", "name": "Pupitre"}


class SocialAdapter(DefaultSocialAccountAdapter):
    """Company sign-in (OpenID Connect) opens accounts that exist; it creates none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Link the company's identity to the account of the same address, or refuse.

        The company must vouch for the address (`email_verified`); else whoever may write any
        address in its directory could walk into any account. Linking is done here and nowhere
        else: an identity brought to a session that is already open is refused.
        """
        if sociallogin.state.get("process") != "login":
            raise ImmediateHttpResponse(redirect("account_home"))
        if sociallogin.is_existing:
            return
        user = _invited(sociallogin)
        if user is None:
            claimed = sociallogin.email_addresses[0].email if sociallogin.email_addresses else ""
            tell(AccountEvent.OIDC_REFUSED, user=None, detail=hashed(claimed))
            raise ImmediateHttpResponse(
                render(request, "account/signup_closed.html", {"claimed": claimed}, status=403)
            )
        sociallogin.connect(request, user)


def passkey_domain(request: HttpRequest) -> str | None:
    """The name that passkeys are bound to here; None on a bare IP address, where none can be."""
    host = request.get_host()
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return name
    return None


def _invited(sociallogin: Any) -> User | None:
    vouched = [
        address.email.lower()
        for address in sociallogin.email_addresses
        if address.verified is True or address.verified == "true"  # any other value is no promise
    ]
    return User.objects.filter(email__in=vouched, is_active=True).first()


def _tell_held_back(address: str) -> None:
    user = User.objects.filter(email=address).first()
    name = hashed(address)
    if cache.add(f"accounts:held-back:{name}", True, TOLD_ONCE_PER_SECONDS):
        tell(AccountEvent.SIGN_IN_HELD_BACK, user=user, detail="" if user else name)
