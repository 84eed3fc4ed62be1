"""A member's own affairs: no letter is needed, and the audit keeps them all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db.models import Q
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import OWN_NOTICES, OWN_SETTINGS
from pupitre.rules.mandate.contracts import Actor, AnyActor, OwnAffair, Subject
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Member, Notice


@dataclass(frozen=True)
class SetDigest(Action):
    """Receive the daily e-mail of what waits, or not."""

    activity: ClassVar[OwnAffair] = OWN_SETTINGS
    member_id: int
    wanted: bool

    def subject(self) -> Subject:
        return Subject(f"member:{self.member_id}", Bilingual("Résumé quotidien", "Daily digest"))

    def title(self) -> Bilingual:
        if self.wanted:
            return bilingual(lambda: _("Receive the daily digest"))
        return bilingual(lambda: _("Stop the daily digest"))

    def belongs_to(self, actor: Actor, *, law: Law, day: date) -> bool:  # noqa: ARG002
        return actor.member_id == self.member_id

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        Member.objects.filter(pk=self.member_id).update(wants_digest=self.wanted)


@dataclass(frozen=True)
class MarkSeen(Action):
    """Put away what one was told, up to a notice, for oneself and the seats one holds."""

    activity: ClassVar[OwnAffair] = OWN_NOTICES
    member_id: int
    seat_ids: tuple[int, ...]
    up_to: int  # id of the newest notice that was on the page

    def subject(self) -> Subject:
        return Subject(f"member:{self.member_id}", Bilingual("Informations", "Notices"))

    def title(self) -> Bilingual:
        return bilingual(lambda: _("Put away what I was told"))

    def belongs_to(self, actor: Actor, *, law: Law, day: date) -> bool:
        own = set(law.seats_of(actor.member_id, day))
        return actor.member_id == self.member_id and own.issuperset(self.seat_ids)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        mine = Q(seat_id__in=self.seat_ids) | Q(member_id=self.member_id)
        return Notice.objects.filter(mine, pk__lte=self.up_to, seen_at__isnull=True).update(
            seen_at=at, seen_by_id=self.member_id
        )
