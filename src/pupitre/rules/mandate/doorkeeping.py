"""What happens to accounts, kept in the audit: sign-ins, passwords, factors, sessions."""

from __future__ import annotations

from datetime import datetime

from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.bilingual import bilingual
from pupitre.rules.mandate.acting import Act, act_under_way, acting
from pupitre.rules.mandate.activities import ACCOUNT, DOOR
from pupitre.rules.mandate.contracts import Actor, AnyActor, Subject
from pupitre.rules.mandate.models import Member


def record(
    *, user: User | None, kind: AccountEvent, at: datetime, detail: str = "", **_: object
) -> None:
    """One audit line. Inside an act (an invitation) it joins that act's transaction."""
    member = Member.objects.filter(user=user).first() if user is not None else None
    if (page := act_under_way()) is not None:
        _write(page, member, user, kind, detail)
        return
    by: AnyActor = Actor(member.pk) if member is not None else DOOR
    with acting(by=by, at=at) as page:
        _write(page, member, user, kind, detail)


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
