"""What the mandate tells other rooms: what a reader may do here, who sits where, what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Actor, SeatView
from pupitre.rules.mandate.models import Decision, Seat
from pupitre.rules.mandate.organisation.offers import Offer, offer, open_to, present
from pupitre.rules.mandate.readers import Readers
from pupitre.rules.mandate.reopening import readable_action
from pupitre.rules.mandate.standing import current_law

__all__ = [
    "Offer",
    "Readers",
    "Requested",
    "holder_of",
    "letters_of",
    "member_name",
    "offer",
    "open_requests",
    "open_seat",
    "open_seats",
    "open_to",
    "present",
]
_MOST_REQUESTS = 50


@dataclass(frozen=True, slots=True)
class Requested:
    """Something that was asked for and waits: what it would do, and who asked."""

    decision_id: int
    action: Action
    seat: SeatView
    member: str
    at: datetime
    url: str


def open_requests(
    *, day: date, subject: str | None = None, action: type[Action] | None = None
) -> tuple[Requested, ...]:
    """The open decisions on a subject, or to do one kind of thing, oldest first."""
    law = current_law()
    found = Decision.objects.filter(state=Decision.State.OPEN)
    if subject is not None:
        found = found.filter(subject=subject)
    if action is not None:
        found = found.filter(action=action.key)
    requests = []
    for decision in found.select_related("member").order_by("requested_at")[:_MOST_REQUESTS]:
        asked = readable_action(decision)
        if asked is not None:
            requests.append(
                Requested(
                    decision_id=decision.pk,
                    action=asked,
                    seat=law.seat_view(decision.seat_id, day),
                    member=decision.member.name,
                    at=decision.requested_at,
                    url=decision.page_url,
                )
            )
    return tuple(requests)


def open_seat(*, seat_id: int, day: date) -> SeatView | None:
    """A seat that exists and is not closed; None otherwise."""
    law = current_law()
    seat = law.seats.get(seat_id)
    if seat is None or (seat.closed_on is not None and seat.closed_on <= day):
        return None
    return law.seat_view(seat_id, day)


def open_seats(*, day: date) -> tuple[SeatView, ...]:
    """Every seat of the company that is not closed, in the order of the organisation."""
    ids = Seat.objects.values_list("pk", flat=True)
    found = (open_seat(seat_id=seat, day=day) for seat in ids)
    return tuple(seat for seat in found if seat is not None)


def holder_of(*, seat: str, day: date) -> Actor | None:
    """Whoever holds the seat of that key today, speaking from it; None where nobody does."""
    law = current_law()
    found = next((facts for facts in law.seats.values() if facts.key == seat), None)
    holders = law.holders(found.id, day) if found else ()
    return Actor(holders[0], found.id) if found and holders else None


def member_name(member_id: int) -> str:
    """What a member is called, for what keeps a name as it was."""
    facts = current_law().members.get(member_id)
    return facts.name if facts else f"member {member_id}"


def letters_of(*, activity: str, seat_id: int | None) -> str:
    """The letters that a seat has in a row of the matrix in force; "" where it has none."""
    return (current_law().row(activity) or {}).get(seat_id or 0, "")
