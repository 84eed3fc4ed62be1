"""Deputies and members: lending a seat, taking it back, letting people in and out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import transaction

from pupitre.core.accounts import mailing
from pupitre.core.accounts.models import User
from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Actor, FunctionKind, Performed, Reason, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine, Delegation, Function, Member, Notice, Tenure
from pupitre.rules.mandate.organisation.actions import (
    Appoint,
    AppointDeputy,
    CancelAppointment,
    ChangeFunction,
    ChangeMember,
    ChangeSeat,
    CloseSeat,
    Delegate,
    EndDelegation,
    EndDeputy,
    EndTenure,
    ForgetSecondFactors,
    InviteMember,
    InviteMembers,
    ReinstateMember,
    ResendInvitation,
    SeatDetails,
    SuspendMember,
)
from pupitre.rules.mandate.organisation.admission import Invited
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import Company, a_company, set_letters, vacate
from pupitre.rules.mandate.tests.organisation_kit import (
    IN_A_MONTH,
    IN_A_YEAR,
    NOON,
    TODAY,
    TOMORROW,
    YESTERDAY,
)

pytestmark = pytest.mark.django_db

ROWS = {
    "seat.appoint": {"ceo": "A", "cmo": "R", "crm": "I"},
    "member.admit": {"cio": "AR", "cmo": "R"},
}
SOON = TODAY + timedelta(days=20)


@pytest.fixture
def company() -> Company:
    return a_company(rows=ROWS)


def done(action: Action, *, by: Actor, at: datetime = NOON) -> object:
    outcome = act(action, by=by, at=at)
    assert isinstance(outcome, Performed)
    return outcome.result


def refused(action: Action, *, by: Actor, field: str | None = None) -> str:
    lines = AuditLine.objects.count()
    with pytest.raises(Invalid) as error:
        act(action, by=by, at=NOON)
    if field is not None:
        assert error.value.field == field
    assert AuditLine.objects.count() == lines
    return str(error.value)


# Delegation


def test_a_holder_lends_their_seat_for_a_time_and_keeps_it(company: Company) -> None:
    cmo, brand = company.seats["cmo"], company.members["brand"]

    done(Delegate(cmo, brand, TOMORROW, SOON), by=company.actor("cmo"))

    law = current_law()
    assert law.occupants(cmo, TODAY) == (company.members["cmo"],)
    assert law.occupants(cmo, TOMORROW) == (company.members["cmo"], brand)
    assert law.occupants(cmo, SOON + timedelta(days=1)) == (company.members["cmo"],)
    told = Notice.objects.get(member_id=brand)
    assert told.text_fr
    assert "Chief marketing officer" in told.text_en


def test_a_delegation_begins_and_ends_at_midnight_in_the_companys_time(company: Company) -> None:
    """Paris is an hour ahead of UTC in November: the day turns at 23:00 UTC."""
    brand = company.members["brand"]
    done(Delegate(company.seats["cmo"], brand, TOMORROW, TOMORROW), by=company.actor("cmo"))
    deputy = Actor(brand, company.seats["cmo"])

    def outcome(*when: int) -> object:
        at = datetime(2026, 11, *when, tzinfo=UTC)
        action = CloseSeat(company.seats["ops"], IN_A_MONTH + timedelta(days=at.hour))
        try:
            return act(action, by=deputy, at=at)
        except Refused as refusal:
            return refusal.reason

    assert outcome(20, 22, 59) is Reason.NOT_IN_SEAT
    assert isinstance(outcome(20, 23, 0), Waiting)
    assert isinstance(outcome(21, 22, 59), Waiting)
    assert outcome(21, 23, 0) is Reason.NOT_IN_SEAT


def test_nobody_lends_a_seat_that_is_not_theirs_not_even_its_deputy(company: Company) -> None:
    cmo, brand = company.seats["cmo"], company.members["brand"]
    done(Delegate(cmo, brand, TODAY, SOON), by=company.actor("cmo"))

    for by in (Actor(brand, cmo), company.actor("ceo"), Actor(company.members["ops"])):
        with pytest.raises(Refused) as refusal:
            act(Delegate(cmo, company.members["cdo"], TODAY, SOON), by=by, at=NOON)
        assert refusal.value.reason is Reason.NOT_YOURS
    assert Delegation.objects.count() == 1


def test_a_delegation_that_makes_no_sense_is_refused(company: Company) -> None:
    cmo, by = company.seats["cmo"], company.actor("cmo")
    brand = company.members["brand"]

    refused(Delegate(cmo, brand, YESTERDAY, SOON), by=by, field="starts")
    refused(Delegate(cmo, brand, SOON, TODAY), by=by, field="ends")
    refused(Delegate(cmo, brand, TODAY, TODAY + timedelta(days=366)), by=by, field="ends")
    refused(Delegate(cmo, company.members["cmo"], TODAY, SOON), by=by, field="deputy")
    refused(Delegate(cmo, 10**9, TODAY, SOON), by=by, field="deputy")
    done(Delegate(cmo, brand, TODAY, TODAY + timedelta(days=365)), by=by)
    refused(Delegate(cmo, brand, SOON, SOON), by=by, field="deputy")


def test_a_seat_is_not_lent_beyond_ones_own_time_on_it(company: Company) -> None:
    brand = Tenure.objects.get(seat__key="brand")
    done(EndTenure(brand.pk, SOON), by=company.actor("ceo"))
    action = Delegate(company.seats["brand"], company.members["ops"], TODAY, IN_A_YEAR)

    refused(action, by=company.actor("brand"), field="ends")


def test_a_delegation_ends_at_once_by_its_giver_its_taker_or_whoever_appoints(
    company: Company,
) -> None:
    cmo = company.seats["cmo"]
    for deputy, by, ending in (
        ("brand", company.actor("cmo"), EndDelegation),
        ("ops", company.actor("ops"), EndDelegation),
        ("cdo", company.actor("ceo"), EndDeputy),
    ):
        member = company.members[deputy]
        lent = done(Delegate(cmo, member, TODAY, SOON), by=company.actor("cmo"))
        assert member in current_law().deputies(cmo, TODAY)

        done(ending(int(str(lent)), cmo, member), by=by)

        assert member not in current_law().deputies(cmo, TODAY)


def test_a_stranger_does_not_end_a_delegation_nor_under_another_name(company: Company) -> None:
    cmo, brand = company.seats["cmo"], company.members["brand"]
    lent = int(str(done(Delegate(cmo, brand, TODAY, SOON), by=company.actor("cmo"))))

    with pytest.raises(Refused):
        act(EndDelegation(lent, cmo, brand), by=company.actor("ops"), at=NOON)
    # The holder of another seat cannot pass it off as theirs.
    refused(EndDelegation(lent, company.seats["ops"], brand), by=company.actor("ops"))
    refused(EndDelegation(lent, cmo, company.members["ops"]), by=company.actor("ops"))
    assert Delegation.objects.get(pk=lent).ends == SOON


def test_a_deputy_of_a_vacant_seat_is_named_by_whoever_appoints(company: Company) -> None:
    vacate(company, "brand")

    done(
        AppointDeputy(company.seats["brand"], company.members["ops"], TODAY, SOON),
        by=company.actor("ceo"),
    )

    assert current_law().occupied(company.seats["brand"], TODAY)
    with pytest.raises(Refused):
        act(
            AppointDeputy(company.seats["ops"], company.members["brand"], TODAY, SOON),
            by=company.actor("dpo"),
            at=NOON,
        )


# Lock-outs: in the test company an amendment needs cmo (A, marketing) and cio (R, IT).


def test_the_last_people_who_can_amend_are_not_suspended(company: Company) -> None:
    for key in ("cmo", "cio"):
        message = refused(SuspendMember(company.members[key]), by=company.actor("cio"))
        assert "20\xa0nov" in message.lower()

    done(SuspendMember(company.members["brand"]), by=company.actor("cio"))


@pytest.mark.parametrize("way", ["tenure", "seat", "function", "deputy", "cancel"])
def test_nothing_else_leaves_the_matrix_to_nobody(company: Company, way: str) -> None:
    cmo, ceo, cdo = company.seats["cmo"], company.actor("ceo"), company.actor("cdo")
    holder = Tenure.objects.get(seat__key="cmo")
    if way == "tenure":
        refused(EndTenure(holder.pk, YESTERDAY), by=ceo)
        refused(EndTenure(holder.pk, SOON), by=ceo)
    elif way == "seat":
        refused(CloseSeat(cmo, TODAY), by=cdo)
        refused(CloseSeat(company.seats["cio"], SOON), by=cdo)
    elif way == "function":
        it = Function.objects.get(key="it")
        refused(ChangeFunction(it.pk, "DSI", "IT", FunctionKind.OTHER), by=cdo)
        legal = Function.objects.get(key="data")
        draft = SeatDetails("DSI", "CIO", legal.pk, superior_id=company.seats["ceo"])
        refused(ChangeSeat(company.seats["cio"], draft), by=cdo)
    elif way == "deputy":
        member = company.members["brand"]
        lent = int(str(done(AppointDeputy(cmo, member, TODAY, IN_A_YEAR), by=ceo)))
        done(EndTenure(holder.pk, YESTERDAY), by=ceo)
        refused(EndDeputy(lent, cmo, member), by=ceo)
    else:
        coming = company.members["brand"]
        done(Appoint(coming, cmo, SOON, succeeds=holder.pk), by=ceo)
        refused(CancelAppointment(coming, cmo, SOON), by=ceo)


def test_a_successor_or_a_deputy_makes_a_departure_possible(company: Company) -> None:
    holder = Tenure.objects.get(seat__key="cmo")
    successor = Appoint(company.members["brand"], company.seats["cmo"], TODAY, succeeds=holder.pk)

    done(successor, by=company.actor("ceo"))

    assert current_law().holders(company.seats["cmo"], TODAY) == (company.members["brand"],)


def test_one_person_on_both_sides_does_not_count_for_two(company: Company) -> None:
    """Marketing and IT must be two people: the CIO cannot be left alone with both seats."""
    holder = Tenure.objects.get(seat__key="cmo")

    refused(
        Appoint(company.members["cio"], company.seats["cmo"], TODAY, succeeds=holder.pk),
        by=company.actor("ceo"),
    )


def test_a_vacancy_that_is_planned_for_later_may_be_planned(company: Company) -> None:
    holder = Tenure.objects.get(seat__key="cmo")

    done(EndTenure(holder.pk, IN_A_YEAR), by=company.actor("ceo"))


def test_where_nobody_could_amend_before_nothing_more_is_forbidden(company: Company) -> None:
    set_letters(company, "matrix.amend", "cio", "")
    holder = Tenure.objects.get(seat__key="brand")

    done(EndTenure(holder.pk, YESTERDAY), by=company.actor("ceo"))
    done(EndTenure(Tenure.objects.get(seat__key="cmo").pk, YESTERDAY), by=company.actor("ceo"))


# Members


@pytest.mark.django_db(transaction=True)
def test_an_invitation_leaves_only_once_everything_has_held() -> None:
    company = a_company(rows=ROWS)
    action = InviteMember("Ludivine Étienne", " Ludivine@Ardoise.example ", "fr")

    with transaction.atomic():
        done(action, by=company.actor("cio"))
        mailing.wait_until_sent()
        assert mail.outbox == []
        transaction.set_rollback(True)
    mailing.wait_until_sent()
    assert mail.outbox == []
    assert not User.objects.filter(email="ludivine@ardoise.example").exists()

    done(action, by=company.actor("cio"))
    mailing.wait_until_sent()

    assert [message.to for message in mail.outbox] == [["ludivine@ardoise.example"]]
    assert "CIO" in str(mail.outbox[0].body), "says who invites"
    member = Member.objects.get(user__email="ludivine@ardoise.example")
    assert member.name == "Ludivine Étienne"
    assert not member.user.has_usable_password()
    assert audit.verify_chain().whole


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (InviteMember(" ", "x@ardoise.example"), "name"),
        (InviteMember("x" * 121, "x@ardoise.example"), "name"),
        (InviteMember("X", "not an address"), "email"),
        (InviteMember("X", "OPS@ardoise.example"), "email"),
        (InviteMember("X", "x@ardoise.example", "de"), "language"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    company: Company, action: InviteMember, field: str
) -> None:
    accounts = User.objects.count()
    refused(action, by=company.actor("cio"), field=field)
    assert User.objects.count() == accounts


@pytest.mark.parametrize(
    "people",
    [
        (),
        tuple(Invited(f"P{n}", f"p{n}@ardoise.example") for n in range(501)),
        (Invited("A", "a@ardoise.example"), Invited("B", "A@ardoise.example")),
        (Invited("A", "a@ardoise.example"), Invited("", "b@ardoise.example")),
        (Invited("A", "a@ardoise.example"), Invited("B", "ops@ardoise.example")),
    ],
)
def test_an_invitation_of_many_is_all_of_them_or_none(
    company: Company, people: tuple[Invited, ...]
) -> None:
    accounts = User.objects.count()
    refused(InviteMembers(people), by=company.actor("cio"))
    assert User.objects.count() == accounts


def test_many_are_invited_by_one_line_that_names_the_first(company: Company) -> None:
    people = tuple(Invited(f"Person {n}", f"p{n}@ardoise.example") for n in range(5))

    assert done(InviteMembers(people, invite=False), by=company.actor("cio")) == 5

    line = AuditLine.objects.get(action="mandate.InviteMembers")
    assert "Person 0, Person 1, Person 2" in line.title_en
    assert "2" in line.title_en
    assert User.objects.filter(email__startswith="p", is_active=True).count() == 5


def test_who_may_only_ask_invites_nobody_yet(company: Company) -> None:
    outcome = act(InviteMember("X", "x@ardoise.example"), by=company.actor("cmo"), at=NOON)

    assert isinstance(outcome, Waiting)
    assert not User.objects.filter(email="x@ardoise.example").exists()


@pytest.mark.parametrize("seat", ["ceo", "cdo", "brand"])
def test_who_has_no_letter_neither_invites_nor_suspends(company: Company, seat: str) -> None:
    for action in (
        InviteMember("X", "x@ardoise.example"),
        SuspendMember(company.members["ops"]),
        ChangeMember(company.members["ops"], "Ops", "ops2@ardoise.example"),
        ForgetSecondFactors(company.members["ops"]),
    ):
        with pytest.raises(Refused) as refusal:
            act(action, by=company.actor(seat), at=NOON)
        assert refusal.value.reason is Reason.NO_LETTER
    assert not Member.objects.get(pk=company.members["ops"]).suspended


def test_a_suspended_member_is_heard_nowhere_until_reinstated(company: Company) -> None:
    ops = company.members["ops"]

    done(SuspendMember(ops), by=company.actor("cio"))

    assert current_law().holders(company.seats["ops"], TODAY) == ()
    assert not User.objects.get(member=ops).is_active
    refused(SuspendMember(ops), by=company.actor("cio"))
    done(ReinstateMember(ops), by=company.actor("cio"))
    assert current_law().holders(company.seats["ops"], TODAY) == (ops,)
    assert User.objects.get(member=ops).is_active
    refused(ReinstateMember(ops), by=company.actor("cio"))


def test_nobody_suspends_themselves(company: Company) -> None:
    set_letters(company, "member.admit", "brand", "R")
    set_letters(company, "member.admit", "cio", "")
    set_letters(company, "member.admit", "brand", "AR")

    refused(SuspendMember(company.members["brand"]), by=company.actor("brand"))


def test_details_are_corrected_and_an_address_is_somebodys_alone(company: Company) -> None:
    ops = company.members["ops"]

    done(ChangeMember(ops, " Ops  Nouveau ", "New@ardoise.example"), by=company.actor("cio"))

    member = Member.objects.select_related("user").get(pk=ops)
    assert (member.name, member.user.email) == ("Ops Nouveau", "new@ardoise.example")
    done(ChangeMember(ops, "Ops", "new@ardoise.example"), by=company.actor("cio"))
    refused(ChangeMember(ops, "Ops", "cmo@ardoise.example"), by=company.actor("cio"), field="email")


def test_an_invitation_is_sent_again_only_to_those_who_have_not_come_in(company: Company) -> None:
    ops = Member.objects.select_related("user").get(pk=company.members["ops"])
    done(ResendInvitation(ops.pk), by=company.actor("cio"))
    ops.user.set_password("a password of their own")
    ops.user.save()

    refused(ResendInvitation(ops.pk), by=company.actor("cio"))


def test_setup_builds_without_a_matrix_and_is_not_asked_who_may_amend(company: Company) -> None:
    act(InviteMember("First", "first@ardoise.example"), by=SETUP, at=NOON)
    assert Member.objects.filter(name="First").exists()
