"""One-click seats: sign in as a member of the demonstration company, without a password.

Fenced twice: the route exists only in demonstration mode, which refuses to start on any address
but loopback; and the view refuses whoever does not come from this machine.
"""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from pupitre.core.accounts import entering
from pupitre.core.accounts.models import User


@login_not_required
@require_POST
def enter_seat(request: HttpRequest, user_id: int) -> HttpResponseBase:
    """Sign in to a seat. The page that lists the seats is the mandate's."""
    if not settings.DEMO:
        raise Http404
    if not _from_this_machine(request):
        raise PermissionDenied
    user = get_object_or_404(User, pk=user_id, is_active=True)
    return entering.enter(request, user, by="demo")


def routes() -> list[URLPattern]:
    """Nothing at all outside demonstration mode."""
    if not settings.DEMO:
        return []
    return [path("demo/enter/<int:user_id>/", enter_seat, name="demo_enter")]


def _from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others: what it forwards does not count as from here."""
    try:
        near = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        near = False
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For"))
    return near and not forwarded
