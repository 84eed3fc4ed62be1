"""Being away, and what My desk says of silent seats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from pupitre.core import clock
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import Delegation, Tenure
from pupitre.rules.mandate.testing import Company, a_company, bump, set_letters, vacate
from pupitre.rules.mandate.tests.organisation_kit import (
    IN_A_MONTH,
    NOON,
    TODAY,
    TOMORROW,
    signed_in,
)

pytestmark = pytest.mark.django_db

LETTERS = {"cdo": "A", "cmo": "R"}
ROWS = dict.fromkeys(("organisation.change", "seat.appoint", "member.admit"), LETTERS)


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    """The test company, on the kit's day, at noon."""
    stand_at(monkeypatch, NOON)
    return a_company(rows=ROWS)


def stand_at(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: at)


def posted(client: Client, path: str, **said: object) -> HttpResponse:
    return client.post(path, {name: value for name, value in said.items() if value is not None})


# I am away


def test_three_taps_lend_a_seat(company: Company) -> None:
    client = signed_in(company, "cmo")
    form = client.get("/organisation/delegate/").context["form"]
    deputy = form.fields["deputy"].choices[0][0]
    assert deputy in (company.members["crm"], company.members["brand"]), "those below come first"
    until = form.fields["until"].choices[0]
    assert until[0] == "week"

    response = posted(
        client, "/organisation/delegate/", seat=company.seats["cmo"], deputy=deputy, until="week"
    )

    assert response.status_code == 302
    lent = Delegation.objects.get()
    # The kit's day is a Friday: "this Friday" is today.
    assert (lent.deputy_id, lent.starts, lent.ends) == (deputy, TODAY, TODAY)
    assert lent.given_by_id == company.members["cmo"]


def test_other_days_and_somebody_else_can_be_chosen(company: Company) -> None:
    client = signed_in(company, "cmo")
    base = {"seat": company.seats["cmo"], "deputy": "other", "until": "dates"}
    for said, field in (
        ({"other": company.members["ops"]}, "starts"),
        ({"starts": TODAY, "ends": TOMORROW}, "other"),
        ({"other": company.members["ops"], "starts": TOMORROW, "ends": TODAY}, "ends"),
    ):
        response = posted(client, "/organisation/delegate/", **base, **said)
        assert response.status_code == 422
        assert field in response.context["form"].errors

    said = {"other": company.members["ops"], "starts": TOMORROW, "ends": IN_A_MONTH}
    assert posted(client, "/organisation/delegate/", **base, **said).status_code == 302
    assert Delegation.objects.get().deputy_id == company.members["ops"]


def test_somebody_elses_seat_cannot_be_lent_by_a_crafted_form(company: Company) -> None:
    response = posted(
        signed_in(company, "brand"), "/organisation/delegate/", seat=company.seats["cmo"],
        deputy=company.members["ops"], until="week",
    )  # fmt: skip
    assert response.status_code == 422
    assert not Delegation.objects.exists()


def test_who_holds_no_seat_has_nothing_to_lend(company: Company) -> None:
    vacate(company, "brand")
    response = signed_in(company, "brand").get("/organisation/delegate/")
    assert response.status_code == 200
    assert "form" not in (response.context or {}) or "<select" not in response.content.decode()


def test_a_deputy_is_somebody_else_at_midnight_in_paris(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP too: lent for the 20th, the seat is gone when the 21st begins in Paris."""
    with guard.permitted():
        Delegation.objects.create(
            seat_id=company.seats["cdo"],
            deputy_id=company.members["brand"],
            starts=TODAY,
            ends=TODAY,
        )
        bump()
    vacate(company, "brand")
    client = signed_in(company, "brand")

    stand_at(monkeypatch, datetime(2026, 11, 20, 22, 59, tzinfo=UTC))
    assert client.get("/organisation/new-seat/").status_code == 200
    stand_at(monkeypatch, datetime(2026, 11, 20, 23, 0, tzinfo=UTC))
    assert client.get("/organisation/new-seat/").status_code == 403


# My desk


def test_who_decides_on_appointments_finds_silent_seats_on_their_desk(company: Company) -> None:
    set_letters(company, "matrix.amend", "ops", "C")
    set_letters(company, "matrix.amend", "crm", "I")
    vacate(company, "crm")
    with guard.permitted():
        Tenure.objects.filter(seat__key="ops").update(ends=TODAY + timedelta(days=5))
        bump()

    deciding = signed_in(company, "cdo").get("/").context["desk"].do
    asking = signed_in(company, "cmo").get("/").context["desk"].do

    assert [item.url for item in deciding] == [
        "/organisation/seats/crm/",
        "/organisation/seats/ops/",
    ]
    assert asking == ()


def test_a_seat_without_letters_or_with_a_deputy_asks_for_nobody(company: Company) -> None:
    vacate(company, "brand")  # no letter
    set_letters(company, "matrix.amend", "crm", "I")
    vacate(company, "crm")  # informed, and deputised
    with guard.permitted():
        Delegation.objects.create(
            seat_id=company.seats["crm"],
            deputy_id=company.members["ops"],
            starts=TODAY,
            ends=IN_A_MONTH,
        )
        bump()

    assert signed_in(company, "cdo").get("/").context["desk"].do == ()
