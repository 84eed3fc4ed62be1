"""The company's own activities: defined, changed, retired, brought back."""

from __future__ import annotations

import pytest
from django.test import Client

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.findings import FindingCode
from pupitre.rules.mandate.matrix.defining import (
    BringBackActivity,
    ChangeActivity,
    DefineActivity,
    RetireActivity,
    key_for,
)
from pupitre.rules.mandate.matrix.queries import findings_of, fresh_law
from pupitre.rules.mandate.models import CompanyActivity, MatrixVersion
from pupitre.rules.mandate.testing import FIRST_DAY, NOON, Company, a_company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import (
    a_draft,
    change,
    holds,
    noon_on_the_clock,
    signed_in,
    text,
)

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
CRISIS = DefineActivity("Répondre à une crise", "Answer a crisis", "customer")


@pytest.fixture
def company() -> Company:
    built = a_company()
    set_letters(built, "activity.define", "dpo", "")  # nobody is consulted: A acts at once
    return built


def defined(company: Company, action: DefineActivity = CRISIS) -> str:
    outcome = act(action, by=company.actor("cdo"), at=NOON)
    assert isinstance(outcome, Performed)
    return str(outcome.result)


def test_a_new_activity_is_known_at_once(company: Company) -> None:
    key = defined(company)

    activity = fresh_law().activities[key]
    assert (key, activity.name.fr, activity.enforced) == (
        "answer-a-crisis",
        "Répondre à une crise",
        False,
    )


def test_r_asks_and_a_decides(company: Company) -> None:
    outcome = act(CRISIS, by=company.actor("cmo"), at=NOON)

    assert isinstance(outcome, Waiting)
    assert not CompanyActivity.objects.exists()


@pytest.mark.parametrize("seat", ["ceo", "crm", "ops"])
def test_others_are_refused(company: Company, seat: str) -> None:
    with pytest.raises(Refused):
        act(CRISIS, by=company.actor(seat), at=NOON)


@pytest.mark.parametrize(
    "action",
    [
        DefineActivity("", "", "customer"),
        DefineActivity("   ", "", "customer"),
        DefineActivity("x" * 121, "", "customer"),
        DefineActivity("Deux\nlignes", "", "customer"),
        DefineActivity("Autre", "", "marketing"),
        DefineActivity("Exporter le journal", "", "data"),  # an enforced one has this name
        DefineActivity("Autre", "EXPORT THE AUDIT LOG", "data"),
    ],
)
def test_names_and_domains_are_checked(company: Company, action: DefineActivity) -> None:
    with pytest.raises(Invalid):
        act(action, by=company.actor("cdo"), at=NOON)

    assert not CompanyActivity.objects.exists()


def test_two_activities_do_not_share_a_name(company: Company) -> None:
    defined(company)

    with pytest.raises(Invalid):
        act(DefineActivity("Répondre à une crise", "", "data"), by=company.actor("cdo"), at=NOON)


@pytest.mark.parametrize(
    ("french", "english", "key"),
    [
        ("Répondre à une crise", "", "repondre-a-une-crise"),
        ("Répondre", "Answer a crisis", "answer-a-crisis"),
        ("<script>", "", "script"),
        ("=1+1", "", "11"),
    ],
)
def test_a_key_is_made_of_the_name(french: str, english: str, key: str) -> None:
    assert key_for(french, english) == key


def test_a_name_without_latin_letters_has_a_key_too() -> None:
    keys = {key_for(name, "") for name in ("应对危机", "إدارة الأزمات", "🦊")}

    assert len(keys) == 3
    assert all(key.isascii() and key.isalnum() for key in keys)


def test_names_in_every_script_are_shown_as_text(company: Company) -> None:
    names = ["<b>Gras</b> & “Cie”", "=HYPERLINK(1)", "إدارة الأزمات", "应对危机", "🦊 Malin"]
    for name in names:
        defined(company, DefineActivity(name, "", "customer"))

    page = text(signed_in(company, "cmo").get("/responsibilities/activities/"))

    assert "&lt;b&gt;Gras&lt;/b&gt; &amp; “Cie”" in page
    assert "<b>Gras" not in page
    for name in names[1:]:
        assert name in page


