"""What the matrix lets the reader do here: for buttons, and for the line above a form."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from pupitre.rules.mandate.contracts import Activity, Reason, Refused, SeatView
from pupitre.rules.mandate.ruling import Verdict, rule
from pupitre.rules.mandate.web import NoSeat, Presence, presence_of


@dataclass(frozen=True, slots=True)
class Offer:
    """``asked`` are the seats whose voice is needed first, or those that decide it instead."""

    activity: Activity
    verdict: Verdict | Reason
    asked: tuple[SeatView, ...]

    @property
    def may(self) -> bool:
        return isinstance(self.verdict, Verdict)

    @property
    def at_once(self) -> bool:
        return self.verdict is Verdict.PERFORM

    @property
    def asks(self) -> bool:
        return self.verdict is Verdict.DECIDE


def present(request: HttpRequest) -> Presence:
    """Whoever is here, with or without a seat. Raises ``NoSeat`` for those who are no members."""
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    return presence


def offer(request: HttpRequest, activity: Activity) -> Offer:
    presence = present(request)
    law, day, actor = presence.law, presence.day, presence.actor
    verdict = rule(law, activity=activity, scope="", actor=actor, day=day)
    row = law.row(activity.key) or {}
    mine = row.get(actor.seat_id or 0, "")
    wanted = "C" if verdict is Verdict.DECIDE and "A" in mine else "A"
    asked = [s for s, letters in row.items() if wanted in letters and s != actor.seat_id]
    return Offer(activity, verdict, tuple(law.seat_view(seat, day) for seat in asked))


def open_to(request: HttpRequest, activity: Activity) -> Offer:
    """The offer behind a form. Raises ``Refused`` where filling it in would be in vain."""
    presence = present(request)
    made = offer(request, activity)
    if isinstance(made.verdict, Reason):
        seat = presence.speaking.seat if presence.speaking else None
        row = presence.law.row_view(activity.key, "", presence.day)
        raise Refused(made.verdict, activity=activity, row=row, seat=seat)
    return made
