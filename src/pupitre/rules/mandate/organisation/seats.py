"""Seats: laid out, changed, closed, opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import ORGANISATION_CHANGE
from pupitre.rules.mandate.contracts import Activity, AnyActor, FunctionKind, Subject
from pupitre.rules.mandate.models import Seat
from pupitre.rules.mandate.organisation import lockout
from pupitre.rules.mandate.organisation.records import (
    check_names,
    draw_lines,
    one_name,
    seat_subject,
    solid_lines,
    span_of,
    tenures_from,
    the_function,
    the_open_seat,
    the_seat,
)
from pupitre.rules.mandate.organisation.rules import (
    KEY,
    MAX_DOTTED,
    MAX_PLACES,
    ONE_DAY,
    circle,
    crowded_on,
)
from pupitre.rules.mandate.standing import current_law


@dataclass(frozen=True)
class SeatDetails:
    """What a seat is: its names, its function, its place in the lines."""

    name_fr: str
    name_en: str
    function_id: int
    heads: bool = False
    places: int = 1
    superior_id: int | None = None
    dotted_ids: tuple[int, ...] = ()

    @property
    def name(self) -> Bilingual:
        return Bilingual(*one_name(self.name_fr, self.name_en))

    def check(self, *, day: date, seat_id: int | None) -> None:
        check_names(self.name_fr, self.name_en)
        the_function(self.function_id, field="function")
        if not 1 <= self.places <= MAX_PLACES:
            raise Invalid(
                _("From 1 to %(most)s people.") % {"most": MAX_PLACES},
                field="places",
            )
        self._check_head(day, seat_id)
        self._check_lines(day, seat_id)

    def _check_head(self, day: date, seat_id: int | None) -> None:
        still_open = Q(closed_on__isnull=True) | Q(closed_on__gt=day)
        others = Seat.objects.filter(still_open, function_id=self.function_id, heads=True)
        other = next((o for o in others if o.pk != seat_id), None) if self.heads else None
        if other is not None:
            raise Invalid(
                _("“%(seat)s” already heads this function. Change that seat first.")
                % {"seat": other.name},
                field="heads",
            )

    def _check_lines(self, day: date, seat_id: int | None) -> None:
        if self.superior_id is not None:
            the_open_seat(self.superior_id, on=day, field="superior")
        if len(self.dotted_ids) > MAX_DOTTED or len(set(self.dotted_ids)) < len(self.dotted_ids):
            raise Invalid(
                _("At most %(limit)s dotted lines, each to another seat.") % {"limit": MAX_DOTTED},
                field="dotted",
            )
        for other in self.dotted_ids:
            the_open_seat(other, on=day, field="dotted")
        if self.superior_id in self.dotted_ids or seat_id in self.dotted_ids:
            raise Invalid(
                _("A dotted line leads to a seat other than itself and the one above."),
                field="dotted",
            )
        if seat_id is not None:
            lines: dict[int, int | None] = {**solid_lines()}
            lines[seat_id] = self.superior_id
            if circle(lines):
                raise Invalid(
                    _("This seat would report to itself, through others. Choose another one."),
                    field="superior",
                )

    def write(self, seat: Seat) -> None:
        seat.name_fr, seat.name_en = one_name(self.name_fr, self.name_en)
        seat.function_id = self.function_id
        seat.heads = self.heads
        seat.places = self.places
        seat.save()
        draw_lines(seat, superior_id=self.superior_id, dotted_ids=self.dotted_ids)


@dataclass(frozen=True)
class CreateSeat(Action):
    """Add a seat to a function. Nobody holds it yet."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    seat_key: str
    details: SeatDetails

    def subject(self) -> Subject:
        seat = Seat.objects.filter(key=self.seat_key).first()
        if seat is not None:
            return seat_subject(seat)
        return Subject(f"seat:{self.seat_key}", self.details.name)

    def title(self) -> Bilingual:
        return bilingual(
            lambda: (
                _("Create the seat “%(seat)s” in %(function)s")
                % {
                    "seat": self.details.name,
                    "function": the_function(self.details.function_id).name,
                }
            )
        )

    def check(self, *, at: datetime) -> None:
        if not KEY.fullmatch(self.seat_key):
            raise Invalid(_("Unaccented letters, digits and dashes only."), field="seat_key")
        if Seat.objects.filter(key=self.seat_key).exists():
            raise Invalid(_("Another seat has this code, or had it."), field="seat_key")
        self.details.check(day=day_of(at), seat_id=None)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        last = Seat.objects.filter(function_id=self.details.function_id)
        seat = Seat(
            key=self.seat_key,
            position=(last.aggregate(last=Max("position"))["last"] or 0) + 1,
        )
        self.details.write(seat)
        return seat.pk


