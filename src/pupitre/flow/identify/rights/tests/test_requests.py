"""A request from its entry to its answer: who may do what, in which state, and once."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import connections

from pupitre.core.errors import Invalid
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import ErasureTarget, Identifier, Restraint, RightsRequest
from pupitre.flow.identify.rights import forgetting
from pupitre.flow.identify.rights.deciding import (
    AnswerRequest,
    EraseCustomer,
    LiftRestraint,
    WriteAnswer,
)
from pupitre.flow.identify.rights.desk import urgent_requests
from pupitre.flow.identify.rights.reading import objecting_among, objects, restricted
from pupitre.flow.identify.rights.requests import (
    CheckIdentity,
    EnterRequest,
    ExtendRequest,
    RefuseRequest,
    TieRequest,
    WithdrawRequest,
)
from pupitre.flow.identify.rights.tests.kit import (
    TODAY,
    a_house,
    checked,
    done,
    entered,
    erasure_decided,
)
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Refused, Waiting
from pupitre.rules.mandate.models import AuditLine, Decision, Member
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.web import presence_at

pytestmark = pytest.mark.django_db
WORDS = "je vous écris de la part de ma mère"


@pytest.fixture
def company() -> Company:
    return a_house()


@pytest.fixture
def alice() -> int:
    return somebody("alice@orange.fr")


def somebody(address: str) -> int:
    with guard.permitted():
        one = Identifier.objects.create(kind=Kind.EMAIL, value=address)
        one.person = one.component = one.pk
        one.save()
        return one.pk


def state(number: int) -> str:
    return RightsRequest.objects.get(pk=number).state


def test_a_request_is_due_a_month_after_it_came(company: Company, alice: int) -> None:
    number = entered(company, "access", alice, received_on=date(2026, 10, 31))
    row = RightsRequest.objects.get(pk=number)
    assert row.due_on == date(2026, 11, 30)
    assert [step.what for step in row.steps.all()] == ["entered"]
    assert row.steps.get().by == "CRM"


def test_what_they_said_is_in_no_act_and_no_decision(company: Company, alice: int) -> None:
    number = checked(company, "rectification", alice, asker="Zoé Lemoine", words=WORDS)
    done(WriteAnswer(number, "corrigé : Zoé"), company.actor("crm"))
    act(AnswerRequest(number), by=company.actor("crm"), at=NOON)  # waits for the DPO
    assert Decision.objects.count() == 1
    for line in AuditLine.objects.all():
        whole = f"{line.detail} {line.title_fr} {line.title_en} {line.subject}"
        assert "Zoé" not in whole
        assert "mère" not in whole
    for decision in Decision.objects.all():
        assert "Zo" not in f"{bytes(decision.payload)!r} {decision.title_fr}"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"received_on": TODAY + timedelta(days=1)}, "après aujourd|after today"),
        ({"received_on": TODAY - timedelta(days=400)}, "year|an"),
        ({"right": "oblivion"}, "."),
        ({"way": "pigeon"}, "."),
        ({"identifier": None, "asker": "  "}, "."),
        ({"identifier": 987_654_321}, "."),
        ({"words": "x" * 4_001}, "."),
    ],
)
def test_what_makes_no_sense_is_not_entered(
    company: Company, alice: int, given: dict[str, object], wrong: str
) -> None:
    whole = {"right": "access", "way": "letter", "received_on": TODAY, "identifier": alice, **given}
    with pytest.raises(Invalid, match=wrong):
        act(EnterRequest(**whole), by=company.actor("crm"), at=NOON)  # type: ignore[arg-type]
    assert not RightsRequest.objects.exists()


def test_what_several_people_share_ties_to_nobody(company: Company) -> None:
    with guard.permitted():
        phone = Identifier.objects.create(kind=Kind.PHONE, value="+33612345678", standing=2)
    with pytest.raises(Invalid):
        entered(company, "erasure", phone.pk)


def test_nothing_is_given_or_erased_before_we_know_who_asks(company: Company, alice: int) -> None:
    for right, action, seat in (
        ("access", AnswerRequest, "dpo"),
        ("erasure", EraseCustomer, "cmo"),
    ):
        number = entered(company, right, alice)
        with pytest.raises(Invalid):
            act(action(number), by=company.actor(seat), at=NOON)
        assert state(number) == "received"
    nobody = entered(company, "access", None, asker="une dame")
    with pytest.raises(Invalid):
        done(CheckIdentity(nobody, "in_person"), company.actor("crm"))
    done(TieRequest(nobody, alice), company.actor("crm"))
    done(CheckIdentity(nobody, "in_person"), company.actor("crm"))
    assert state(nobody) == "checked"


@pytest.mark.parametrize("seat", ["brand", "ops", "cdo"])
def test_another_seat_is_refused(company: Company, alice: int, seat: str) -> None:
    number = checked(company, "objection", alice)
    for action in (
        EnterRequest("access", "letter", TODAY, alice),
        AnswerRequest(number),
        RefuseRequest(number, "unfounded"),
        WithdrawRequest(number),
    ):
        with pytest.raises(Refused):
            act(action, by=company.actor(seat), at=NOON)
    assert state(number) == "checked"
    assert AuditLine.objects.filter(verb="was refused").count() == 4


def test_two_more_months_once_with_a_reason_and_told(company: Company, alice: int) -> None:
    number = entered(company, "access", alice)
    by = company.actor("crm")
    for wrong in (ExtendRequest(number, " ", told=True), ExtendRequest(number, "x", told=False)):
        with pytest.raises(Invalid):
            done(wrong, by)
    late = NOON + timedelta(days=40)
    with pytest.raises(Invalid):
        done(ExtendRequest(number, "x", told=True), by, at=late)
    done(ExtendRequest(number, "Douze demandes à la fois", told=True), by)
    assert RightsRequest.objects.get(pk=number).due_on == date(2027, 2, 20)
    with pytest.raises(Invalid):
        done(ExtendRequest(number, "encore", told=True), by)


def test_an_objection_and_a_restriction_stand_until_they_are_lifted(
    company: Company, alice: int
) -> None:
    bob = somebody("bob@orange.fr")
    done(AnswerRequest(checked(company, "objection", alice)), company.actor("dpo"))
    number = checked(company, "restriction", bob)
    done(AnswerRequest(number), company.actor("dpo"))
    assert (objects(alice), restricted(alice)) == (True, False)
    assert (objects(bob), restricted(bob)) == (False, True)
    assert objecting_among([alice, bob, 999]) == {alice}
    with guard.permitted():  # Bob turns out to be Alice: what one asked stands for both
        Identifier.objects.filter(pk=bob).update(person=alice)
    assert restricted(alice)
    assert restricted(bob)
    done(LiftRestraint(number), company.actor("dpo"))
    assert not restricted(alice)
    assert Restraint.objects.count() == 2  # it is remembered


def test_who_erases_first_wins(company: Company, alice: int) -> None:
    number = checked(company, "erasure", alice)
    erasure_decided(company, number)
    assert state(number) == "under_way"
    assert forgetting.known([(Kind.EMAIL, "alice@orange.fr"), (Kind.EMAIL, "bob@orange.fr")]) == {
        (Kind.EMAIL, "alice@orange.fr")
    }
    with pytest.raises(Invalid):
        act(EraseCustomer(number), by=company.actor("cmo"), at=NOON)
    with pytest.raises(Invalid):
        act(WithdrawRequest(number), by=company.actor("crm"), at=NOON)
    assert ErasureTarget.objects.filter(request=number).count() == 1


def test_one_department_alone_erases_nobody(company: Company, alice: int) -> None:
    number = checked(company, "erasure", alice)
    asked = act(EraseCustomer(number), by=company.actor("cmo"), at=NOON)
    assert isinstance(asked, Waiting)
    assert state(number) == "checked"
    assert not forgetting.known([(Kind.EMAIL, "alice@orange.fr")])


def test_what_is_late_or_due_soon_waits_on_the_desks_of_those_who_answer(
    company: Company, alice: int
) -> None:
    entered(company, "access", alice, received_on=TODAY - timedelta(days=45))
    entered(company, "access", alice, received_on=TODAY - timedelta(days=28))
    entered(company, "access", alice, received_on=TODAY)
    desks = {
        seat: list(
            urgent_requests(
                presence_at(
                    member=Member.objects.get(pk=company.members[seat]),
                    at=NOON,
                    seat_id=company.seats[seat],
                )
            )
        )
        for seat in ("crm", "brand")
    }
    assert len(desks["crm"]) == 2
    assert desks["crm"][0].due is not None
    assert desks["crm"][0].due < NOON
    assert desks["brand"] == []


def test_an_objection_stands_from_the_moment_it_is_heard_until_their_own_later_word(
    company: Company, alice: int
) -> None:
    number = entered(company, "objection", alice)  # nobody has checked who asks, nor answered
    assert objects(alice)
    done(CheckIdentity(number, "called_back"), company.actor("crm"))
    done(AnswerRequest(number), company.actor("dpo"), at=NOON + timedelta(days=3))
    assert Restraint.objects.get().since == NOON
    with pytest.raises(Invalid):
        act(LiftRestraint(number), by=company.actor("dpo"), at=NOON)
    assert objects(alice)
    done(WithdrawRequest(number), company.actor("crm"))
    assert not objects(alice)
    assert state(number) == "withdrawn"
    with pytest.raises(Invalid):
        act(WithdrawRequest(number), by=company.actor("crm"), at=NOON)


def test_an_objection_that_is_tied_later_stands_on_whom_it_is_tied_to(
    company: Company, alice: int
) -> None:
    bob = somebody("bob@orange.fr")
    number = entered(company, "objection", None, asker="M. Bob")
    done(TieRequest(number, alice), company.actor("crm"))
    assert objects(alice)
    done(TieRequest(number, bob), company.actor("crm"))
    assert (objects(alice), objects(bob)) == (False, True)
    done(TieRequest(number, alice), company.actor("crm"))
    assert (objects(alice), objects(bob)) == (True, False)


def test_an_objection_that_is_refused_stands_no_more(company: Company, alice: int) -> None:
    number = entered(company, "objection", alice)
    act(RefuseRequest(number, "not_identified"), by=company.actor("dpo"), at=NOON)
    assert state(number) == "refused"
    assert not objects(alice)


@pytest.mark.parametrize("right", ["objection", "restriction"])
def test_two_who_were_one_keep_what_stood_on_both(company: Company, alice: int, right: str) -> None:
    bob = somebody("bob@orange.fr")
    with guard.permitted():
        Identifier.objects.filter(pk=bob).update(person=alice)
    done(AnswerRequest(checked(company, right, bob)), company.actor("dpo"))
    with guard.permitted():  # an unmerge
        Identifier.objects.filter(pk=bob).update(person=bob)
    stands = objects if right == "objection" else restricted
    assert (stands(alice), stands(bob)) == (True, True)


@pytest.mark.django_db(transaction=True)
def test_two_stewards_at_once_have_one_outcome(company: Company, alice: int) -> None:
    """One answers, one refuses, at the same instant: one of them is told that it is too late."""
    number = checked(company, "objection", alice)
    both = threading.Barrier(2)
    outcomes: list[str] = []

    def decide(action: object) -> None:
        both.wait()
        try:
            act(action, by=company.actor("dpo"), at=NOON)  # type: ignore[arg-type]
            outcomes.append("performed")
        except Invalid:
            outcomes.append("too late")
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=decide, args=[action])
        for action in (AnswerRequest(number), RefuseRequest(number, "unfounded"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["performed", "too late"]
    row = RightsRequest.objects.get(pk=number)
    assert (row.state == "done") == Restraint.objects.filter(request=number, until=None).exists()
    assert row.steps.count() == 3
