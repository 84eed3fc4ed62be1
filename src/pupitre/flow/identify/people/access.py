"""Who reads a customer's page: by which letter, with or without a reason, and for how long.

Any letter on ``person.read`` reads; C and I say why first. Every opening is an act, and so a line
of the audit; it holds for half an hour in the session that asked, in the seat that asked, while
that seat keeps its letter. So a page may be read to its end without a line for each scroll.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pupitre.core.bilingual import Bilingual, bilingual
from pupitre.core.errors import Invalid
from pupitre.flow.identify.models import Identifier
from pupitre.flow.identify.people.activities import PERSON_READ
from pupitre.flow.identify.people.masking import Sees, sees
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    Reason,
    Refused,
    Subject,
)
from pupitre.rules.mandate.queries import letters_of, present
from pupitre.rules.mandate.web import NoSeat

OPEN_FOR = timedelta(minutes=30)
MOST_OPEN = 40  # people at once, in one session
REASON_CHARACTERS = 300
_OPENED = "identify.opened"  # in the session: person → [seat, until when]


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: from which seat, what they see, and whether they say why."""

    seat: int
    sees: Sees
    says_why: bool


@dataclass(frozen=True)
class OpenPerson(Action):
    """Open a customer's page. Nothing changes but the audit, which says who read it, and why."""

    activity: ClassVar[Activity] = PERSON_READ
    reads: ClassVar[bool] = True
    person: int
    reason: str = ""

    def subject(self) -> Subject:
        title = bilingual(lambda: _("Customer %(number)s") % {"number": self.person})
        return Subject(
            f"person:{self.person}", title, reverse("identify:person", args=[self.person])
        )

    def title(self) -> Bilingual:
        return bilingual(
            lambda: _("Open the page of customer %(number)s") % {"number": self.person}
        )

    def check(self, *, at: datetime) -> None:  # noqa: ARG002
        if not Identifier.objects.filter(person=self.person).exists():
            raise Invalid(_("There is no such customer any more."))
        if len(self.reason) > REASON_CHARACTERS:
            raise Invalid(
                _("At most %(count)s characters.") % {"count": REASON_CHARACTERS}, field="reason"
            )

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        seat = by.seat_id if isinstance(by, Actor) else None
        if says_why(seat) and not self.reason.strip():
            raise Invalid(_("Say why you open this page."), field="reason")
        return self.person

    def detail(self) -> dict[str, Any]:
        return {"person": self.person, **({"reason": self.reason} if self.reason else {})}


def says_why(seat_id: int | None) -> bool:
    """Whoever neither decides nor does."""
    return letters_of(activity=PERSON_READ.key, seat_id=seat_id) not in ("A", "R", "AR")


def reader_of(request: HttpRequest) -> Reader:
    """Raises ``Refused``, naming the row, where the seat has no letter; nothing is read before."""
    presence = present(request)
    if presence.speaking is None:
        raise NoSeat
    seat = presence.speaking.seat
    if not letters_of(activity=PERSON_READ.key, seat_id=seat.id):
        row = presence.law.row_view(PERSON_READ.key, "", presence.day)
        none = Reason.NO_MATRIX if presence.law.matrix_number is None else Reason.NO_ROW
        why = none if row is None else Reason.NO_LETTER
        raise Refused(why, activity=PERSON_READ, row=row, seat=seat)
    return Reader(seat.id, sees(seat.id), says_why(seat.id))


def keep_open(request: HttpRequest, *, person: int, seat: int, at: datetime) -> None:
    """After the act. The oldest leave where somebody opens very many."""
    opened = {key: entry for key, entry in _opened(request).items() if _until(entry) > at}
    opened.pop(str(person), None)
    opened[str(person)] = [seat, (at + OPEN_FOR).isoformat()]
    request.session[_OPENED] = dict(list(opened.items())[-MOST_OPEN:])


def is_open(request: HttpRequest, *, person: int, seat: int, at: datetime) -> bool:
    entry = _opened(request).get(str(person))
    return entry is not None and entry[0] == seat and _until(entry) > at


def _opened(request: HttpRequest) -> dict[str, list[Any]]:
    return dict(request.session.get(_OPENED, {}))


def _until(entry: list[Any]) -> datetime:
    return datetime.fromisoformat(entry[1])