@dataclass(frozen=True)
class ChangeSeat(Action):
    """Rename a seat, move it, or change whom it reports to. Its letters stay with it."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    seat_id: int
    details: SeatDetails

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        name = self.details.name
        return bilingual(lambda: _("Change the seat “%(seat)s”") % {"seat": name})

    def check(self, *, at: datetime) -> None:
        day = day_of(at)
        seat = the_open_seat(self.seat_id, on=day)
        self.details.check(day=day, seat_id=self.seat_id)
        crowded = crowded_on(map(span_of, tenures_from(seat, day)), self.details.places)
        if crowded is not None:
            raise Invalid(
                _("More people than that hold this seat on %(day)s.") % {"day": day_short(crowded)},
                field="places",
            )
        function = the_function(self.details.function_id)
        if seat.function.kind != function.kind:
            law = current_law()
            kind = FunctionKind(function.kind)
            after = lockout.with_seat_in(law, seat.pk, function.pk, kind)
            lockout.keep_amendable(law, after, day=day)

    def material(self) -> object:
        seat = the_seat(self.seat_id)
        lines = seat.lines_up.order_by("superior_id").values_list("superior_id", "dotted")
        return [
            [seat.name_fr, seat.name_en, seat.function_id, seat.heads, seat.places],
            [list(line) for line in lines],
        ]

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        seat = the_seat(self.seat_id)
        self.details.write(seat)
        return seat.pk


@dataclass(frozen=True)
class CloseSeat(Action):
    """Close a seat from a day on. Whoever holds it or deputises leaves the day before."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    seat_id: int
    closes: date  # the first day on which it is closed

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        seat = the_seat(self.seat_id)
        return bilingual(
            lambda: (
                _("Close the seat “%(seat)s” from %(day)s on")
                % {"seat": seat.name, "day": day_short(self.closes)}
            )
        )

    def check(self, *, at: datetime) -> None:
        day = day_of(at)
        seat = the_seat(self.seat_id)
        if seat.closed_on is not None and seat.closed_on <= max(day, self.closes):
            raise Invalid(_("This seat is already closed from an earlier day on."), field="closes")
        if self.closes < day:
            raise Invalid(_("Choose today or a later day."), field="closes")
        law = current_law()
        after = lockout.with_closed_seat(law, seat.pk, self.closes)
        lockout.keep_amendable(law, after, day=day)

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        seat = the_seat(self.seat_id)
        close_seat(seat, self.closes)
        return seat.pk


@dataclass(frozen=True)
class ReopenSeat(Action):
    """Open a closed seat again. Nobody holds it yet."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    seat_id: int

    def subject(self) -> Subject:
        return seat_subject(the_seat(self.seat_id))

    def title(self) -> Bilingual:
        seat = the_seat(self.seat_id)
        return bilingual(lambda: _("Reopen the seat “%(seat)s”") % {"seat": seat.name})

    def check(self, *, at: datetime) -> None:
        seat = the_seat(self.seat_id)
        if seat.closed_on is None:
            raise Invalid(_("This seat is open."))
        still_open = Q(closed_on__isnull=True) | Q(closed_on__gt=day_of(at))
        heads = Seat.objects.filter(still_open, function=seat.function, heads=True)
        if seat.heads and (other := heads.exclude(pk=seat.pk).first()) is not None:
            raise Invalid(
                _("“%(seat)s” now heads this function. Change that seat first.")
                % {"seat": other.name}
            )

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        seat = the_seat(self.seat_id)
        seat.closed_on = None
        seat.save(update_fields=["closed_on"])
        return seat.pk


def close_seat(seat: Seat, closes: date) -> None:
    """Close it, and let nobody's time on it reach the day of closing."""
    last = closes - ONE_DAY
    for record in (seat.tenures, seat.delegations):
        record.filter(starts__gte=closes).delete()
    seat.tenures.filter(Q(ends__isnull=True) | Q(ends__gt=last)).update(ends=last)
    seat.delegations.filter(ends__gt=last).update(ends=last)
    seat.closed_on = closes
    seat.save(update_fields=["closed_on"])
