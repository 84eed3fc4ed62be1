"""What the account pages show of one person's own credentials."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections
from django.http import parse_cookie

from pupitre.core.accounts.devices import Device, device
from pupitre.core.accounts.models import User


def is_waiting(user: User) -> bool:
    """Whether the account still waits for its owner: no password, never signed in, not closed."""
    return user.is_active and user.last_login is None and not user.has_usable_password()


def is_signed_in(*, cookies: str) -> bool:
    """Whether the cookies of a request are those of somebody signed in.

    For those who ask before there is a request: in a thread of their own. A page asks again, and
    more (whether the account is open, whether the session lasts too long).
    """
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    close_old_connections()
    try:
        return SESSION_KEY in SessionStore(key)
    finally:
        close_old_connections()


@dataclass(frozen=True, slots=True)
class OpenSession:
    id: int
    device: Device
    address: str
    since: datetime
    seen_at: datetime  # to within the few minutes that the session middleware allows itself
    is_current: bool


@dataclass(frozen=True, slots=True)
class Passkey:
    id: int
    name: str
    added_at: datetime
    used_at: datetime | None
    alone: bool  # whether it signs in without a password


@dataclass(frozen=True, slots=True)
class SecondFactors:
    has_app: bool
    passkeys: tuple[Passkey, ...]
    codes_left: int | None  # None where there are no recovery codes

    @property
    def any(self) -> bool:
        return self.has_app or bool(self.passkeys)


def open_sessions(*, user: User, current_key: str | None) -> tuple[OpenSession, ...]:
    """Where a person is signed in now: here first, then the last seen first."""
    sessions = [
        OpenSession(
            id=session.pk,
            device=device(session.user_agent),
            address=session.ip,
            since=session.created_at,
            seen_at=session.last_seen_at,
            is_current=session.session_key == current_key,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]
    return tuple(sorted(sessions, key=lambda s: (not s.is_current, -s.seen_at.timestamp())))


def second_factors(*, user: User) -> SecondFactors:
    """A person's app, passkeys and recovery codes; never their secrets."""
    kept = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = [a for a in kept if a.type == Authenticator.Type.RECOVERY_CODES]
    return SecondFactors(
        has_app=any(a.type == Authenticator.Type.TOTP for a in kept),
        passkeys=tuple(_passkey(a) for a in kept if a.type == Authenticator.Type.WEBAUTHN),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
    )


def _passkey(authenticator: Authenticator) -> Passkey:
    key = authenticator.wrap()
    return Passkey(
        id=authenticator.pk,
        name=key.name,
        added_at=authenticator.created_at,
        used_at=authenticator.last_used_at,
        alone=key.is_passwordless is True,
    )
