"""From a request to an act: who is here, in which seat, and what a page may do.

Every view of every room is declared by one of two decorators. ``reading_view`` refuses to
be posted to; ``acting_view`` names the actions that it may perform. A test walks the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseForm
from pupitre.rules.mandate.acting import act, ruling_of
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import (
    Actor,
    Outcome,
    OwnAffair,
    Performed,
    Reason,
    SeatView,
    Waiting,
)
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import Decision, Member
from pupitre.rules.mandate.progress import standing_of
from pupitre.rules.mandate.ruling import Need, Verdict
from pupitre.rules.mandate.standing import current_law

View = TypeVar("View", bound=Callable[..., HttpResponse])
_SEAT_IN_SESSION = "mandate.seat"


class NoSeat(Exception):
    """Signed in, and nobody has given this person a seat yet."""


@dataclass(frozen=True, slots=True)
class Chair:
    """A seat that the person may speak from today."""

    seat: SeatView
    as_deputy: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is here, which seats are theirs today, and from which one they speak."""

    member_id: int
    member: str
    chairs: tuple[Chair, ...]
    speaking: Chair | None
    law: Law
    at: datetime

    @property
    def day(self) -> date:
        return clock.day_of(self.at)

    @property
    def actor(self) -> Actor:
        return Actor(self.member_id, self.speaking.seat.id if self.speaking else None)


def presence_of(request: HttpRequest) -> Presence | None:
    """None for visitors, and for accounts that belong to no member. Read once a request."""
    if not hasattr(request, "_presence"):
        request._presence = _presence(request)  # type: ignore[attr-defined]
    return request._presence  # type: ignore[attr-defined,no-any-return]


def actor_of(request: HttpRequest) -> Actor:
    """The member in the seat that they speak from. Raises ``NoSeat``."""
    presence = presence_of(request)
    if presence is None or presence.speaking is None:
        raise NoSeat
    return presence.actor


def member_of(request: HttpRequest) -> Actor:
    """The member, in their seat if they have one: enough for their own affairs."""
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    return presence.actor


def sit(request: HttpRequest, *, seat_id: int) -> bool:
    """Speak from another of one's seats from now on. False where it is not theirs."""
    presence = presence_of(request)
    if presence is None or seat_id not in {chair.seat.id for chair in presence.chairs}:
        return False
    request.session[_SEAT_IN_SESSION] = seat_id
    del request._presence  # type: ignore[attr-defined]
    return True


def acting_view(*actions: type[Action] | str) -> Callable[[View], View]:
    """Declare a view that may be posted to, and the actions that it may perform.

    Voices on a decision (``deciding``) are named by their verb, as text.
    """

    def declare(view: View) -> View:
        wrapped = require_http_methods(["GET", "HEAD", "POST"])(view)
        wrapped.actions = actions  # type: ignore[attr-defined]
        return wrapped

    return declare


def reading_view(view: View) -> View:
    """Declare a view that changes nothing: GET and HEAD alone."""
    wrapped = require_safe(view)
    wrapped.actions = ()  # type: ignore[attr-defined]
    return wrapped


def ask(request: HttpRequest, action: Action) -> Outcome:
    """Act in the name of whoever is signed in, and tell them what came of it.

    ``Refused`` goes through to the middleware, ``Invalid`` to the view's form.
    """
    own_affair = isinstance(action.activity, OwnAffair)
    by = member_of(request) if own_affair else actor_of(request)
    outcome = act(action, by=by, at=clock.now())
    forget_presence(request)
    if isinstance(outcome, Performed):
        messages.success(request, _("Done: %(title)s") % {"title": action.title()})
    else:
        messages.info(request, waiting_sentence(outcome, at=clock.now()))
    return outcome


def asked(
    request: HttpRequest, form: HouseForm, build: Callable[[Mapping[str, Any]], Action]
) -> Outcome | None:
    """Ask for what a valid form says. None where the form has to be shown (again)."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return ask(request, build(form.cleaned_data))
    except Invalid as error:
        form.refuse(error)
        return None


def forget_presence(request: HttpRequest) -> None:
    """What was done may have changed who sits where: the rest of the request reads it again."""
    if hasattr(request, "_presence"):
        del request._presence


def waiting_sentence(outcome: Waiting, *, at: datetime) -> str:
    """Say whose voice is missing: "Asked: … It waits for the CIO." """
    decision = Decision.objects.get(pk=outcome.decision_id)
    names = ", ".join(str(seat.name) for seat in awaited_seats(decision, at=at))
    if not names:
        return _("Asked: %(title)s. Nobody can answer today: the seats are vacant.") % {
            "title": decision.title
        }
    return _("Asked: %(title)s. It waits for: %(seats)s.") % {
        "title": decision.title,
        "seats": names,
    }


def awaited_seats(decision: Decision, *, at: datetime) -> tuple[SeatView, ...]:
    """The occupied seats whose voice would bring the decision further, consulted ones first."""
    law = current_law()
    standing = standing_of(decision, law=law, at=at)
    if Need.OPINIONS in standing.needs:
        return tuple(law.seat_view(s, standing.day) for s in standing.awaited_opinions)
    return tuple(law.seat_view(s, standing.day) for s in standing.able_seats)


def foresee(request: HttpRequest, action: Action) -> Verdict | Reason:
    """What would happen if they asked now: so that a button can say "Ask" instead of "Do"."""
    presence = presence_of(request)
    if presence is None:
        return Reason.NOT_IN_SEAT
    return ruling_of(action, law=presence.law, by=presence.actor, day=presence.day)


def _presence(request: HttpRequest) -> Presence | None:
    user: Any = request.user
    if not user.is_authenticated:
        return None
    member = Member.objects.filter(user_id=user.pk, suspended=False).first()
    if member is None:
        return None
    wanted = request.session.get(_SEAT_IN_SESSION)
    return presence_at(member=member, at=clock.now(), seat_id=wanted)


def presence_at(*, member: Member, at: datetime, seat_id: int | None = None) -> Presence:
    """The member's seats at an instant, speaking from ``seat_id`` where it is theirs."""
    law, day = current_law(), clock.day_of(at)
    chairs = tuple(
        Chair(law.seat_view(seat, day), member.pk not in law.holders(seat, day))
        for seat in law.seats_of(member.pk, day)
    )
    speaking = next((c for c in chairs if c.seat.id == seat_id), chairs[0] if chairs else None)
    return Presence(member.pk, member.name, chairs, speaking, law, at)
