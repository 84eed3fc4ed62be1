"""What the mandate may do to accounts. Each tells `account_event`; who may is asked by actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy

from pupitre.core.accounts import invitations, mailing, queries
from pupitre.core.accounts.events import AccountEvent, hashed, tell
from pupitre.core.accounts.models import User
from pupitre.core.errors import Invalid


def create_account(*, email: str, language: str) -> User:
    """An account that waits for its owner: no password, so nobody can sign in to it yet.

    Raises Invalid, with ``field="email"``, for an address that is malformed or already taken.
    """
    address = _clean(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email=address, language=_known(language))
    except IntegrityError as error:
        raise _taken(address) from error
    tell(AccountEvent.ACCOUNT_CREATED, user=user)
    return user


def invitation_link(user: User, *, inviter_name: str = "", company: str = "") -> str:
    """The address at which an invited person opens their account. Raises invitations.AlreadyIn."""
    token = invitations.invitation_token(user, inviter_name=inviter_name, company=company)
    return absolute(reverse("account_invitation_link", args=[token]))


def send_invitation(*, user: User, inviter_name: str, company: str) -> None:
    """E-mail the invitation in the invited person's language, once the transaction has held."""
    link = invitation_link(user, inviter_name=inviter_name, company=company)
    context = {
        "link": link,
        "inviter_name": inviter_name,
        "company": company,
        "email": user.email,
        "days": settings.INVITATION_DAYS,
    }
    mailing.send_after_commit(
        letter("accounts/mail/invitation", to=user.email, language=user.language, context=context)
    )
    tell(AccountEvent.INVITATION_SENT, user=user)


def way_in(*, user: User) -> str:
    """A link for the operator to hand over: the invitation, or an hour to choose a password."""
    tell(AccountEvent.WAY_IN_GIVEN, user=user)
    if queries.is_waiting(user):
        return invitation_link(user)
    key = f"{user_pk_to_url_str(user)}-{default_token_generator.make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "U", "key": "K"})
    return absolute(path.replace("U-K", key))


def change_address(*, user: User, email: str) -> None:
    """Give an account another address. Its sessions end; the former address is told.

    Raises Invalid, with ``field="email"``, for an address that is malformed or already taken.
    """
    former, user.email = user.email, _clean(email)
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        address, user.email = user.email, former
        raise _taken(address) from error
    end_sessions(user=user)
    context = {"email": user.email}
    mailing.send_after_commit(
        letter("accounts/mail/address_changed", to=former, language=user.language, context=context)
    )
    tell(AccountEvent.ADDRESS_CHANGED, user=user, detail=hashed(former))


def close_account(*, user: User) -> None:
    """Shut an account. Its sessions end at once; nothing that its owner did is touched."""
    user.is_active = False
    user.save(update_fields=["is_active"])
    end_sessions(user=user)
    tell(AccountEvent.ACCOUNT_CLOSED, user=user)


def reopen_account(*, user: User) -> None:
    """Open a closed account again, with the password and second factors that it had."""
    user.is_active = True
    user.save(update_fields=["is_active"])
    tell(AccountEvent.ACCOUNT_REOPENED, user=user)


def forget_second_factors(*, user: User) -> int:
    """For somebody who lost their phone and their codes. Returns how many factors went."""
    kinds = {
        Authenticator.Type.TOTP: AccountEvent.TOTP_REMOVED,
        Authenticator.Type.WEBAUTHN: AccountEvent.PASSKEY_REMOVED,
        Authenticator.Type.RECOVERY_CODES: AccountEvent.RECOVERY_CODES_REMOVED,
    }
    factors = list(Authenticator.objects.filter(user=user))
    for factor in factors:
        kind = kinds[Authenticator.Type(factor.type)]
        factor.delete()
        tell(kind, user=user, detail="by an administrator")
    if factors:
        end_sessions(user=user)
    return len(factors)


def end_sessions(*, user: User, but: str | None = None) -> int:
    """End a person's sessions, but the one whose key is given. Returns how many ended."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    ended = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    keys = list(ended.values_list("session_key", flat=True))
    for key in keys:
        store.delete(key)
    ended.filter(session_key__in=keys).delete()
    return len(keys)


def forget_ended_sessions(*, at: datetime) -> int:
    """Delete what remains of sessions that had expired by an instant. Returns how many."""
    Session.objects.filter(expire_date__lt=at).delete()
    alive = Session.objects.values("session_key")
    ended = UserSession.objects.exclude(session_key__in=alive)
    return int(ended.delete()[0])


def letter(
    template: str, *, to: str, language: str, context: Mapping[str, object]
) -> EmailMultiAlternatives:
    """An e-mail from `TEMPLATE_subject.txt`, `_message.txt` and `_message.html`, in a language."""
    with translation.override(_known(language)):
        subject = " ".join(render_to_string(f"{template}_subject.txt", dict(context)).split())
        message = EmailMultiAlternatives(
            subject,
            render_to_string(f"{template}_message.txt", dict(context)).strip() + "\n",
            to=[to],
        )
        message.attach_alternative(
            render_to_string(f"{template}_message.html", dict(context)), "text/html"
        )
    return message


def absolute(path: str) -> str:
    """A link for an e-mail: from the operator's address of Pupitre, never from a request's Host."""
    return f"{settings.PUBLIC_URL}{path}"


def _clean(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
        if len(address) > 254:
            raise ValidationError("too long")
    except ValidationError as error:
        raise Invalid(gettext_lazy("This is not an e-mail address."), field="email") from error
    return address


def _taken(address: str) -> Invalid:
    if User.objects.filter(email=address, is_active=False).exists():
        return Invalid(
            gettext_lazy("A closed account has this address. Reopen it instead."), field="email"
        )
    return Invalid(gettext_lazy("Another account has this address."), field="email")


def _known(language: str) -> str:
    known = [code for code, _name in settings.LANGUAGES]
    return language if language in known else settings.LANGUAGE_CODE
