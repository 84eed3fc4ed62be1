"""What holds for every page: who may see it, what may keep it, and how long a session lasts."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect

Answer = Callable[[HttpRequest], HttpResponseBase]

# Every door that a page could open to the browser's sensors, shut; passkeys are ours alone.
PERMISSIONS_POLICY = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer",
                "autoplay",
                "browsing-topics",
                "camera",
                "display-capture",
                "encrypted-media",
                "geolocation",
                "gyroscope",
                "magnetometer",
                "microphone",
                "midi",
                "payment",
                "screen-wake-lock",
                "serial",
                "usb",
                "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)
_SIGNED_IN_AT, _SEEN_AT, _SEEN_FROM = "signed_in_at", "seen_at", "seen_from"
SEEN_EVERY_SECONDS = 300  # writing at each request would make every page wait for the disk


class SecurityHeaders:
    """Headers that Django does not set. A signed-in page is kept by no cache."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # Only where the page has looked at its reader already: an error page must not ask again.
        reader = getattr(request, "_cached_user", None)
        if reader is not None and reader.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class SignInRequired(LoginRequiredMiddleware):
    """Every page asks who is there, save those marked `login_not_required`."""

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """To the sign-in page; as a whole page, also when only a fragment was asked for."""
        if request.headers.get("HX-Request") != "true":
            return super().handle_no_permission(request, view_func)
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
        back = redirect_to_login(
            page._replace(scheme="", netloc="").geturl() or "/", self.get_login_url(view_func)
        )
        return HttpResponseClientRedirect(back.url)


class SessionWatch:
    """Ends sessions that last too long, and notes now and then when and whence each was seen.

    A session that nobody uses ends by itself (SESSION_COOKIE_AGE); one that is used ends all the
    same after SESSION_LASTS_AT_MOST, so that a stolen cookie does not live for ever.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            now = int(time.time())
            lasts_at_most: timedelta = settings.SESSION_LASTS_AT_MOST
            since = request.session.setdefault(_SIGNED_IN_AT, now)
            if now - since > lasts_at_most.total_seconds():
                get_adapter().logout(request)
                return redirect(request.get_full_path() if request.method == "GET" else "/")
            self._note(request, now)
        return self.get_response(request)

    def _note(self, request: HttpRequest, now: int) -> None:
        session = request.session
        whence = get_adapter().get_client_ip(request)
        recent = now - session.get(_SEEN_AT, 0) < SEEN_EVERY_SECONDS
        if not recent or session.get(_SEEN_FROM) != whence:
            UserSession.objects.create_from_request(request)
            session[_SEEN_AT], session[_SEEN_FROM] = now, whence
