"""Requests as pages read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from pupitre.core import clock as wall
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.models.rights import OPEN_STATES
from pupitre.flow.identify.rights.clock import SOON_DAYS, Urgency, urgency
from pupitre.flow.identify.rights.words import ASKED, RIGHTS, STATES, WAYS, Words

MOST = 200


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    right: Words
    asked: Words
    state: str
    state_words: Words
    way: Words
    received_on: date
    due_on: date
    done_at: datetime | None
    urgency: Urgency
    tied: bool

    @property
    def late(self) -> bool:
        return self.urgency is Urgency.LATE

    @property
    def soon(self) -> bool:
        return self.urgency is Urgency.SOON


@dataclass(frozen=True, slots=True)
class Tally:
    open: int
    late: int
    soon: int


def tally(*, at: datetime) -> Tally:
    today = wall.day_of(at)
    soon = today + timedelta(days=SOON_DAYS)
    found = RightsRequest.objects.filter(state__in=OPEN_STATES).aggregate(
        open=Count("pk"),
        late=Count("pk", filter=Q(due_on__lt=today)),
        soon=Count("pk", filter=Q(due_on__gte=today, due_on__lte=soon)),
    )
    return Tally(**found)


def open_lines(*, at: datetime) -> tuple[Line, ...]:
    """Most urgent first."""
    rows = RightsRequest.objects.filter(state__in=OPEN_STATES).order_by("due_on", "pk")
    return tuple(line_of(row, at=at) for row in rows[:MOST])


def closed_lines(*, at: datetime) -> tuple[Line, ...]:
    """Newest first."""
    rows = RightsRequest.objects.exclude(state__in=OPEN_STATES).order_by("-done_at", "-pk")
    return tuple(line_of(row, at=at) for row in rows[:MOST])


def line_of(row: RightsRequest, *, at: datetime) -> Line:
    over = row.state not in OPEN_STATES
    today = wall.day_of(at)
    return Line(
        number=row.pk,
        right=RIGHTS[row.right],
        asked=ASKED[row.right],
        state=row.state,
        state_words=STATES[row.state],
        way=WAYS[row.way],
        received_on=row.received_on,
        due_on=row.due_on,
        done_at=row.done_at,
        urgency=Urgency.IN_TIME if over else urgency(row.due_on, today=today),
        tied=row.identifier_id is not None,
    )
