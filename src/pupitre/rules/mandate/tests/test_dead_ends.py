"""Decisions that must not get stuck: who may still speak after somebody spoke too soon."""

from __future__ import annotations

import pytest

from pupitre.core.clock import day_of
from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Actor, Reason, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine, Decision, Voice
from pupitre.rules.mandate.testing import (
    FIRST_DAY,
    NOON,
    Company,
    a_company,
    deputise,
    set_letters,
    vacate,
)
from pupitre.rules.mandate.tests.http_kit import Rechristen, RechristenTogether, asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return a_company()


def lend(company: Company, seat: str, *, to: str) -> Actor:
    deputise(company, seat, deputy=to, starts=FIRST_DAY, ends=day_of(NOON))
    return company.actor(seat, member=to)


def approve(decision: Decision, by: Actor) -> str:
    return deciding.approve(decision_id=decision.pk, by=by, at=NOON).state


def not_needed(decision: Decision, by: Actor) -> None:
    with pytest.raises(Refused) as refused:
        approve(decision, by)
    assert refused.value.reason is Reason.NOT_NEEDED


def test_a_deputy_from_the_other_department_takes_the_word_from_nobody(company: Company) -> None:
    """IT's head of operations says yes for the marketing director, who comes back and says yes."""
    decision = asked(company, RechristenTogether(), by="cio")
    assert approve(decision, lend(company, "cmo", to="ops")) == "open"  # marketing is not heard
    not_needed(decision, company.actor("cmo", member="ops"))
    assert approve(decision, company.actor("cmo")) == "performed"
    voice = Voice.objects.get()
    assert voice.member_id == company.members["cmo"]  # one voice a seat; the audit keeps both
    said = AuditLine.objects.filter(decision_id=decision.pk, verb__in=("approved", "performed"))
    assert set(said.values_list("member_id", flat=True)) == {
        company.members["ops"],
        company.members["cmo"],
    }


def test_nor_does_one_who_asked_in_the_seats_name(company: Company) -> None:
    decision = asked_as(company, lend(company, "cmo", to="ops"))
    assert approve(decision, company.actor("cio")) == "open"
    assert approve(decision, company.actor("cmo")) == "performed"


def asked_as(company: Company, by: Actor) -> Decision:
    outcome = act(RechristenTogether("En duo"), by=by, at=NOON)
    assert isinstance(outcome, Waiting)
    return Decision.objects.get(pk=outcome.decision_id)


def test_who_has_two_seats_may_say_yes_from_each_and_is_still_one_person(company: Company) -> None:
    """The yes from R came first; A's is still to be given, and nobody else may give it."""
    set_letters(company, "matrix.amend", "brand", "R")
    both = lend(company, "cmo", to="brand")
    decision = asked(company, RechristenTogether(), by="cio")
    assert approve(decision, company.actor("brand")) == "open"  # marketing, and a second person
    assert approve(decision, both) == "performed"


def test_one_person_from_two_seats_is_not_two_people(company: Company) -> None:
    set_letters(company, "matrix.amend", "brand", "R")
    set_letters(company, "matrix.amend", "ops", "R")
    both = lend(company, "cmo", to="brand")
    decision = asked_as(company, both)
    for seat in ("cmo", "brand"):
        with pytest.raises(Refused) as refused:
            approve(decision, company.actor(seat, member="brand"))
        assert refused.value.reason is Reason.OWN_REQUEST
    decision.refresh_from_db()
    assert decision.state == "open"


def test_a_holder_and_their_own_deputy_are_one_voice(company: Company) -> None:
    """Else whoever wants a second pair of eyes would name them for the day."""
    deputy = lend(company, "cmo", to="crm")
    decision = asked(company, RechristenTogether(), by="cmo")
    not_needed(decision, deputy)
    other_way = asked_as(company, deputy)
    not_needed(other_way, company.actor("cmo"))


def test_a_yes_from_a_seat_that_lost_its_letter_does_not_bind_the_person(company: Company) -> None:
    set_letters(company, "matrix.amend", "brand", "R")
    decision = asked(company, RechristenTogether(), by="cio")
    assert approve(decision, company.actor("brand")) == "open"
    set_letters(company, "matrix.amend", "cmo", "")
    set_letters(company, "matrix.amend", "brand", "A")  # the same seat: its yes counts as A's now
    done = deciding.carry_out(decision_id=decision.pk, by=company.actor("brand"), at=NOON)
    assert done.state == "performed"


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_whoever_asked_and_left_stops_nothing(company: Company, verb: str) -> None:
    decision = asked(company, Rechristen("DNum"), by="cmo")
    vacate(company, "cmo")
    speak = {"approve": deciding.approve, "refuse": deciding.refuse}[verb]
    done = speak(decision_id=decision.pk, comment="Soit.", by=company.actor("cdo"), at=NOON)
    assert done.state == {"approve": "performed", "refuse": "refused"}[verb]
