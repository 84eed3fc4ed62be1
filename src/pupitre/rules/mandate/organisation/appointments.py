"""Who holds a seat, from a day to a day, and who deputises by appointment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar

from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import SEAT_APPOINT
from pupitre.rules.mandate.contracts import Activity, AnyActor, Span, Subject
from pupitre.rules.mandate.models import Seat, Tenure
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.records import (
    NO_SUCH_TENURE,
    check_days,
    seat_subject,
    span_of,
    tell_member,
    the_active_member,
    the_member,
    the_open_seat,
    the_seat,
    the_tenure,
)
from pupitre.rules.mandate.organisation.rules import ONE_DAY, crowded_on, overlap
from pupitre.rules.mandate.standing import current_law


@dataclass(frozen=True)
class Appoint(Action):
    """Give a seat to a member, from a day on; in place of whoever holds it, where so asked."""

    activity: ClassVar[Activity] = SEAT_APPOINT
    member_id: int
    seat_id: int
    starts: date
    ends: date | None = None
    succeeds: int | None = None  # the tenure that ends the day before

    @property
    def span(self) -> Span:
        return Span(self.starts, self.ends)

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        names = {
            "member": the_member(self.member_id).name,
            "seat": the_seat(self.seat_id).name,
        }

        def said() -> str:
            days = {"start": day_short(self.starts), "end": day_short(self.ends)}
            if self.ends is None:
                text = _("Appoint %(member)s to “%(seat)s” from %(start)s on")
            else:
                text = _("Appoint %(member)s to “%(seat)s” from %(start)s to %(end)s")
            return text % {**names, **days}

        return bilingual(said)

    def check(self, *, at: datetime) -> None:
        seat = the_open_seat(self.seat_id, on=self.starts)
        check_days(self.starts, self.ends)
        if seat.closed_on is not None and (self.ends is None or self.ends >= seat.closed_on):
            raise Invalid(
                _("This seat closes on %(day)s: choose an earlier last day.")
                % {"day": day_short(seat.closed_on)},
                field="ends",
            )
        member = the_active_member(self.member_id, field="member")
        held = self._others(seat)
        if any(t.member_id == member.pk and overlap(s, self.span) for t, s in held):
            raise Invalid(
                _("%(member)s already holds this seat on some of these days.")
                % {"member": member.name},
                field="member",
            )
        self._check_places(seat, held)
        law = current_law()
        chairs = [*((t.member_id, span) for t, span in held), (member.pk, self.span)]
        after = lockout.with_holders(law, seat.pk, chairs)
        lockout.keep_amendable(law, after, day=day_of(at))

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        if self.succeeds is not None:
            former = the_tenure(self.succeeds)
            former.ends = self.starts - ONE_DAY
            former.save(update_fields=["ends"])
        tenure = Tenure.objects.create(
            member_id=self.member_id, seat_id=self.seat_id, starts=self.starts, ends=self.ends
        )
        seat = the_seat(self.seat_id)
        text = bilingual(
            lambda: (
                _("You are appointed to “%(seat)s” from %(start)s on.")
                % {"seat": seat.name, "start": day_short(self.starts)}
            )
        )
        tell_member(the_member(self.member_id), text, url=seat_subject(seat).url, at=at)
        return tenure.pk

    def _others(self, seat: Seat) -> list[tuple[Tenure, Span]]:
        """The tenures of the seat as they would be beside this one."""
        held = [(t, span_of(t)) for t in seat.tenures.select_related("member")]
        if self.succeeds is None:
            return held
        return [
            (t, self._shortened(t, span) if t.pk == self.succeeds else span) for t, span in held
        ]

    def _shortened(self, tenure: Tenure, span: Span) -> Span:
        last = self.starts - ONE_DAY
        if last < span.starts:
            raise Invalid(
                _("%(member)s holds this seat only since %(start)s: choose a later first day.")
                % {"member": tenure.member.name, "start": day_short(span.starts)},
                field="starts",
            )
        if span.ends is not None and span.ends <= last:
            return span
        return replace(span, ends=last)

    def _check_places(self, seat: Seat, held: Sequence[tuple[Tenure, Span]]) -> None:
        full = crowded_on([*(span for _tenure, span in held), self.span], seat.places)
        if full is None:
            return
        sitting = [t for t, span in held if span.covers(full)]
        if seat.places == 1 and sitting:
            message = _("%(member)s holds this seat on %(day)s, and it has one place.")
        else:
            message = _("All %(places)s places of this seat are taken on %(day)s.")
        raise Invalid(
            message
            % {
                "member": sitting[0].member.name if sitting else "?",
                "places": seat.places,
                "day": day_short(full),
            },
            field="starts",
        )


@dataclass(frozen=True)
class EndTenure(Action):
    """Say which day is somebody's last one on a seat."""

    activity: ClassVar[Activity] = SEAT_APPOINT
    tenure_id: int
    last_day: date

    def subject(self) -> Subject:
        return seat_subject(the_tenure(self.tenure_id).seat)

    def title(self) -> Bilingual:
        tenure = the_tenure(self.tenure_id)
        return bilingual(
            lambda: (
                _("Make %(day)s the last day of %(member)s on “%(seat)s”")
                % {
                    "member": tenure.member.name,
                    "seat": tenure.seat.name,
                    "day": day_short(self.last_day),
                }
            )
        )

    def check(self, *, at: datetime) -> None:
        tenure = the_tenure(self.tenure_id)
        seat = tenure.seat
        check_days(tenure.starts, self.last_day, field="last_day")
        if seat.closed_on is not None and self.last_day >= seat.closed_on:
            raise Invalid(
                _("This seat closes on %(day)s: choose an earlier last day.")
                % {"day": day_short(seat.closed_on)},
                field="last_day",
            )
        span = Span(tenure.starts, self.last_day)
        others = [t for t in seat.tenures.select_related("member") if t.pk != tenure.pk]
        if any(t.member_id == tenure.member_id and overlap(span_of(t), span) for t in others):
            raise Invalid(
                _("%(member)s already holds this seat on some of these days.")
                % {"member": tenure.member.name},
                field="last_day",
            )
        if crowded_on([*map(span_of, others), span], seat.places) is not None:
            raise Invalid(_("Somebody else holds this seat before that day."), field="last_day")
        law = current_law()
        chairs = [*((t.member_id, span_of(t)) for t in others), (tenure.member_id, span)]
        after = lockout.with_holders(law, seat.pk, chairs)
        lockout.keep_amendable(law, after, day=day_of(at))

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        tenure = the_tenure(self.tenure_id)
        tenure.ends = self.last_day
        tenure.save(update_fields=["ends"])
        seat = tenure.seat
        text = bilingual(
            lambda: (
                _("Your last day on “%(seat)s” is %(day)s.")
                % {"seat": seat.name, "day": day_short(self.last_day)}
            )
        )
        tell_member(tenure.member, text, url=seat_subject(seat).url, at=at)
        return tenure.pk