def test_a_change_keeps_the_key_and_the_letters(company: Company) -> None:
    key = defined(company)
    number = a_draft(company)
    change(company, number, key, crm="AR", cmo="R")

    act(
        ChangeActivity(key, "Gérer une crise", "Handle a crisis", "process", True),
        by=company.actor("cdo"),
        at=NOON,
    )

    assert fresh_law().activities[key].joint
    assert holds(company, number, key, "crm") == "AR"
    found = findings_of(MatrixVersion.objects.get(number=number), law=fresh_law(), day=NOON.date())
    assert FindingCode.JOINT_ONE_SIDED in {finding.code for finding in found}


def test_a_retired_activity_keeps_its_name_where_it_was_written(company: Company) -> None:
    key = defined(company)
    number = a_draft(company)
    change(company, number, key, crm="AR", cmo="I")

    act(RetireActivity(key), by=company.actor("cdo"), at=NOON)

    found = findings_of(MatrixVersion.objects.get(number=number), law=fresh_law(), day=FIRST_DAY)
    orphan = next(f for f in found if f.code is FindingCode.ACTIVITY_UNKNOWN)
    assert orphan.subject is not None
    assert orphan.subject.fr == "Répondre à une crise"
    with pytest.raises(Invalid):
        change(company, number, key, ops="R")
    page = text(signed_in(company, "cmo").get(f"/responsibilities/drafts/{number}/"))
    assert "Answer a crisis" in page


def test_a_retired_activity_is_brought_back_and_not_defined_twice(company: Company) -> None:
    key = defined(company)
    act(RetireActivity(key), by=company.actor("cdo"), at=NOON)
    with pytest.raises(Invalid):
        act(CRISIS, by=company.actor("cdo"), at=NOON)
    with pytest.raises(Invalid):
        act(RetireActivity(key), by=company.actor("cdo"), at=NOON)

    act(BringBackActivity(key), by=company.actor("cdo"), at=NOON)

    assert key in fresh_law().activities
    with pytest.raises(Invalid):
        act(BringBackActivity(key), by=company.actor("cdo"), at=NOON)


def test_the_form_leads_back_to_the_draft(company: Company) -> None:
    number = a_draft(company)
    given = {"name_fr": "Répondre à une crise", "domain": "customer", "draft": number}

    response = signed_in(company, "cdo").post("/responsibilities/activities/new/", given)

    assert response.status_code == 302
    assert response["Location"] == (
        f"/responsibilities/drafts/{number}/row/?scope=&activity=repondre-a-une-crise"
    )


def test_the_form_says_what_is_wrong_at_its_field(company: Company) -> None:
    client = signed_in(company, "cdo")
    given = {"name_fr": "Exporter le journal", "domain": "data"}

    response = client.post("/responsibilities/activities/new/", given)

    assert response.status_code == 422
    assert "There is an activity “Export the audit log” already." in text(response)


def test_a_wrong_seat_reads_the_row_that_refuses(company: Company) -> None:
    given = {"name_fr": "Répondre à une crise", "domain": "customer"}

    response = signed_in(company, "crm").post("/responsibilities/activities/new/", given)

    assert response.status_code == 403
    assert "Define a company activity" in text(response)
    assert "Chief digital officer" in text(response)


def test_pages_change_retire_and_bring_back(company: Company) -> None:
    key = defined(company)
    client = signed_in(company, "cdo")
    base = f"/responsibilities/activities/{key}/"

    assert client.get(base).status_code == 200
    assert "Retire the activity “Answer a crisis”?" in text(client.get(base + "retire/"))
    given = {"name_fr": "Gérer une crise", "name_en": "Handle a crisis", "domain": "process"}
    assert client.post(base, given).status_code == 302
    assert fresh_law().activities[key].name.en == "Handle a crisis"
    assert client.post(base + "retire/").status_code == 302
    assert key not in fresh_law().activities
    assert client.get(base).status_code == 404
    assert client.post(base + "bring-back/").status_code == 302
    assert key in fresh_law().activities


def test_reading_a_page_changes_nothing(company: Company) -> None:
    key = defined(company)
    client: Client = signed_in(company, "cdo")

    for page in ("", "retire/", "bring-back/"):
        client.get(f"/responsibilities/activities/{key}/{page}")

    assert key in fresh_law().activities


def test_the_software_may_define_while_it_is_set_up(company: Company) -> None:
    assert isinstance(act(CRISIS, by=SETUP, at=NOON), Performed)
