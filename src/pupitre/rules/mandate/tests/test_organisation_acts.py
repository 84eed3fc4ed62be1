"""Functions, seats and who holds them: what the acts do, and what they refuse to make of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import audit, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.contracts import FunctionKind, Performed, Reason, Refused, Waiting
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import (
    AuditLine,
    Decision,
    Delegation,
    Function,
    Notice,
    ReportingLine,
    Seat,
    Tenure,
)
from pupitre.rules.mandate.organisation.actions import (
    Appoint,
    AppointDeputy,
    CancelAppointment,
    ChangeFunction,
    ChangeSeat,
    CloseSeat,
    CreateFunction,
    CreateSeat,
    EndTenure,
    RemoveFunction,
    ReopenSeat,
    SeatDetails,
)
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.testing import Company, a_company, a_member, vacate
from pupitre.rules.mandate.tests.organisation_kit import (
    IN_A_MONTH,
    IN_A_YEAR,
    NOON,
    TODAY,
    TOMORROW,
    YESTERDAY,
)

pytestmark = pytest.mark.django_db

# Whoever decides in these rows does it at once: nobody is consulted.
ROWS = {"seat.appoint": {"ceo": "A", "cmo": "R", "crm": "I"}}
DAY = timedelta(days=1)


@pytest.fixture
def company() -> Company:
    return a_company(rows=ROWS)


def changed(company: Company, action: Action, *, at: datetime = NOON) -> object:
    """Done by the seat that decides on the organisation; fails where it is not done at once."""
    outcome = act(action, by=company.actor("cdo"), at=at)
    assert isinstance(outcome, Performed)
    return outcome.result


def appointed(company: Company, action: Action, *, at: datetime = NOON) -> object:
    outcome = act(action, by=company.actor("ceo"), at=at)
    assert isinstance(outcome, Performed)
    return outcome.result


def refused(company: Company, action: Action, *, field: str | None = None) -> str:
    """The sentence with which it is refused as making no sense; nothing may have changed."""
    lines = AuditLine.objects.count()
    # Whoever may not ask is refused before anything is checked: somebody who may asks here.
    seat = {"seat.appoint": "ceo", "member.admit": "cio"}.get(action.activity.key, "cdo")
    with pytest.raises(Invalid) as error:
        act(action, by=company.actor(seat), at=NOON)
    if field is not None:
        assert error.value.field == field
    assert AuditLine.objects.count() == lines
    return str(error.value)


def details(company: Company, key: str, **otherwise: object) -> SeatDetails:
    """A seat as it is, but for what is said otherwise."""
    seat = Seat.objects.get(key=key)
    superior = seat.lines_up.filter(dotted=False).first()
    now = SeatDetails(
        name_fr=seat.name_fr,
        name_en=seat.name_en,
        function_id=seat.function_id,
        heads=seat.heads,
        places=seat.places,
        superior_id=superior.superior_id if superior else None,
    )
    return replace(now, **otherwise)  # type: ignore[arg-type]


def law() -> Law:
    return current_law()


# Functions


def test_a_function_is_created_changed_and_removed(company: Company) -> None:
    created = changed(company, CreateFunction("west", "Ouest", "West", FunctionKind.UNIT))
    function = Function.objects.get(pk=created)
    assert (function.name_fr, function.name_en, function.kind) == ("Ouest", "West", "unit")

    it = Function.objects.get(key="it")
    changed(company, ChangeFunction(function.pk, "Grand Ouest", "", FunctionKind.UNIT, it.pk))
    function.refresh_from_db()
    assert (function.name_fr, function.name_en, function.parent_id) == ("Grand Ouest", "", it.pk)

    changed(company, RemoveFunction(function.pk, function.key, function.name))
    assert not Function.objects.filter(key="west").exists()
    said = AuditLine.objects.get(action="mandate.RemoveFunction")
    assert (said.title_fr, said.title_en) != ("", "")
    assert "Grand Ouest" in said.title_en


@pytest.mark.parametrize(
    ("action", "field"),
    [
        (CreateFunction("it", "Autre", "", FunctionKind.UNIT), "function_key"),
        (CreateFunction("West!", "Ouest", "", FunctionKind.UNIT), "function_key"),
        (CreateFunction("west", " ", "", FunctionKind.UNIT), "name_fr"),
        (CreateFunction("west", "x" * 121, "", FunctionKind.UNIT), "name_fr"),
        (CreateFunction("west", "Ouest", "", FunctionKind.UNIT, 10**9), "parent"),
    ],
)
def test_a_function_that_makes_no_sense_is_refused(
    company: Company, action: CreateFunction, field: str
) -> None:
    refused(company, action, field=field)


def test_a_function_is_not_part_of_itself_nor_removed_with_a_history(company: Company) -> None:
    it = Function.objects.get(key="it")
    part = changed(company, CreateFunction("cloud", "Nuage", "", FunctionKind.IT, it.pk))

    refused(
        company, ChangeFunction(it.pk, "DSI", "", FunctionKind.IT, int(str(part))), field="parent"
    )
    refused(company, RemoveFunction(it.pk, "it", it.name))


# Seats


def test_a_seat_is_created_at_the_end_of_its_function_with_its_lines(company: Company) -> None:
    it = Function.objects.get(key="it")
    draft = SeatDetails(
        "", "Data engineer", it.pk, places=3, superior_id=company.seats["cio"],
        dotted_ids=(company.seats["cdo"], company.seats["dpo"]),
    )  # fmt: skip

    changed(company, CreateSeat("data-engineer", draft))

    seat = Seat.objects.get(key="data-engineer")
    assert (seat.name_fr, seat.name_en, seat.places) == ("Data engineer", "", 3)
    assert sorted(seat.lines_up.values_list("superior__key", "dotted")) == [
        ("cdo", True), ("cio", False), ("dpo", True),
    ]  # fmt: skip
    assert law().seats[seat.pk].superior_id == company.seats["cio"]


@pytest.mark.parametrize(
    ("otherwise", "field"),
    [
        ({"name_fr": "", "name_en": " "}, "name_fr"),
        ({"function_id": 10**9}, "function"),
        ({"places": 0}, "places"),
        ({"places": 51}, "places"),
        ({"superior_id": 10**9}, "superior"),
    ],
)
def test_a_seat_that_makes_no_sense_is_refused(
    company: Company, otherwise: dict[str, object], field: str
) -> None:
    refused(company, CreateSeat("new", details(company, "ops", **otherwise)), field=field)
    refused(company, ChangeSeat(company.seats["ops"], details(company, "ops", **otherwise)))


def test_two_seats_never_share_a_code_even_when_one_is_closed(company: Company) -> None:
    changed(company, CloseSeat(company.seats["brand"], TODAY))

    refused(company, CreateSeat("brand", details(company, "ops")), field="seat_key")


def test_solid_lines_never_go_round(company: Company) -> None:
    """crm reports to cmo, cmo to ceo: ceo cannot report to crm, nor anybody to themselves."""
    under = details(company, "ceo", superior_id=company.seats["crm"])
    refused(company, ChangeSeat(company.seats["ceo"], under), field="superior")
    itself = details(company, "ceo", superior_id=company.seats["ceo"])
    refused(company, ChangeSeat(company.seats["ceo"], itself), field="superior")


def test_a_dotted_line_leads_elsewhere_than_the_solid_one(company: Company) -> None:
    cmo, crm = company.seats["cmo"], company.seats["crm"]
    for dotted in ((cmo,), (crm,), (company.seats["cio"],) * 2):
        refused(
            company, ChangeSeat(crm, details(company, "crm", dotted_ids=dotted)), field="dotted"
        )

    changed(company, ChangeSeat(crm, details(company, "crm", dotted_ids=(company.seats["cio"],))))
    assert ReportingLine.objects.filter(seat_id=crm, dotted=True).count() == 1


def test_one_seat_heads_a_function(company: Company) -> None:
    message = refused(
        company,
        ChangeSeat(company.seats["brand"], details(company, "brand", heads=True)),
        field="heads",
    )
    assert "Directrice marketing" in message or "Chief marketing officer" in message


def test_a_seat_keeps_room_for_those_who_hold_it(company: Company) -> None:
    changed(company, ChangeSeat(company.seats["ops"], details(company, "ops", places=2)))
    appointed(company, Appoint(company.members["brand"], company.seats["ops"], TODAY))

    refused(
        company, ChangeSeat(company.seats["ops"], details(company, "ops", places=1)), field="places"
    )


def test_closing_a_seat_ends_what_reaches_that_day_and_forgets_what_had_not_begun(
    company: Company,
) -> None:
    ops, brand = company.seats["ops"], company.members["brand"]
    changed(company, ChangeSeat(ops, details(company, "ops", places=2)))
    appointed(company, Appoint(brand, ops, IN_A_YEAR))
    appointed(company, AppointDeputy(ops, company.members["cdo"], TODAY, IN_A_YEAR))

    changed(company, CloseSeat(ops, IN_A_MONTH))

    tenure = Tenure.objects.get(seat_id=ops)
    assert (tenure.member_id, tenure.ends) == (company.members["ops"], IN_A_MONTH - DAY)
    assert Delegation.objects.get(seat_id=ops).ends == IN_A_MONTH - DAY
    assert law().occupied(ops, IN_A_MONTH - DAY)
    assert not law().occupied(ops, IN_A_MONTH)


def test_a_closed_seat_takes_nobody_and_opens_again_empty(company: Company) -> None:
    brand = company.seats["brand"]
    refused(company, CloseSeat(brand, YESTERDAY), field="closes")
    changed(company, CloseSeat(brand, TODAY))
    refused(company, ChangeSeat(brand, details(company, "brand")))
    refused(company, Appoint(company.members["cdo"], brand, TODAY))
    refused(company, CloseSeat(brand, TOMORROW), field="closes")

    changed(company, ReopenSeat(brand))

    assert law().holders(brand, TODAY) == ()
    appointed(company, Appoint(company.members["brand"], brand, TODAY))
    assert law().holders(brand, TODAY) == (company.members["brand"],)


# Who may


@pytest.mark.parametrize("seat", ["ceo", "dpo", "crm", "brand"])
def test_who_has_no_letter_changes_nothing(company: Company, seat: str) -> None:
    before = Seat.objects.count()

    with pytest.raises(Refused) as refusal:
        act(CreateSeat("new", details(company, "ops")), by=company.actor(seat), at=NOON)

    assert refusal.value.row is not None
    assert refusal.value.row.activity.key == "organisation.change"
    assert Seat.objects.count() == before


def test_who_may_only_ask_gets_a_decision_and_nothing_happens_meanwhile(company: Company) -> None:
    action = Appoint(company.members["brand"], company.seats["ops"], TODAY, succeeds=_tenure("ops"))

    outcome = act(action, by=company.actor("cmo"), at=NOON)

    assert isinstance(outcome, Waiting)
    decision = Decision.objects.get(pk=outcome.decision_id)
    assert decision.subject == "seat:ops"
    assert law().holders(company.seats["ops"], TODAY) == (company.members["ops"],)


def test_who_decides_on_the_organisation_does_not_appoint_by_it(company: Company) -> None:
    vacate(company, "brand")
    with pytest.raises(Refused) as refusal:
        act(
            Appoint(company.members["brand"], company.seats["brand"], TODAY),
            by=company.actor("cdo"),
            at=NOON,
        )
    assert refusal.value.reason is Reason.NO_LETTER
    assert refusal.value.activity.key == "seat.appoint"


# Tenures


def _tenure(seat: str) -> int:
    return Tenure.objects.get(seat__key=seat).pk


def test_an_appointment_to_a_full_seat_names_who_holds_it(company: Company) -> None:
    message = refused(
        company, Appoint(company.members["brand"], company.seats["ops"], TODAY), field="starts"
    )
    assert "OPS" in message


def test_a_successor_takes_over_without_a_gap_and_both_are_told(company: Company) -> None:
    ops, brand = company.seats["ops"], company.members["brand"]

    appointed(company, Appoint(brand, ops, IN_A_MONTH, succeeds=_tenure("ops")))

    assert law().holders(ops, IN_A_MONTH - DAY) == (company.members["ops"],)
    assert law().holders(ops, IN_A_MONTH) == (brand,)
    assert Notice.objects.filter(member_id=brand, kind=Notice.Kind.PERSONAL).count() == 1


def test_nobody_succeeds_before_the_other_came(company: Company) -> None:
    refused(
        company,
        Appoint(
            company.members["brand"],
            company.seats["ops"],
            date(2026, 1, 1),
            succeeds=_tenure("ops"),
        ),
        field="starts",
    )


def test_somebody_holds_a_seat_once_at_a_time(company: Company) -> None:
    changed(company, ChangeSeat(company.seats["ops"], details(company, "ops", places=5)))

    refused(company, Appoint(company.members["ops"], company.seats["ops"], TODAY), field="member")


def test_reversed_days_are_refused(company: Company) -> None:
    vacate(company, "brand")
    refused(
        company,
        Appoint(company.members["brand"], company.seats["brand"], TODAY, YESTERDAY),
        field="ends",
    )
    refused(company, EndTenure(_tenure("ops"), date(2025, 12, 31)), field="last_day")
    refused(
        company,
        AppointDeputy(company.seats["ops"], company.members["cdo"], TOMORROW, TODAY),
        field="ends",
    )


def test_a_suspended_member_is_not_appointed(company: Company) -> None:
    vacate(company, "brand")
    with guard.permitted():
        gone = a_member("Gone")
        gone.suspended = True
        gone.save()

    refused(company, Appoint(gone.pk, company.seats["brand"], TODAY), field="member")


def test_a_tenure_ends_at_midnight_in_the_companys_time(company: Company) -> None:
    """The last day is included: 23:59 in Paris is still on it, one minute later is not."""
    appointed(company, EndTenure(_tenure("brand"), TODAY))
    actor = company.actor("brand")
    evening = datetime(2026, 11, 20, 22, 59, tzinfo=UTC)  # 23:59 in Paris
    midnight = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)  # 00:00 on the 21st
    action = CreateFunction("x", "X", "", FunctionKind.UNIT)

    with pytest.raises(Refused) as still_there:
        act(action, by=actor, at=evening)
    with pytest.raises(Refused) as gone:
        act(action, by=actor, at=midnight)

    assert still_there.value.reason is Reason.NO_LETTER
    assert gone.value.reason is Reason.NOT_IN_SEAT


def test_an_appointment_that_has_not_begun_is_cancelled_one_that_has_is_ended(
    company: Company,
) -> None:
    vacate(company, "brand")
    brand, seat = company.members["brand"], company.seats["brand"]
    appointed(company, Appoint(brand, seat, TOMORROW))

    appointed(company, CancelAppointment(brand, seat, TOMORROW))

    assert not Tenure.objects.filter(seat_id=seat).exists()
    refused(company, CancelAppointment(brand, seat, TOMORROW))
    refused(
        company, CancelAppointment(company.members["ops"], company.seats["ops"], date(2026, 1, 1))
    )


def test_every_act_leaves_a_sentence_in_both_languages_and_the_chain_whole(
    company: Company,
) -> None:
    vacate(company, "brand")
    appointed(company, Appoint(company.members["brand"], company.seats["brand"], TODAY))
    changed(company, CloseSeat(company.seats["brand"], TOMORROW))

    for line in AuditLine.objects.filter(verb="performed"):
        assert line.title_fr
        assert line.title_en
    assert audit.verify_chain().whole
