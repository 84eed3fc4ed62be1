"""What every template may ask for: the shell, the theme, the mode. Built only when asked."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from pupitre.core import clock, shell

THEME_COOKIE = "theme"
THEMES = ("light", "dark")


def house(request: HttpRequest) -> dict[str, Any]:
    """Fragments that draw no navigation do not pay for counting it: everything costly is lazy."""
    user = getattr(request, "user", None)
    return {
        "demo": settings.DEMO,
        "company": settings.COMPANY,
        "now": clock.now(),
        "theme": SimpleLazyObject(lambda: theme_of(request)),
        "reading": get_language(),
        "shell": SimpleLazyObject(lambda: shell.build(request)),
        "signed": SimpleLazyObject(lambda: bool(user is not None and user.is_authenticated)),
    }


def theme_of(request: HttpRequest) -> str:
    """ "light", "dark", or empty to follow the reader's system."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.theme in THEMES:
        return str(user.theme)
    cookie = request.COOKIES.get(THEME_COOKIE, "")
    return cookie if cookie in THEMES else ""
