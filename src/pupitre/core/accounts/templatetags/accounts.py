"""What the account pages ask of a request."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from allauth.socialaccount.adapter import get_adapter
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context

from pupitre.core.accounts.adapters import passkey_domain

register = template.Library()


@dataclass(frozen=True, slots=True)
class Passkeys:
    """Whether passkeys can work at this address, and if not, at which they can (or empty)."""

    work: bool
    elsewhere: str


@register.simple_tag(takes_context=True)
def passkeys_here(context: Context) -> Passkeys:
    request: HttpRequest = context["request"]
    if passkey_domain(request) is not None:
        return Passkeys(work=True, elsewhere="")
    return Passkeys(work=False, elsewhere=_by_name(request))


@register.simple_tag(takes_context=True)
def company_sign_in(context: Context) -> dict[str, str] | None:
    """The company's own sign-in, where the operator has set one: its name and where it begins."""
    if not settings.OIDC_NAME:
        return None
    request: HttpRequest = context["request"]
    provider = get_adapter().get_provider(request, settings.OIDC_ID)
    after = {"next": context["redirect_field_value"]} if context.get("redirect_field_value") else {}
    return {"name": settings.OIDC_NAME, "url": provider.get_login_url(request, **after)}


def _by_name(request: HttpRequest) -> str:
    """The same page under a name: on this machine `localhost`, elsewhere the public address."""
    host, _sep, port = request.get_host().rpartition(":")
    if host in ("127.0.0.1", "[::1]"):
        return f"http://localhost:{port}{request.path}"
    public = urlsplit(settings.PUBLIC_URL)
    named = public.hostname and not public.hostname.replace(".", "").isdigit()
    return f"{settings.PUBLIC_URL}{request.path}" if named else ""