@dataclass(frozen=True)
class CancelAppointment(Action):
    """Take back an appointment that has not begun."""

    activity: ClassVar[Activity] = SEAT_APPOINT
    member_id: int
    seat_id: int
    starts: date

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        names = {"member": the_member(self.member_id).name, "seat": the_seat(self.seat_id).name}
        return bilingual(
            lambda: (
                _("Cancel the appointment of %(member)s to “%(seat)s” from %(start)s on")
                % {**names, "start": day_short(self.starts)}
            )
        )

    def check(self, *, at: datetime) -> None:
        if self._tenure() is None:
            raise Invalid(NO_SUCH_TENURE)
        if self.starts <= day_of(at):
            raise Invalid(_("This appointment has begun: say which day is its last one."))
        law = current_law()
        seat = the_seat(self.seat_id)
        chairs = [
            (t.member_id, span_of(t))
            for t in seat.tenures.all()
            if (t.member_id, t.starts) != (self.member_id, self.starts)
        ]
        lockout.keep_amendable(law, lockout.with_holders(law, seat.pk, chairs), day=day_of(at))

    def perform(self, *, by: AnyActor, at: datetime) -> None:  # noqa: ARG002
        tenure = self._tenure()
        if tenure is None:
            raise Invalid(NO_SUCH_TENURE)
        tenure.delete()
        seat = the_seat(self.seat_id)
        text = bilingual(
            lambda: (
                _("Your appointment to “%(seat)s” from %(start)s on is cancelled.")
                % {"seat": seat.name, "start": day_short(self.starts)}
            )
        )
        tell_member(the_member(self.member_id), text, url=seat_subject(seat).url, at=at)

    def _tenure(self) -> Tenure | None:
        return Tenure.objects.filter(
            member_id=self.member_id, seat_id=self.seat_id, starts=self.starts
        ).first()
