"""The link that opens an account: signed, good once, for a few days, for one person.

Nothing is stored for it. The link carries a fingerprint of the account as it stood when the link
was made; once a password is set, or the person has come in another way, it no longer fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _

from pupitre.core.accounts.models import User
from pupitre.core.accounts.queries import is_waiting
from pupitre.core.errors import Invalid

_SALT = "pupitre.invitation"
NAME_AT_MOST = 120  # characters of a name that a link carries


class AlreadyIn(Invalid):
    """The account is open: its owner resets the password by e-mail; nobody else can."""

    def __init__(self) -> None:
        super().__init__(_("This person has already opened their account."))


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that holds: whom it is for, and from whom, as the link says it."""

    user: User
    inviter_name: str
    company: str


def invitation_token(user: User, *, inviter_name: str = "", company: str = "") -> str:
    """Make the secret part of a link. Raises AlreadyIn: else it would be a way into an account."""
    if not is_waiting(user):
        raise AlreadyIn
    said = {"u": user.pk, "f": _fingerprint(user)}
    said |= {"b": inviter_name[:NAME_AT_MOST], "c": company[:NAME_AT_MOST]}
    return signing.dumps(said, salt=_SALT, compress=True)


def read(token: str) -> Invitation | None:
    """The invitation behind a token; None when forged, expired, used, or the account is closed."""
    try:
        said = signing.loads(token, salt=_SALT, max_age=timedelta(days=settings.INVITATION_DAYS))
        user = User.objects.get(pk=said["u"])
    except (signing.BadSignature, User.DoesNotExist):
        return None
    if not is_waiting(user) or not constant_time_compare(said["f"], _fingerprint(user)):
        return None
    return Invitation(user=user, inviter_name=said["b"], company=said["c"])


def accept(invitation: Invitation, *, password: str, language: str) -> bool:
    """Set the password, if nobody was faster: of two tries with one link, one is let in."""
    user = invitation.user
    still_as_it_was = User.objects.filter(
        pk=user.pk, password=user.password, last_login=None, is_active=True
    )
    taken = still_as_it_was.update(password=make_password(password), language=language)
    if taken:
        user.refresh_from_db()
    return bool(taken)


def _fingerprint(user: User) -> str:
    state = f"{user.pk}|{user.email}|{user.password}|{user.last_login}|{user.is_active}"
    return salted_hmac(_SALT, state, algorithm="sha256").hexdigest()[:32]
