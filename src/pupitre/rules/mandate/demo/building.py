"""Builds the company, then lives its year: every line of it goes through an act."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from pupitre.core.accounts.models import User
from pupitre.core.bilingual import Bilingual
from pupitre.core.clock import day_of
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MEMBER_ADMIT, SETUP
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    Outcome,
    Performed,
    Subject,
    Waiting,
)
from pupitre.rules.mandate.demo.company import COMPANY, MAIL, Chair
from pupitre.rules.mandate.matrix.actions import EnterIntoForce
from pupitre.rules.mandate.matrix.starting import StartFromPoint
from pupitre.rules.mandate.models import Member, Seat
from pupitre.rules.mandate.organisation.actions import (
    Appoint,
    ChangeSeat,
    CreateFunction,
    CreateSeat,
    SeatDetails,
)
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.starting_points import map_roles

FOUNDED_DAYS_AGO = 330


@dataclass(frozen=True)
class Settle(Action):
    """Make somebody a member whose account is open already: nobody is written to."""

    activity: ClassVar[Activity] = MEMBER_ADMIT
    name: str
    email: str

    def subject(self) -> Subject:
        return Subject(f"invitation:{self.email}", Bilingual(self.name, self.name))

    def title(self) -> Bilingual:
        return Bilingual(f"Accueillir {self.name}", f"Welcome {self.name}")

    def perform(self, *, by: AnyActor, at: datetime) -> int:  # noqa: ARG002
        user = User.objects.create_user(email=self.email)
        user.last_login = at  # open already: no invitation waits, and no password is asked
        user.save(update_fields=["last_login"])
        return Member.objects.create(user=user, name=self.name).pk


@dataclass
class Stage:
    """The company while it is being built: who sits where, and what day it is."""

    now: datetime
    seats: dict[str, int]
    members: dict[str, int]  # by name

    def back(self, days: float, hours: float = 0) -> datetime:
        return self.now - timedelta(days=days, hours=hours)

    def actor(self, seat: str) -> Actor:
        """Whoever holds the seat in the list of the company."""
        return Actor(self.members[_holder(seat)], self.seats[seat])

    def do(self, action: Action, seat: str, *, days: float) -> Outcome:
        return act(action, by=self.actor(seat), at=self.back(days))

    def ask(self, action: Action, seat: str, *, days: float) -> int:
        """Ask for something that others decide. Returns the number of the decision."""
        outcome = self.do(action, seat, days=days)
        if not isinstance(outcome, Waiting):
            raise TypeError(f"{action.title().en} was expected to wait")
        return outcome.decision_id


def found(stage: Stage) -> None:
    """Functions, seats, people, and a first matrix, by the software's own hand."""
    founded = stage.back(FOUNDED_DAYS_AGO)
    for department in COMPANY:
        function = _result(
            CreateFunction(department.key, department.fr, department.en, department.kind), founded
        )
        for chair in department.chairs:
            stage.seats[chair.key] = _result(
                CreateSeat(chair.key, _details(chair, function, heads=chair.key)), founded
            )
    _draw_lines(founded)
    for chair in _chairs():
        if chair.holder:
            member = _result(Settle(chair.holder, _address(chair.holder)), founded)
            stage.members[chair.holder] = member
            _result(
                Appoint(member_id=member, seat_id=stage.seats[chair.key], starts=day_of(founded)),
                founded,
            )
    law = current_law()
    roles = map_roles(law, day_of(founded))
    number = _result(
        StartFromPoint("it-led", tuple((r.value, s) for r, s in roles.items() if s is not None)),
        founded,
    )
    _result(EnterIntoForce(number), founded)


def _details(chair: Chair, function_id: int, *, heads: str) -> SeatDetails:
    leads = any(department.chairs[0].key == heads for department in COMPANY)
    return SeatDetails(chair.fr, chair.en, function_id, heads=leads, places=chair.places)


def _draw_lines(at: datetime) -> None:
    ids: Mapping[str, int] = dict(Seat.objects.values_list("key", "pk"))
    for chair in _chairs():
        if not chair.superior:
            continue
        seat = Seat.objects.get(key=chair.key)
        details = SeatDetails(
            chair.fr,
            chair.en,
            seat.function_id,
            heads=seat.heads,
            places=chair.places,
            superior_id=ids[chair.superior],
            dotted_ids=(ids[chair.dotted],) if chair.dotted else (),
        )
        _result(ChangeSeat(seat.pk, details), at)


def _result(action: Action, at: datetime) -> int:
    outcome = act(action, by=SETUP, at=at)
    if not isinstance(outcome, Performed):
        raise TypeError(f"{action.title().en} was expected to be done")
    return outcome.result if isinstance(outcome.result, int) else 0


def _chairs() -> Iterator[Chair]:
    for department in COMPANY:
        yield from department.chairs


def _holder(seat: str) -> str:
    return next(chair.holder for chair in _chairs() if chair.key == seat)


def _address(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return f"{plain.lower().replace(' ', '.')}@{MAIL}"
