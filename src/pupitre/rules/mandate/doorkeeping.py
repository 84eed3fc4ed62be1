"""What happens to accounts, kept in the audit: sign-ins, passwords, factors, sessions."""

from __future__ import annotations

from datetime import datetime

from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.bilingual import bilingual
from pupitre.rules.mandate.acting import Act, act_under_way, acting
from pupitre.rules.mandate.activities import ACCOUNT, DOOR, OPERATOR
from pupitre.rules.mandate.contracts import Actor, AnyActor, Subject
from pupitre.rules.mandate.models import Member

# What anybody may bring about who knows an address: no proof of who it was.
_NOT_PROVEN = frozenset(
    {
        AccountEvent.SIGN_IN_FAILED,
        AccountEvent.SIGN_IN_HELD_BACK,
        AccountEvent.SECOND_FACTOR_FAILED,
        AccountEvent.OIDC_REFUSED,
    }
)


def record(
    *, user: User | None, kind: AccountEvent, at: datetime, detail: str = "", **_: object
) -> None:
    """One audit line. Inside an act (an invitation) it joins that act's transaction."""
    member = Member.objects.filter(user=user).first() if user is not None else None
    if (page := act_under_way()) is not None:
        _write(page, member, user, kind, detail)
        return
    with acting(by=_whose_doing(kind, member), at=at) as page:
        _write(page, member, user, kind, detail)


def _whose_doing(kind: AccountEvent, member: Member | None) -> AnyActor:
    """The member, once they have shown who they are: anybody may guess at a password."""
    if kind is AccountEvent.WAY_IN_GIVEN:
        return OPERATOR
    return DOOR if member is None or kind in _NOT_PROVEN else Actor(member.pk)


def _write(
    page: Act, member: Member | None, user: User | None, kind: AccountEvent, detail: str
) -> None:
    title = bilingual(lambda: kind.label)
    name = f"member:{member.pk}" if member else f"account:{user.pk}" if user else detail
    page.write_line(
        "noted",
        activity=ACCOUNT.key,
        action=f"accounts.{kind.value}",
        subject=Subject(name, title),
        title=title,
        detail={"detail": detail} if detail else {},
    )
