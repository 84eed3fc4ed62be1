"""The daily e-mail of what waits, for those who want it. Never twice: what is uncertain stays so.

The day is claimed for everybody before the first message leaves. A crash in between leaves a
claim without a time of sending: shown by `pupitre doctor`, and not sent again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from smtplib import SMTPException
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.accounts.services import absolute, letter
from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.contributions import Unhealthy
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import DIGEST_SEND, WORKER
from pupitre.rules.mandate.contracts import AnyActor, OwnAffair, Performed, Subject
from pupitre.rules.mandate.desk import read_desk
from pupitre.rules.mandate.models import DigestSent, Member
from pupitre.rules.mandate.web import Presence, presence_at

_UNCERTAIN_DAYS = 7  # how long a digest that may not have left is worth telling
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClaimDigests(Action):
    """Take a day's digests for oneself: whoever comes second gets none of them."""

    activity: ClassVar[OwnAffair] = DIGEST_SEND
    day: date
    member_ids: tuple[int, ...]

    def subject(self) -> Subject:
        return Subject(f"digest:{self.day.isoformat()}", DIGEST_SEND.name)

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Prepare the digests of %(day)s") % {"day": self.day})

    def perform(self, *, by: AnyActor, at: datetime) -> tuple[int, ...]:  # noqa: ARG002
        taken = set(DigestSent.objects.filter(day=self.day).values_list("member_id", flat=True))
        free = tuple(member for member in self.member_ids if member not in taken)
        DigestSent.objects.bulk_create(DigestSent(member_id=m, day=self.day) for m in free)
        return free


@dataclass(frozen=True)
class ConfirmDigests(Action):
    """Note which of a day's digests the mail server took."""

    activity: ClassVar[OwnAffair] = DIGEST_SEND
    day: date
    member_ids: tuple[int, ...]

    def subject(self) -> Subject:
        return Subject(f"digest:{self.day.isoformat()}", DIGEST_SEND.name)

    def title(self) -> Bilingual:
        count = len(self.member_ids)
        return bilingual(
            lambda: (
                ngettext("Send %(count)s digest", "Send %(count)s digests", count)
                % {"count": count}
            )
        )

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        DigestSent.objects.filter(day=self.day, member_id__in=self.member_ids).update(sent_at=at)


def send_due(at: datetime) -> None:
    """The scheduled job: the day's digests, and a line in the log."""
    log.info("%d digests sent", send_digests(at))


def send_digests(at: datetime) -> int:
    """Send the day's digests to those for whom something waits. Returns how many left."""
    day = day_of(at)
    readers = Member.objects.filter(wants_digest=True, suspended=False, user__is_active=True)
    waiting = {
        member.pk: presence
        for member in readers.select_related("user").exclude(digests__day=day)
        if _worth_a_letter(presence := presence_at(member=member, at=at))
    }
    if not waiting:
        return 0
    claim = act(ClaimDigests(day=day, member_ids=tuple(waiting)), by=WORKER, at=at)
    if not isinstance(claim, Performed) or not isinstance(claim.result, tuple):
        return 0
    members = {member.pk: member for member in readers.select_related("user")}
    sent = [pk for pk in claim.result if pk in members and _send(members[pk], waiting[pk])]
    if sent:
        act(ConfirmDigests(day=day, member_ids=tuple(sent)), by=WORKER, at=at)
    return len(sent)


def check_digests() -> str:
    """A health check: no digest of the last days may have been lost on its way."""
    newest = DigestSent.objects.order_by("-day").first()
    if newest is None:
        return "none sent yet"
    since = newest.day - timedelta(days=_UNCERTAIN_DAYS)
    uncertain = DigestSent.objects.filter(day__gte=since, sent_at__isnull=True).count()
    if uncertain:
        raise Unhealthy(
            f"{uncertain} digests since {since} may not have left",
            "look at the worker's log and the mail server's; they are not sent twice",
        )
    return f"last on {newest.day}"


def _worth_a_letter(presence: Presence) -> bool:
    desk = read_desk(presence)
    return bool(desk.count or desk.told)


def _send(member: Member, presence: Presence) -> bool:
    desk = read_desk(presence)
    context = {
        "desk": desk,
        "now": presence.at,
        "name": member.name,
        "desk_url": absolute("/"),
        "account_url": absolute("/account/"),
        "site": absolute(""),
    }
    message = letter(
        "mandate/mail/digest", to=member.user.email, language=member.user.language, context=context
    )
    try:
        return bool(message.send())
    except (OSError, SMTPException):
        log.exception("the digest of member %d may not have left", member.pk)
        return False
