"""What happens when somebody acts: performed, a decision, or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit, deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import (
    ACTIVITY_DEFINE,
    MATRIX_AMEND,
    MEMBER_ADMIT,
    ORGANISATION_CHANGE,
    SETUP,
    WORKER,
)
from pupitre.rules.mandate.contracts import (
    Activity,
    Actor,
    AnyActor,
    Performed,
    Reason,
    Refused,
    Subject,
    Waiting,
)
from pupitre.rules.mandate.desk import read_desk
from pupitre.rules.mandate.models import (
    AuditLine,
    Decision,
    Function,
    Member,
    Notice,
    Scope,
    Seat,
)
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters, vacate
from pupitre.rules.mandate.web import presence_at

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Rename(Action):
    """A change that is easy to see: another French name for a function."""

    activity: ClassVar[Activity] = ORGANISATION_CHANGE
    name: str
    function: str = "it"

    def subject(self) -> Subject:
        return Subject(f"function:{self.function}", Bilingual("DSI", "IT"))

    def title(self) -> Bilingual:
        return Bilingual(f"Renommer en {self.name}", f"Rename to {self.name}")

    def check(self, *, at: datetime) -> None:
        if not self.name:
            raise Invalid("A name, please.", field="name")

    def material(self) -> object:
        return Function.objects.values_list("name_en", flat=True).get(key=self.function)

    def perform(self, *, by: AnyActor, at: datetime) -> str:
        Function.objects.filter(key=self.function).update(name_fr=self.name)
        return self.name


@dataclass(frozen=True)
class JointRename(Rename):
    activity: ClassVar[Activity] = MATRIX_AMEND


@dataclass(frozen=True)
class ConsultedRename(Rename):
    activity: ClassVar[Activity] = ACTIVITY_DEFINE


@dataclass(frozen=True)
class OwnTranslation(Rename):
    """What the CIO may do alone, on the same subject."""

    activity: ClassVar[Activity] = MEMBER_ADMIT

    def perform(self, *, by: AnyActor, at: datetime) -> str:
        Function.objects.filter(key=self.function).update(name_en=self.name)
        return self.name


@pytest.fixture
def company() -> Company:
    return a_company()


def name_now() -> str:
    return Function.objects.get(key="it").name_fr


def test_the_accountable_seat_performs_at_once(company: Company) -> None:
    outcome = act(Rename("Numérique"), by=company.actor("cdo"), at=NOON)
    assert isinstance(outcome, Performed)
    assert name_now() == "Numérique"
    line = AuditLine.objects.get(seq=outcome.line)
    assert (line.verb, line.actor, line.activity) == ("performed", "CDO", "organisation.change")


def test_what_waits_is_not_asked_twice(company: Company) -> None:
    """Whoever asks for the very same thing is told who asked; another name is another thing."""
    set_letters(company, "organisation.change", "cdo", "R")
    asked = act(Rename("Systèmes"), by=company.actor("cio"), at=NOON)
    assert isinstance(asked, Waiting)
    lines = AuditLine.objects.count()
    for seat in ("cio", "cdo"):
        with pytest.raises(Invalid, match=r"^CIO "):
            act(Rename("Systèmes"), by=company.actor(seat), at=NOON)
    assert (Decision.objects.count(), AuditLine.objects.count()) == (1, lines)
    assert isinstance(act(Rename("Technologies"), by=company.actor("cdo"), at=NOON), Waiting)
    deciding.withdraw(decision_id=asked.decision_id, by=company.actor("cio"), at=NOON)
    assert isinstance(act(Rename("Systèmes"), by=company.actor("cdo"), at=NOON), Waiting)


def test_those_informed_are_told_afterwards(company: Company) -> None:
    act(Rename("Numérique"), by=company.actor("cdo"), at=NOON)
    notice = Notice.objects.get()
    assert (notice.seat_id, notice.text_fr) == (company.seats["crm"], "Renommer en Numérique")


def test_a_responsible_seat_asks_and_the_accountable_one_decides(company: Company) -> None:
    outcome = act(Rename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(outcome, Waiting)
    assert name_now() != "Numérique"
    decision = deciding.approve(
        decision_id=outcome.decision_id, by=company.actor("cdo"), at=NOON + timedelta(hours=1)
    )
    assert decision.state == Decision.State.PERFORMED
    assert name_now() == "Numérique"
    told = Notice.objects.get(kind=Notice.Kind.ANSWERED)
    assert told.member_id == company.members["cio"]


def test_a_refusal_names_the_row_and_whom_to_ask(company: Company) -> None:
    with pytest.raises(Refused) as refused:
        act(Rename("Numérique"), by=company.actor("dpo"), at=NOON)
    assert refused.value.reason is Reason.NO_LETTER
    row = refused.value.row
    assert row is not None
    assert [seat.id for seat in row.seats("A")] == [company.seats["cdo"]]
    assert {seat.id for seat in row.seats("R")} == {company.seats["cmo"], company.seats["cio"]}
    assert AuditLine.objects.get().verb == "was refused"
    assert name_now() != "Numérique"


def test_a_refusal_of_a_decision_needs_a_reason_and_settles_it(company: Company) -> None:
    waiting = act(Rename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(waiting, Waiting)
    with pytest.raises(Invalid):
        deciding.refuse(
            decision_id=waiting.decision_id, comment=" ", by=company.actor("cdo"), at=NOON
        )
    refused = deciding.refuse(
        decision_id=waiting.decision_id, comment="Non.", by=company.actor("cdo"), at=NOON
    )
    assert refused.state == Decision.State.REFUSED
    with pytest.raises(Refused) as late:
        deciding.approve(decision_id=waiting.decision_id, by=company.actor("cdo"), at=NOON)
    assert late.value.reason is Reason.SETTLED


def test_nobody_approves_their_own_request_from_another_seat(company: Company) -> None:
    with guard.permitted():
        seat = Seat.objects.get(key="cdo")
        seat.tenures.create(member_id=company.members["cio"], starts=NOON.date())
        from pupitre.rules.mandate.testing import bump

        bump()
    waiting = act(Rename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(waiting, Waiting)
    with pytest.raises(Refused) as refused:
        deciding.approve(
            decision_id=waiting.decision_id, by=company.actor("cdo", member="cio"), at=NOON
        )
    assert refused.value.reason is Reason.OWN_REQUEST


def test_a_joint_activity_is_never_decided_by_one_department(company: Company) -> None:
    waiting = act(JointRename("Numérique"), by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    set_letters(company, "matrix.amend", "brand", "R")
    half = deciding.approve(decision_id=waiting.decision_id, by=company.actor("brand"), at=NOON)
    assert half.state == Decision.State.OPEN  # a second pair of eyes, and still marketing alone
    assert name_now() != "Numérique"
    decision = deciding.approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert decision.state == Decision.State.PERFORMED


def test_consultation_comes_first_and_its_deadline_frees_the_decision(company: Company) -> None:
    waiting = act(ConsultedRename("Numérique"), by=company.actor("cdo"), at=NOON)
    assert isinstance(waiting, Waiting)
    with pytest.raises(Refused) as early:
        deciding.carry_out(decision_id=waiting.decision_id, by=company.actor("cdo"), at=NOON)
    assert early.value.reason is Reason.CONSULTATION_OPEN
    later = NOON + timedelta(days=ACTIVITY_DEFINE.opinion_days)
    decision = deciding.carry_out(
        decision_id=waiting.decision_id, by=company.actor("cdo"), at=later
    )
    assert decision.state == Decision.State.PERFORMED


def test_an_answer_from_everybody_consulted_frees_it_too(company: Company) -> None:
    waiting = act(ConsultedRename("Numérique"), by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    deciding.opine(
        decision_id=waiting.decision_id, verdict="against", by=company.actor("dpo"), at=NOON
    )
    decision = deciding.approve(decision_id=waiting.decision_id, by=company.actor("cdo"), at=NOON)
    assert decision.state == Decision.State.PERFORMED


def test_a_vacant_consulted_seat_holds_nothing_back(company: Company) -> None:
    vacate(company, "dpo")
    outcome = act(ConsultedRename("Numérique"), by=company.actor("cdo"), at=NOON)
    assert isinstance(outcome, Performed)


def test_a_material_change_voids_what_was_said(company: Company) -> None:
    waiting = act(JointRename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(waiting, Waiting)
    with guard.permitted():
        Function.objects.filter(key="it").update(name_en="Technology")
    with pytest.raises(Invalid):
        deciding.approve(decision_id=waiting.decision_id, by=company.actor("cmo"), at=NOON)
    decision = Decision.objects.get(pk=waiting.decision_id)
    assert (decision.round, decision.state) == (2, Decision.State.OPEN)
    again = deciding.approve(decision_id=decision.pk, by=company.actor("cmo"), at=NOON)
    assert again.state == Decision.State.OPEN  # whoever asked has not seen what it has become
    settled = deciding.confirm(decision_id=decision.pk, by=company.actor("cio"), at=NOON)
    assert settled.state == Decision.State.PERFORMED


def test_a_request_that_another_changed_is_not_its_author_s_yes(company: Company) -> None:
    """Marketing asks, IT rewrites it and approves: marketing has not been heard."""
    waiting = act(JointRename("Numérique"), by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    with guard.permitted():
        Function.objects.filter(key="it").update(name_en="Technology")
    with pytest.raises(Invalid):
        deciding.approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    half = deciding.approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert half.state == Decision.State.OPEN
    with pytest.raises(Refused) as refused:
        deciding.confirm(decision_id=half.pk, by=company.actor("cio"), at=NOON)
    assert refused.value.reason is Reason.NOT_YOURS
    desk = read_desk(presence_at(member=Member.objects.get(pk=company.members["cmo"]), at=NOON))
    assert [(item.main_verb, item.decision.pk) for item in desk.decide] == [("confirm", half.pk)]
    done = deciding.confirm(decision_id=half.pk, by=company.actor("cmo"), at=NOON)
    assert done.state == Decision.State.PERFORMED


def test_one_s_own_change_leaves_the_request_standing(company: Company) -> None:
    waiting = act(JointRename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(waiting, Waiting)
    act(OwnTranslation("Technology"), by=company.actor("cio"), at=NOON)
    decision = Decision.objects.get(pk=waiting.decision_id)
    assert (decision.round, decision.asked_round) == (2, 2)
    done = deciding.approve(decision_id=decision.pk, by=company.actor("cmo"), at=NOON)
    assert done.state == Decision.State.PERFORMED


def test_another_act_on_the_subject_reopens_its_decisions(company: Company) -> None:
    waiting = act(JointRename("Numérique"), by=company.actor("cio"), at=NOON)
    assert isinstance(waiting, Waiting)
    act(OwnTranslation("Technology"), by=company.actor("cio"), at=NOON)
    assert Decision.objects.get(pk=waiting.decision_id).round == 2


def test_a_changed_letter_rules_the_very_next_act(company: Company) -> None:
    set_letters(company, "organisation.change", "cdo", "I")
    set_letters(company, "organisation.change", "dpo", "A")
    with pytest.raises(Refused):
        act(Rename("Numérique"), by=company.actor("cdo"), at=NOON)
    assert isinstance(act(Rename("Numérique"), by=company.actor("dpo"), at=NOON), Performed)


def test_system_actors_do_only_what_they_are_named_for(company: Company) -> None:
    assert isinstance(act(Rename("Numérique"), by=SETUP, at=NOON), Performed)
    with pytest.raises(Refused) as refused:
        act(Rename("Autre"), by=WORKER, at=NOON)
    assert refused.value.reason is Reason.SYSTEM_NOT_ALLOWED


@pytest.mark.parametrize("nobody", [None, "admin", 3])
def test_an_act_without_an_actor_is_a_programming_error(company: Company, nobody: object) -> None:
    with pytest.raises(TypeError):
        act(Rename("Numérique"), by=nobody, at=NOON)  # type: ignore[arg-type]


def test_a_member_who_does_not_hold_the_seat_is_refused(company: Company) -> None:
    with pytest.raises(Refused) as refused:
        act(Rename("Numérique"), by=company.actor("cdo", member="dpo"), at=NOON)
    assert refused.value.reason is Reason.NOT_IN_SEAT


def test_what_makes_no_sense_leaves_nothing_behind(company: Company) -> None:
    with pytest.raises(Invalid):
        act(Rename(""), by=company.actor("cdo"), at=NOON)
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda: Scope.objects.create(key="x", name_fr="x"),
        lambda: Function.objects.filter(key="it").update(name_fr="x"),
        lambda: Notice.objects.all().delete() or Seat.objects.all()._raw_delete("default"),
        lambda: Seat.objects.bulk_update([Seat.objects.get(key="cio")], ["name_fr"]),
    ],
)
def test_nothing_is_written_outside_an_act(company: Company, write: Callable[[], object]) -> None:
    with pytest.raises(guard.WroteAroundTheMatrix):
        write()


def test_every_act_is_in_the_chain(company: Company) -> None:
    for number in range(3):
        act(Rename(f"Nom {number}"), by=company.actor("cdo"), at=NOON)
    assert AuditLine.objects.count() == 3
    assert Actor(1) == Actor(1, None)
    assert audit.verify().lines == 3
