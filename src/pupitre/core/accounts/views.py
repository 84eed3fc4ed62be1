"""A person's own account: what they look after themselves, and nothing of anybody else's."""

from __future__ import annotations

from typing import cast

from allauth.decorators import rate_limit
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.openid_connect import views as oidc_views
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from pupitre.core.accounts import entering, invitations, queries, services
from pupitre.core.accounts.adapters import passkey_domain
from pupitre.core.accounts.events import AccountEvent, tell
from pupitre.core.accounts.forms import InvitationForm
from pupitre.core.accounts.models import User
from pupitre.core.contributions import account_panels

_INVITATION = "accounts.invitation"  # where the session keeps the token, out of the address bar


# --- your account ---------------------------------------------------------------------------------


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    context = {
        "factors": queries.second_factors(user=user),
        "sessions": queries.open_sessions(user=user, current_key=request.session.session_key),
        "has_password": user.has_usable_password(),
        "linked": SocialAccount.objects.filter(user=user).first(),
        "oidc_name": settings.OIDC_NAME,
        "passkeys_work": passkey_domain(request) is not None,
        "panels": [shown for panel in account_panels if (shown := panel(request)) is not None],
    }
    return render(request, "accounts/home.html", context)


# --- where one is signed in -----------------------------------------------------------------------


@require_GET
def sessions(request: HttpRequest) -> HttpResponse:
    shown = queries.open_sessions(user=_reader(request), current_key=request.session.session_key)
    return render(request, "accounts/sessions.html", {"sessions": shown})


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of the reader's own sessions; somebody else's is not found."""
    session = get_object_or_404(UserSession, pk=session_id, user=_reader(request))
    here = session.session_key == request.session.session_key
    end_sessions(request, [session])
    if here:
        return redirect("account_login")
    tell(AccountEvent.SESSION_REVOKED, user=_reader(request))
    messages.success(request, _("That session has ended."))
    return redirect("usersessions_list")


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """End all of the reader's own sessions but this one."""
    user = _reader(request)
    ended = services.end_sessions(user=user, but=request.session.session_key)
    if ended:
        tell(AccountEvent.SESSION_REVOKED, user=user, detail=str(ended))
    said = ngettext("%(n)d other session has ended.", "%(n)d other sessions have ended.", ended)
    messages.success(request, said % {"n": ended})
    return redirect("usersessions_list")


# --- an invitation --------------------------------------------------------------------------------


@login_not_required
@never_cache
@require_GET
def invitation_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address bar, so that no history and no screenshot keeps it.

    Looking uses nothing up: mail scanners follow links. The pages that follow are in the language
    that the inviter gave; the switch at the top changes it.
    """
    request.session[_INVITATION] = token
    answer = redirect("account_invitation")
    invited = invitations.read(token)
    if invited is not None and invited.user.language:
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            invited.user.language,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
    return answer


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@rate_limit(action="invitation")  # type: ignore[untyped-decorator]
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponseBase:
    """Show who invites whom; with a password, open the account and sign its owner in."""
    invited = invitations.read(request.session.get(_INVITATION, ""))
    if invited is None:
        return render(request, "accounts/invitation_void.html", status=410)
    form = InvitationForm(
        request.POST or None,
        user=invited.user,
        initial={"language": translation.get_language()},
    )
    if not form.is_valid():
        context = {"invitation": invited, "form": form}
        status = 422 if form.is_bound else 200
        return render(request, "accounts/invitation.html", context, status=status)
    password, language = form.cleaned_data["password1"], form.cleaned_data["language"]
    if not invitations.accept(invited, password=password, language=language):
        return render(request, "accounts/invitation_void.html", status=410)
    tell(AccountEvent.INVITATION_ACCEPTED, user=invited.user)
    del request.session[_INVITATION]
    translation.activate(language)
    messages.success(request, _("Your account is open. Welcome."))
    return entering.enter(request, invited.user, by="invitation")


# --- company sign-in ------------------------------------------------------------------------------


@login_not_required
def oidc_login(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Off to the company's sign-in page; a plain page when it does not answer."""
    try:
        answer: HttpResponseBase = oidc_views.login(request, provider_id)
    except RequestException as error:
        answer = render_authentication_error(request, provider=None, exception=error)
    return answer


def _reader(request: HttpRequest) -> User:
    return cast(User, request.user)
