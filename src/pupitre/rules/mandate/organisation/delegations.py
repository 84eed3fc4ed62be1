"""Deputies: who speaks for a seat while its holder is away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import SEAT_APPOINT, SEAT_DELEGATE
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    OwnAffair,
    Span,
    Subject,
)
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Delegation, Seat
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.records import (
    NO_SUCH_DELEGATION,
    check_days,
    seat_subject,
    span_of,
    tell_member,
    the_active_member,
    the_delegation,
    the_member,
    the_open_seat,
    the_seat,
)
from pupitre.rules.mandate.organisation.rules import (
    MAX_DELEGATION_DAYS,
    ONE_DAY,
    covered,
    overlap,
)
from pupitre.rules.mandate.standing import current_law


@dataclass(frozen=True)
class _Lending(Action):
    """What naming a deputy is, whoever does it."""

    seat_id: int
    deputy_id: int
    starts: date
    ends: date

    @property
    def span(self) -> Span:
        return Span(self.starts, self.ends)

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        names = {"deputy": the_member(self.deputy_id).name, "seat": the_seat(self.seat_id).name}
        return bilingual(
            lambda: (
                _("Have %(deputy)s speak for “%(seat)s” from %(start)s to %(end)s")
                % {**names, "start": day_short(self.starts), "end": day_short(self.ends)}
            )
        )

    def check(self, *, at: datetime) -> None:
        if self.starts < day_of(at):
            raise Invalid(_("Choose today or a later day."), field="starts")
        check_days(self.starts, self.ends)
        if (self.ends - self.starts).days >= MAX_DELEGATION_DAYS:
            raise Invalid(
                _("At most %(days)s days. For longer, appoint somebody to the seat.")
                % {"days": MAX_DELEGATION_DAYS},
                field="ends",
            )
        seat = the_open_seat(self.seat_id, on=self.ends, field="ends")
        deputy = the_active_member(self.deputy_id, field="deputy")
        if any(
            t.member_id == deputy.pk and overlap(span_of(t), self.span) for t in seat.tenures.all()
        ):
            raise Invalid(
                _("%(member)s holds this seat in that time, and speaks for it anyway.")
                % {"member": deputy.name},
                field="deputy",
            )
        if any(
            d.deputy_id == deputy.pk and overlap(span_of(d), self.span)
            for d in seat.delegations.all()
        ):
            raise Invalid(
                _("%(member)s already deputises for this seat on some of these days.")
                % {"member": deputy.name},
                field="deputy",
            )

    def _write(self, *, given_by: int | None, at: datetime) -> int:
        delegation = Delegation.objects.create(
            seat_id=self.seat_id,
            deputy_id=self.deputy_id,
            starts=self.starts,
            ends=self.ends,
            given_by_id=given_by,
        )
        seat = the_seat(self.seat_id)
        text = bilingual(
            lambda: (
                _("You speak for “%(seat)s” from %(start)s to %(end)s.")
                % {
                    "seat": seat.name,
                    "start": day_short(self.starts),
                    "end": day_short(self.ends),
                }
            )
        )
        tell_member(the_member(self.deputy_id), text, url=seat_subject(seat).url, at=at)
        return delegation.pk


@dataclass(frozen=True)
class Delegate(_Lending):
    """Name who speaks for one's own seat. Both may, while it lasts."""

    activity: ClassVar[OwnAffair] = SEAT_DELEGATE

    def belongs_to(self, actor: Actor, *, law: Law, day: date) -> bool:
        """A deputy does not lend on what was lent to them."""
        return actor.member_id in law.holders(self.seat_id, day)

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        member = by.member_id if isinstance(by, Actor) else None
        seat = the_seat(self.seat_id)
        mine = [span_of(t) for t in seat.tenures.all() if t.member_id == member]
        if not covered(self.span, mine):
            last = max((span.ends for span in mine if span.ends is not None), default=None)
            raise Invalid(
                _("You hold this seat until %(day)s: nobody can speak for you after that.")
                % {"day": day_short(last)},
                field="ends",
            )
        return self._write(given_by=member, at=at)


@dataclass(frozen=True)
class AppointDeputy(_Lending):
    """Name who speaks for somebody else's seat, or for one that is vacant."""

    activity: ClassVar[Activity] = SEAT_APPOINT

    def perform(self, *, by: AnyActor, at: datetime) -> int:
        return self._write(given_by=by.member_id if isinstance(by, Actor) else None, at=at)


@dataclass(frozen=True)
class _TakingBack(Action):
    """What ending a deputy's time is, whoever does it: at once, from today on."""

    delegation_id: int
    seat_id: int
    deputy_id: int

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        names = {"deputy": the_member(self.deputy_id).name, "seat": the_seat(self.seat_id).name}
        return bilingual(lambda: _("Have %(deputy)s no longer speak for “%(seat)s”") % names)

    def check(self, *, at: datetime) -> None:
        delegation = self._delegation()
        day = day_of(at)
        if delegation.ends < day:
            raise Invalid(_("This delegation is over already."))
        seat = the_seat(self.seat_id)
        left = [(d.deputy_id, span_of(d)) for d in self._others(seat)]
        law = current_law()
        lockout.keep_amendable(law, lockout.with_deputies(law, seat.pk, left), day=day)

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        delegation = self._delegation()
        last = day_of(at) - ONE_DAY
        if delegation.starts > last:  # not one whole day: the audit remembers it
            delegation.delete()
        else:
            delegation.ends = last
            delegation.save(update_fields=["ends"])
        seat = delegation.seat
        text = bilingual(lambda: _("You no longer speak for “%(seat)s”.") % {"seat": seat.name})
        tell_member(delegation.deputy, text, url=seat_subject(seat).url, at=at)

    def _delegation(self) -> Delegation:
        """The delegation, if it is the one that the title speaks of."""
        delegation = the_delegation(self.delegation_id)
        if (delegation.seat_id, delegation.deputy_id) != (self.seat_id, self.deputy_id):
            raise Invalid(NO_SUCH_DELEGATION)
        return delegation

    def _others(self, seat: Seat) -> list[Delegation]:
        return [d for d in seat.delegations.all() if d.pk != self.delegation_id]


@dataclass(frozen=True)
class EndDelegation(_TakingBack):
    """Take one's own delegation back, or lay down what was lent to oneself."""

    activity: ClassVar[OwnAffair] = SEAT_DELEGATE

    def belongs_to(self, actor: Actor, *, law: Law, day: date) -> bool:
        holds = actor.member_id in law.holders(self.seat_id, day)
        return holds or actor.member_id == self.deputy_id


@dataclass(frozen=True)
class EndDeputy(_TakingBack):
    """End a deputy's time on somebody else's seat."""

    activity: ClassVar[Activity] = SEAT_APPOINT
