"""Whatever people do, in whatever order: what must hold holds after every act.

Random sequences of real services on the database, judged by ``witnesses``, which reads the stored
rows and shares no thinking with the kernel. Each sequence is rolled back.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection, transaction

from pupitre.core.clock import day_of
from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit, deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import Actor, Refused, Waiting
from pupitre.rules.mandate.matrix.actions import EditDraft, EnterIntoForce, StartDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.models import (
    AuditLine,
    Decision,
    Delegation,
    MatrixVersion,
    Tenure,
)
from pupitre.rules.mandate.organisation.admission import ReinstateMember, SuspendMember
from pupitre.rules.mandate.organisation.appointments import Appoint, EndTenure
from pupitre.rules.mandate.organisation.delegations import AppointDeputy, Delegate
from pupitre.rules.mandate.standing import current_law, forget_law, read_law
from pupitre.rules.mandate.testing import NOON, SEATS, Company, a_company
from pupitre.rules.mandate.tests import witnesses

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEEDS, STEPS = range(1, 11), 45
AMEND_ROW = {"cmo": "A", "cio": "R", "brand": "C", "ops": "R", "ceo": "I"}
# Nobody is consulted about people, so that they come and go within a sequence.
ROWS = {"matrix.amend": AMEND_ROW, "seat.appoint": {"ceo": "A", "cmo": "R", "cio": "R"}}
# Those who speak most are those whom the rows name; the others try too.
SPEAKERS = [*["cmo", "cio"] * 4, *["ops", "brand", "ceo"] * 2, "cdo", "dpo", "crm"]
LETTERS = ["", "R", "R", "C", "I", "A", "AR"]
HOURS = [1, 5, 24, 24, 72, 130]


class AtWork:
    """People of one company at work. A refusal is an answer; a witness's complaint is not."""

    def __init__(self, company: Company, seed: int) -> None:
        self.company, self.dice, self.at = company, random.Random(seed), NOON  # noqa: S311
        self.before = witnesses.look()

    def begin(self) -> None:
        """Something waits already."""
        self._try(StartDraft(copy_of=1), self.company.actor("cmo"))
        self._try(EnterIntoForce(2), self.company.actor("cio"))

    def step(self) -> None:
        """One thing that somebody tries, and what must hold afterwards."""
        deeds = [
            *[self.approve] * 8,
            *[self.answer_as_consulted] * 4,
            *[self.propose, self.carry_out] * 3,
            *[self.start_a_draft, self.deputise, self.wait] * 2,
            *[self.edit, self.opine, self.end_it, self.appoint, self.vacate, self.suspend],
        ]
        self.dice.choice(deeds)()
        assert witnesses.complaints(self.before) == []
        law = current_law()
        assert law == read_law(epoch=law.epoch)
        self.before = witnesses.look()

    # --- the matrix -------------------------------------------------------------------------------

    def start_a_draft(self) -> None:
        self._try(StartDraft(copy_of=self._in_force()), self._somebody(self._speaker()))

    def edit(self) -> None:
        activity = self.dice.choice(["matrix.amend", "audit.export"])
        cell = (self.company.seats[self._place()], self.dice.choice(LETTERS))
        if drafts := self._drafts():
            edit = EditDraft(self.dice.choice(drafts), (CellEdit("", activity, *cell),))
            self._try(edit, self._somebody(self._speaker()))

    def propose(self) -> None:
        if drafts := self._drafts():
            action = EnterIntoForce(self.dice.choice(drafts))
            self._try(action, self._somebody(self._speaker()))

    # --- decisions --------------------------------------------------------------------------------

    def approve(self) -> None:
        self._say(deciding.approve, self._speaker())

    def answer_as_consulted(self) -> None:
        self._say(deciding.opine, "brand", verdict=self.dice.choice(["for", "against"]))

    def opine(self) -> None:
        self._say(deciding.opine, self._speaker(), verdict=self.dice.choice(["for", "neutral"]))

    def carry_out(self) -> None:
        self._say(deciding.carry_out, self._speaker())

    def end_it(self) -> None:
        if self.dice.random() < 0.5:
            self._say(deciding.withdraw, self._speaker())
        else:
            self._say(deciding.refuse, self._speaker(), comment="Non.")

    # --- people and days --------------------------------------------------------------------------

    def deputise(self) -> None:
        """Across departments, as often as within."""
        place, deputy = self._place(), self._place()
        day = self._today()
        span = (day, day + timedelta(days=self.dice.randrange(10)))
        given = (self.company.seats[place], self.company.members[deputy], *span)
        if self.dice.random() < 0.5:
            self._try(Delegate(*given), self.company.actor(place))
        else:
            self._try(AppointDeputy(*given), self.company.actor("ceo"))

    def appoint(self) -> None:
        """Somebody takes a seat besides their own, or in the place of whoever leaves it."""
        seat, member = self.company.seats[self._place()], self.company.members[self._place()]
        held = Tenure.objects.filter(seat_id=seat, ends=None).first()
        tomorrow = self._today() + timedelta(days=1)
        succeeds = held.pk if held and self.dice.random() < 0.7 else None
        self._try(Appoint(member, seat, tomorrow, succeeds=succeeds), self.company.actor("ceo"))

    def vacate(self) -> None:
        held = Tenure.objects.filter(seat_id=self.company.seats[self._place()], ends=None).first()
        if held:
            self._try(EndTenure(held.pk, self._today()), self.company.actor("ceo"))

    def suspend(self) -> None:
        kind = self.dice.choice([ReinstateMember, SuspendMember])
        self._try(kind(self.company.members[self._place()]), self.company.actor("cio"))

    def wait(self) -> None:
        self.at += timedelta(hours=self.dice.choice(HOURS))

    # --- how they do it ---------------------------------------------------------------------------

    def _try(self, action: Action, by: Actor) -> None:
        try:
            act(action, by=by, at=self.at)
        except (Refused, Invalid):
            return

    def _say(self, say: Callable[..., object], speaker: str, **more: str) -> None:
        waiting = Decision.objects.filter(state="open").order_by("pk").values_list("pk", flat=True)
        if not waiting:
            return
        given = {"decision_id": self.dice.choice(list(waiting)), "by": self._somebody(speaker)}
        try:
            say(**given, at=self.at, **more)
        except (Refused, Invalid):
            return

    def _somebody(self, place: str) -> Actor:
        """One of the seat's holders or deputies, of whatever day; at times a stranger."""
        seat = self.company.seats[place]
        people = [
            *Tenure.objects.filter(seat_id=seat).values_list("member_id", flat=True),
            *Delegation.objects.filter(seat_id=seat).values_list("deputy_id", flat=True),
        ]
        if not people or self.dice.random() < 0.03:
            people = list(self.company.members.values())
        return Actor(self.dice.choice(people), seat)

    def _speaker(self) -> str:
        return self.dice.choice(SPEAKERS)

    def _place(self) -> str:
        return self.dice.choice(sorted(SEATS))

    def _today(self) -> date:
        return day_of(self.at)

    def _in_force(self) -> int:
        return MatrixVersion.objects.get(state="in_force").number

    def _drafts(self) -> list[int]:
        drafts = MatrixVersion.objects.filter(state="draft").order_by("-number")
        return list(drafts.values_list("number", flat=True))


