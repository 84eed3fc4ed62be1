"""Puts an oracle's world into the database, as a year of acts would have left it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction

from pupitre.rules.mandate import guard, standing
from pupitre.rules.mandate.actions import encode, material_digest
from pupitre.rules.mandate.contracts import Actor
from pupitre.rules.mandate.models import (
    Cell,
    Decision,
    Delegation,
    Function,
    Ledger,
    MatrixVersion,
    Member,
    Seat,
    Tenure,
    Voice,
)
from pupitre.rules.mandate.testing import bump
from pupitre.rules.mandate.tests.oracle.trials import TRIALS
from pupitre.rules.mandate.tests.oracle.world import Case, Said, World

OPEN = MatrixVersion.State.IN_FORCE


@dataclass(frozen=True)
class Stage:
    """Seats and members by the words of the oracle; a version 1 that every world fills anew."""

    seats: Mapping[str, int]
    members: Mapping[str, int]
    version: MatrixVersion

    def actor(self, member: str, chair: str | None) -> Actor:
        return Actor(self.members[member], self.seats[chair] if chair else None)

    def play(self, world: World) -> None:
        """Replace who sits where and which letters rule, as acts would: the epoch moves."""
        with guard.permitted():
            Tenure.objects.all().delete()
            Delegation.objects.all().delete()
            Cell.objects.all().delete()
            self._seat_people(world)
            Cell.objects.bulk_create(
                Cell(
                    version=self.version,
                    scope=scope,
                    activity=activity,
                    seat_id=self.seats[chair],
                    letters=letters,
                )
                for scope, rows in (world.matrix or {}).items()
                for activity, row in rows.items()
                for chair, letters in row.items()
            )
            MatrixVersion.objects.update(state="superseded" if world.matrix is None else OPEN)
            bump()

    def _seat_people(self, world: World) -> None:
        Tenure.objects.bulk_create(
            Tenure(
                seat_id=self.seats[name],
                member_id=self.members[stay.member],
                starts=stay.first,
                ends=stay.last,
            )
            for name, chair in world.chairs.items()
            for stay in chair.holders
        )
        Delegation.objects.bulk_create(
            Delegation(
                seat_id=self.seats[name],
                deputy_id=self.members[stay.member],
                starts=stay.first,
                ends=stay.last,
            )
            for name, chair in world.chairs.items()
            for stay in chair.deputies
        )
        for name, chair in world.chairs.items():
            Seat.objects.filter(pk=self.seats[name]).update(closed_on=chair.closed_on)
        suspended = [self.members[member] for member in world.suspended]
        Member.objects.exclude(pk__in=suspended).update(suspended=False)
        Member.objects.filter(pk__in=suspended).update(suspended=True)

    def put(self, case: Case, *, opinion_days: int) -> Decision:
        """The decision with what was said of it, whatever the law was when it was said."""
        action = TRIALS[case.activity](initiative=case.scope)
        over = case.asked + timedelta(days=opinion_days)
        with guard.permitted():
            decision = Decision.objects.create(
                action=action.key,
                activity=case.activity,
                scope=case.scope,
                payload=encode(action),
                subject=action.subject().key,
                title_fr=action.title().fr,
                title_en=action.title().en,
                material=material_digest(action),
                member_id=self.members[case.member],
                seat_id=self.seats[case.chair],
                requested_at=case.asked,
                opinions_due=over,
                due=over + timedelta(days=4),
                asked_round=1 if case.stands else 0,
                state=Decision.State.REFUSED if case.settled else Decision.State.OPEN,
                settled_at=case.asked if case.settled else None,
            )
            Voice.objects.bulk_create(
                [self._voice(case, decision, said, "agreement") for said in case.agreements]
                + [self._voice(case, decision, said, "opinion") for said in case.opinions]
            )
        return decision

    def _voice(self, case: Case, decision: Decision, said: Said, kind: str) -> Voice:
        return Voice(
            decision=decision,
            round=1,
            kind=kind,
            verdict="for" if said.favourable else "against",
            member_id=self.members[said.member],
            seat_id=self.seats[said.chair],
            at=case.asked,
        )


def build(world: World, members: tuple[str, ...]) -> Stage:
    """Functions, seats, members with accounts: what no state changes."""
    with guard.permitted():
        Ledger.objects.get_or_create(pk=1)
        functions = {
            kind: Function.objects.create(key=kind, kind=kind, name_fr=kind)
            for kind in dict.fromkeys(chair.department for chair in world.chairs.values())
        }
        seats = {
            name: Seat.objects.create(
                key=name, function=functions[chair.department], name_fr=f"Siège {name}"
            ).pk
            for name, chair in world.chairs.items()
        }
        people = {}
        for member in members:
            user = get_user_model().objects.create_user(  # type: ignore[attr-defined]
                email=f"{member}@ardoise.example"
            )
            people[member] = Member.objects.create(user=user, name=member.title()).pk
        version = MatrixVersion.objects.create(
            number=1, state=OPEN, started_at=world.now, entered_at=world.now
        )
    stage = Stage(seats, people, version)
    stage.play(world)
    standing.forget_law()
    return stage


@contextmanager
def rolled_back() -> Iterator[None]:
    """What happens inside did not happen: the law in memory goes back with the database.

    A law that was out of date is not put back: the question that ran inside has met it.
    """
    before = standing._kept.get("law")
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        standing.forget_law()
        if before is not None and before.epoch == standing.current_epoch():
            standing._kept["law"] = before
        else:
            standing.current_law()


@contextmanager
def just_changed(stage: Stage, before: World, after: World) -> Iterator[None]:
    """The law of ``before`` is kept in memory when ``after`` replaces it, as in a busy process."""
    with rolled_back():
        stage.play(before)
        standing.current_law()
        stage.play(after)
        yield
