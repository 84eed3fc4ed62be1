"""Sign somebody in who has proved who they are in a way of ours rather than of allauth's."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from django.http import HttpRequest, HttpResponseBase

from pupitre.core.accounts.models import User


def enter(request: HttpRequest, user: User, *, by: str) -> HttpResponseBase:
    """Open a session, after the second factor where there is one. `by` says how, in the record."""
    if request.user.is_authenticated and request.user.pk != user.pk:
        get_adapter().logout(request)
    record_authentication(request, user, method=by)
    answer: HttpResponseBase = perform_login(request, user)
    return answer