def test_what_must_hold_holds_after_every_act() -> None:
    company = a_company(rows=ROWS)
    seen: Counter[tuple[str, str]] = Counter()
    for seed in SEEDS:
        forget_law()
        already = len(connection.run_on_commit)
        with transaction.atomic():
            work = AtWork(company, seed)
            work.start_a_draft()
            for _step in range(STEPS):
                work.step()
            seen.update(witnesses.count_settled())
            for _ids, write_witness, _robust in connection.run_on_commit[already:]:
                write_witness()
            assert audit.verify().whole
            audit._witness_path().unlink(missing_ok=True)
            transaction.set_rollback(True)
    # Not a walk past closed doors: matrices did enter into force, and others did not.
    assert seen["matrix.amend", "performed"] >= 2, seen
    assert sum(n for (_activity, state), n in seen.items() if state != "performed") >= 3, seen


def _lend_to_marketing(company: Company, decision: Decision) -> None:
    """The IT voice turns out to be the brand manager's, deputising across departments."""
    deciding_day = {"starts": NOON.date(), "ends": NOON.date()}
    brand, cio = company.members["brand"], company.seats["cio"]
    Delegation.objects.create(seat_id=cio, deputy_id=brand, **deciding_day)
    decision.voices.filter(kind="agreement").update(member_id=brand)


# what is done to the rows → what the witnesses must say
BREACHES: dict[str, tuple[Callable[[Company, Decision], object], str]] = {
    "settled twice": (
        lambda c, d: AuditLine.objects.create(
            seq=10_000, at=NOON, verb="refused", decision_id=d.pk
        ),
        "the audit says ['performed', 'refused']",
    ),
    "one department": (lambda c, d: d.voices.all().delete(), "it was not heard"),
    "one person": (lambda c, d: d.voices.all().delete(), "one pair of eyes"),
    "lent across": (_lend_to_marketing, "it was not heard"),
    "own approval": (
        lambda c, d: d.voices.update(member_id=d.member_id),
        "approved their own request",
    ),
    "no law": (
        lambda c, d: MatrixVersion.objects.update(state="superseded"),
        "0 matrices in force",
    ),
}


@pytest.mark.parametrize("breach", sorted(BREACHES))
def test_the_witnesses_complain_of_a_breach(breach: str) -> None:
    company = a_company()
    act(StartDraft(copy_of=1), by=company.actor("cmo"), at=NOON)
    waiting = act(EnterIntoForce(2), by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    before = witnesses.look()
    deciding.approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert witnesses.complaints(before) == []
    plant, expected = BREACHES[breach]
    with guard.permitted():
        plant(company, Decision.objects.get(pk=waiting.decision_id))
    lent = replace(before, deputies=witnesses.look().deputies)
    assert expected in " / ".join(witnesses.complaints(lent))
