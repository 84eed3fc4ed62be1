"""The shell's own pages: language, theme, the whole navigation, and errors in the house's voice."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template import loader
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from pupitre.core.context import THEME_COOKIE, THEMES
from pupitre.core.errors import Invalid

log = logging.getLogger(__name__)
A_YEAR_SECONDS = 365 * 24 * 3600


# What a reader chooses for themself. Preferences of one person, hence no action and no audit.


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Read on in French or in English; remembered in a cookie, and in the account."""
    response = HttpResponseRedirect(_back(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
        _keep(request, language=language)
    return response


@login_not_required
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system says; remembered in a cookie, and in the account."""
    response = HttpResponseRedirect(_back(request))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        _remember(response, THEME_COOKIE, theme)
        _keep(request, theme=theme)
    elif theme == "system":
        response.delete_cookie(THEME_COOKIE)
        _keep(request, theme="")
    return response


def _back(request: HttpRequest) -> str:
    """Where the reader was, never another site."""
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if safe else "/"


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=A_YEAR_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _keep(request: HttpRequest, **fields: str) -> None:
    if request.user.is_authenticated:
        get_user_model().objects.filter(pk=request.user.pk).update(**fields)


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """The whole navigation as a page: what a phone's menu has no room for."""
    return render(request, "core/more.html")


# Errors. Each says what happened and what to do; a fragment says it in a message.


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _error(request, 413)
    return _error(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _error(request, 403, said=str(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    return _error(request, 404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    return _error(request, 405)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    return _error(request, 429)


def invalid(request: HttpRequest, exception: Invalid) -> HttpResponse:
    return _error(request, 400, said=str(exception))


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    log.warning("form refused, %s: %s", reason, request.path)
    return _error(request, 403, template="csrf")


def server_error(request: HttpRequest) -> HttpResponse:
    """The page for what we did not expect. Reads neither session nor database: they may be why."""
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.path, exc_info=True)
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    context = {
        "reference": reference,
        "reading": translation.get_language() or settings.LANGUAGE_CODE,
        "theme": cookie if cookie in THEMES else "",
        "demo": settings.DEMO,
        "fragment": _wants_fragment(request),
    }
    return HttpResponse(loader.render_to_string("core/errors/500.html", context), status=500)


def _error(
    request: HttpRequest, status: int, *, said: str = "", template: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {"said": said, "fragment": _wants_fragment(request)}
    return render(request, f"core/errors/{template or status}.html", context, status=status)


def _wants_fragment(request: HttpRequest) -> bool:
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Boosted") != "true"
