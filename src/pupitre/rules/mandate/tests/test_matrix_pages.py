"""The pages that are for reading: the matrix in force, one seat, versions, comparisons."""

from __future__ import annotations

import time

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pupitre.rules.mandate import deciding, guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.matrix.actions import AbandonDraft, EnterIntoForce
from pupitre.rules.mandate.matrix.table import MAX_COLUMNS, MAX_ROWS
from pupitre.rules.mandate.models import (
    Cell,
    CompanyActivity,
    Function,
    MatrixVersion,
    Seat,
)
from pupitre.rules.mandate.testing import NOON, Company, a_company, bump, deputise, vacate
from pupitre.rules.mandate.tests.matrix_kit import (
    AMEND,
    DEFINE,
    EXPORT,
    a_draft,
    change,
    noon_on_the_clock,
    signed_in,
    text,
)

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
BASE = "/responsibilities/"


@pytest.fixture
def company() -> Company:
    return a_company()


@pytest.fixture
def two_versions(company: Company) -> Company:
    """Version 2 rules: the export is told to IT, and the chief executive is not told any more."""
    number = a_draft(company)
    change(company, number, EXPORT, cio="C", ceo="", dpo="A", ops="R")
    outcome = act(EnterIntoForce(number), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    deciding.approve(
        decision_id=outcome.decision_id, comment="Enfin.", by=company.actor("cio"), at=NOON
    )
    return company


ADDRESSES = [
    "",
    "?domain=people",
    "?q=zzz",
    "?only=joint&function=1&seats=all&page=3&columns=2",
    "?seat=1",
    "versions/",
    "versions/1/",
    "versions/2/",
    "compare/",
    "compare/?from=2&to=1",
    "compare/?from=1&to=1",
    "compare/?from=nothing&to=99",
    "drafts/",
    "activities/",
    "starting-points/",
    "starting-points/it-led/",
]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("seat", ["cmo", "crm"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_everybody_reads(two_versions: Company, seat: str, address: str, language: str) -> None:
    response = signed_in(two_versions, seat, language=language).get(BASE + address)

    assert response.status_code == 200


@pytest.mark.parametrize("address", ["", "versions/1/", "drafts/", "compare/"])
def test_pages_for_reading_are_not_posted_to(company: Company, address: str) -> None:
    assert signed_in(company, "cmo").post(BASE + address).status_code == 405


def test_strangers_read_nothing(company: Company, client: Client) -> None:
    response = client.get(BASE)

    assert response.status_code == 302
    assert "/account/" in response["Location"] or "login" in response["Location"]


def test_an_account_that_belongs_to_nobody_is_told_so(company: Company, client: Client) -> None:
    user = get_user_model().objects.create_user(email="nobody@ardoise.example")  # type: ignore[attr-defined]
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")

    assert client.get(BASE).status_code == 403


# In force


def test_it_opens_with_how_things_stand(company: Company) -> None:
    page = text(signed_in(company, "crm").get(BASE))

    assert "Version 1 has ruled since Friday 20 November." in page.replace("\xa0", " ")
    assert "Every letter is on a seat that somebody speaks for." in page


def test_seats_that_became_vacant_come_first(company: Company) -> None:
    vacate(company, "dpo")
    vacate(company, "crm")

    page = text(signed_in(company, "cmo").get(BASE))

    assert "Two seats with letters are vacant." in page
    assert "Nobody sits there and nobody deputises" in page
    assert "Every letter is on a seat" not in page


def test_a_vacant_seat_with_a_deputy_is_no_trouble(company: Company) -> None:
    vacate(company, "dpo")
    deputise(company, "dpo", deputy="crm", starts=NOON.date(), ends=NOON.date())

    assert "vacant" not in text(signed_in(company, "cmo").get(BASE))


def test_a_change_is_prepared_by_those_who_may(company: Company) -> None:
    assert "Prepare a change" in text(signed_in(company, "cio").get(BASE))
    page = text(signed_in(company, "crm").get(BASE))
    assert "Prepare a change" not in page
    assert "A change is prepared by:" in page
    assert "Chief marketing officer" in page


def test_preparing_a_change_opens_a_draft_of_it(company: Company) -> None:
    response = signed_in(company, "cio").post(BASE + "drafts/start/", {"copy_of": "1"})

    assert response["Location"] == "/responsibilities/drafts/2/"
    assert MatrixVersion.objects.get(number=2).started_by_id == company.members["cio"]


@pytest.mark.parametrize("copy_of", ["99", "", "x", "9" * 400])
def test_a_draft_of_nothing_is_empty_and_of_what_is_not_there_is_refused(
    company: Company, copy_of: str
) -> None:
    client = signed_in(company, "cmo")

    response = client.post(BASE + "drafts/start/", {"copy_of": copy_of})

    if copy_of == "99":
        assert response.status_code == 400
        assert "There is no version 99." in text(response)
        assert MatrixVersion.objects.count() == 1
    else:
        assert response["Location"] == "/responsibilities/drafts/2/"
        assert not Cell.objects.filter(version__number=2).exists()


def test_a_wrong_seat_is_refused_by_name(company: Company) -> None:
    response = signed_in(company, "brand").post(BASE + "drafts/start/", {"copy_of": "1"})

    assert response.status_code == 403
    assert "Amend the responsibility matrix" in text(response)
    assert "Chief marketing officer" in text(response)
    assert "CIO" in text(response)
    assert MatrixVersion.objects.count() == 1


def test_a_row_says_what_happens(company: Company) -> None:
    page = text(signed_in(company, "cmo").get(BASE + "?q=define"))

    assert "“DPO” is asked first and has three days to answer." in page
    assert "“Chief executive” is told afterwards." in page


def test_an_initiative_has_rows_of_its_own(company: Company) -> None:
    with guard.permitted():
        version = MatrixVersion.objects.get(number=1)
        Cell.objects.create(
            version=version,
            scope="noel",
            activity=EXPORT,
            seat_id=company.seats["cmo"],
            letters="AR",
        )
        bump()

    page = text(signed_in(company, "cmo").get(BASE + "?only=overridden"))

    assert "for “noel”" in page
    assert page.count('scope="row"') == 1


def test_nothing_rules_yet(company: Company) -> None:
    with guard.permitted():
        MatrixVersion.objects.filter(number=1).delete()
        bump()
    client = signed_in(company, "cmo")

    assert "No responsibility matrix is in force yet" in text(client.get(BASE))
    for address in ("versions/", "drafts/", "compare/", "starting-points/", "activities/"):
        assert client.get(BASE + address).status_code == 200
    assert client.post(BASE + "drafts/start/").status_code == 403


# One seat


def test_one_seats_letters(company: Company) -> None:
    page = text(signed_in(company, "cmo").get(BASE + f"?seat={company.seats['dpo']}"))

    assert "decides in <strong>one activity</strong>" in page
    assert "Export the audit log" in page
    assert "Held by DPO." in page


def test_a_seat_that_does_not_exist_shows_the_matrix(company: Company) -> None:
    for wanted in ("999999", "x", "9" * 5_000, "-1"):
        page = signed_in(company, "cmo").get(BASE, {"seat": wanted})
        assert "Version 1 has ruled" in text(page)


# Versions


def test_a_version_tells_who_decided_it(two_versions: Company) -> None:
    page = text(signed_in(two_versions, "crm").get(BASE + "versions/2/"))

    assert "CMO <span" in page
    assert "proposed it" in page
    assert "CIO <span" in page
    assert "said yes" in page
    assert "<q>Enfin.</q>" in page
    assert "It entered into force." in page


def test_a_draft_opens_in_its_editor_and_ends_in_its_version(company: Company) -> None:
    number = a_draft(company)
    client = signed_in(company, "cmo")
    assert client.get(BASE + f"versions/{number}/")["Location"] == f"{BASE}drafts/{number}/"

    act(AbandonDraft(number), by=company.actor("cmo"), at=NOON)

    assert client.get(BASE + f"drafts/{number}/")["Location"] == f"{BASE}versions/{number}/"
    assert "never ruled" in text(client.get(BASE + f"versions/{number}/"))
    assert client.get(BASE + "versions/99/").status_code == 404
    assert client.get(BASE + "drafts/99/").status_code == 404


def test_two_versions_side_by_side(two_versions: Company) -> None:
    page = text(signed_in(two_versions, "crm").get(BASE + "compare/?from=1&to=2"))

    assert "Version 2 changes four cells of version 1." in page
    assert "2 letters added" in page
    assert "1 letter removed" in page
    assert "1 cell changed" in page
    assert page.count('scope="row"') == 1  # only what changes
    assert page.count('<td class="added') == 2
    assert page.count('<td class="removed') == 1
    assert page.count('<td class="changed') == 1


def test_a_draft_is_compared_with_what_rules(two_versions: Company) -> None:
    number = a_draft(two_versions, copy_of=2)
    change(two_versions, number, DEFINE, brand="I")

    page = text(signed_in(two_versions, "crm").get(BASE + f"compare/?to={number}"))

    assert f"Version {number} changes one cell of version 2." in page


def test_versions_are_exported(two_versions: Company) -> None:
    response = signed_in(two_versions, "crm").get(BASE + "versions/?export=csv")

    assert response.status_code == 200
    assert b"superseded" in response.content


# What people wrote, and how much of it


def test_names_never_become_markup(company: Company) -> None:
    with guard.permitted():
        Seat.objects.filter(key="ceo").update(name_fr="<i>PDG</i>", name_en="<i>CEO</i>")
        CompanyActivity.objects.create(
            key="x", name_fr="=1+1 <script>alert(1)</script>", domain="customer"
        )
        Cell.objects.create(
            version=MatrixVersion.objects.get(number=1),
            activity="x",
            seat_id=company.seats["ceo"],
            letters="AR",
        )
        bump()
    client = signed_in(company, "cmo")
    pages = [client.get(BASE), client.get(BASE + f"?seat={company.seats['ceo']}")]
    pages.append(client.get(BASE + f"drafts/{a_draft(company)}/"))

    for response in pages:
        assert "<script>alert" not in text(response)
        assert "<i>CEO" not in text(response)
        assert "&lt;i&gt;CEO&lt;/i&gt;" in text(response)


@pytest.mark.slow
def test_two_hundred_seats_and_sixty_activities_stay_readable(company: Company) -> None:
    _grow(company, seats=200, activities=60)
    client = signed_in(company, "cmo")
    number = a_draft(company)

    for address in ("", "?seats=all", f"drafts/{number}/", f"drafts/{number}/?seats=all"):
        before = time.perf_counter()
        page = text(client.get(BASE + address))
        seconds = time.perf_counter() - before

        assert page.count("<td") <= MAX_ROWS * MAX_COLUMNS, address
        assert page.count('scope="row"') <= MAX_ROWS, address
        assert len(page) < 3_000_000, address
        assert seconds < 5, address


def _grow(company: Company, *, seats: int, activities: int) -> None:
    """Every new activity is decided by one new seat and done by another."""
    with guard.permitted():
        function = Function.objects.get(key="marketing")
        Seat.objects.bulk_create(
            Seat(key=f"s{n:03}", function=function, name_fr=f"Siège {n:03}", name_en=f"Seat {n:03}")
            for n in range(seats)
        )
        ids = list(Seat.objects.filter(key__startswith="s0").values_list("pk", flat=True))
        CompanyActivity.objects.bulk_create(
            CompanyActivity(key=f"a{n:03}", name_fr=f"Activité {n:03}", domain="data")
            for n in range(activities)
        )
        version = MatrixVersion.objects.get(number=1)
        Cell.objects.bulk_create(
            Cell(version=version, activity=f"a{n:03}", seat_id=ids[n % len(ids)], letters="AR")
            for n in range(activities)
        )
        bump()
    assert AMEND in {cell.activity for cell in Cell.objects.filter(version=version)}
