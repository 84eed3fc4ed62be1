"""Beginning from a starting point: on its page, and from the console when nothing rules."""

from __future__ import annotations

import pytest
from django.utils import translation
from typer.testing import CliRunner

from pupitre.core.errors import Invalid
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Performed, Reason, Refused
from pupitre.rules.mandate.findings import errors
from pupitre.rules.mandate.matrix.actions import EnterIntoForce
from pupitre.rules.mandate.matrix.console import matrix_commands
from pupitre.rules.mandate.matrix.defining import DefineActivity, RetireActivity
from pupitre.rules.mandate.matrix.queries import findings_of, fresh_law
from pupitre.rules.mandate.matrix.starting import StartFromPoint, missing_activities
from pupitre.rules.mandate.models import AuditLine, CompanyActivity, MatrixVersion
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.starting_points import CATALOGUE, STARTING_POINTS, map_roles
from pupitre.rules.mandate.testing import NOON, Company, a_company, bump, vacate
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in, text

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
BASE = "/responsibilities/starting-points/"


@pytest.fixture
def company() -> Company:
    return a_company()


@pytest.fixture
def without_matrix(company: Company) -> Company:
    with guard.permitted():
        MatrixVersion.objects.all().delete()
        bump()
    return company


def proposed() -> tuple[tuple[str, int], ...]:
    roles = map_roles(current_law(), NOON.date())
    return tuple((role.value, seat) for role, seat in roles.items() if seat is not None)


@pytest.mark.parametrize("key", [point.key for point in STARTING_POINTS])
def test_each_holds_as_it_is_delivered(company: Company, key: str) -> None:
    outcome = act(StartFromPoint(key, proposed()), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Performed)
    version = MatrixVersion.objects.get(number=outcome.result)

    assert errors(findings_of(version, law=fresh_law(), day=NOON.date())) == ()
    act(EnterIntoForce(version.number), by=SETUP, at=NOON)
    assert current_law().matrix_number == version.number


def test_the_usual_activities_join_the_list_once(company: Company) -> None:
    act(StartFromPoint("duopoly", proposed()), by=company.actor("cio"), at=NOON)
    assert CompanyActivity.objects.count() == len(CATALOGUE)

    act(StartFromPoint("it-led", proposed()), by=company.actor("cio"), at=NOON)

    assert CompanyActivity.objects.count() == len(CATALOGUE)


def test_what_the_company_has_already_is_left_as_it_is(company: Company) -> None:
    first, second, third = CATALOGUE[:3]
    act(DefineActivity("Autre chose", first.name.en, "data"), by=SETUP, at=NOON)
    act(StartFromPoint("duopoly", proposed()), by=SETUP, at=NOON)
    act(RetireActivity(third.key), by=SETUP, at=NOON)

    act(StartFromPoint("duopoly", proposed()), by=SETUP, at=NOON)

    names = [own.name.en for own in CompanyActivity.objects.all()]
    assert names.count(first.name.en) == 1
    assert second.key in fresh_law().activities
    assert third.key not in fresh_law().activities  # what was retired stays so
    assert missing_activities(fresh_law()) == ()


def test_nothing_is_created_where_the_draft_is_not(company: Company) -> None:
    with pytest.raises(Invalid):
        act(StartFromPoint("duopoly", (("marketing", company.seats["cmo"]),)), by=SETUP, at=NOON)
    with pytest.raises(Refused):
        act(StartFromPoint("duopoly", proposed()), by=company.actor("crm"), at=NOON)

    assert not CompanyActivity.objects.exists()
    assert MatrixVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("point", "roles"),
    [
        ("nothing", ()),
        ("duopoly", (("pirate", 1),)),
        ("duopoly", (("marketing", 999_999), ("it", 1))),
    ],
)
def test_points_parts_and_seats_are_checked(
    company: Company, point: str, roles: tuple[tuple[str, int], ...]
) -> None:
    with pytest.raises(Invalid):
        act(StartFromPoint(point, roles or proposed()), by=company.actor("cmo"), at=NOON)


def test_a_part_is_not_given_to_an_empty_chair(company: Company) -> None:
    roles = proposed()
    vacate(company, "cdo")

    with pytest.raises(Invalid):
        act(StartFromPoint("duopoly", roles), by=company.actor("cmo"), at=NOON)


# Pages


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_five_are_tried_on_this_company(company: Company, language: str) -> None:
    page = text(signed_in(company, "crm", language=language).get(BASE))

    with translation.override(language):
        for point in STARTING_POINTS:
            assert str(point.name) in page
    if language == "en":
        assert page.count("No error in your company.") == 5


@pytest.mark.parametrize("key", [point.key for point in STARTING_POINTS])
def test_each_has_its_page_with_what_it_would_give(company: Company, key: str) -> None:
    page = text(signed_in(company, "cmo").get(f"{BASE}{key}/"))

    assert "Begin a draft from it" in page
    assert f'<option value="{company.seats["cmo"]}" selected>' in page
    assert page.count("<tr") > 20


def test_other_parts_are_tried_before_anything_is_written(company: Company) -> None:
    client = signed_in(company, "cmo")
    tried = {"marketing": company.seats["brand"], "it": company.seats["ops"]}

    page = text(client.post(BASE + "it-led/", {**tried, "try": "yes"}))

    assert f'<option value="{company.seats["brand"]}" selected>' in page
    assert "Brand manager" in page
    assert MatrixVersion.objects.count() == 1


def test_a_draft_is_begun_from_it(company: Company) -> None:
    given = {"marketing": company.seats["cmo"], "it": company.seats["cio"]}

    response = signed_in(company, "cmo").post(BASE + "duopoly/", given)

    assert response["Location"] == "/responsibilities/drafts/2/"
    held = {seat for row in _rows(2).values() for seat in row}
    assert held == {company.seats["cmo"], company.seats["cio"]}


def _rows(number: int) -> dict[str, dict[int, str]]:
    rows: dict[str, dict[int, str]] = {}
    for cell in MatrixVersion.objects.get(number=number).cells.all():
        rows.setdefault(cell.activity, {})[cell.seat_id] = cell.letters
    return rows


@pytest.mark.parametrize(
    "given", [{}, {"marketing": "1"}, {"marketing": "999999", "it": "3"}, {"it": "x"}]
)
def test_wrong_parts_are_said_at_their_field(company: Company, given: dict[str, str]) -> None:
    response = signed_in(company, "cmo").post(BASE + "duopoly/", given)

    assert response.status_code == 422
    assert "errorlist" in text(response)
    assert MatrixVersion.objects.count() == 1


def test_a_wrong_seat_reads_and_does_not_begin(company: Company) -> None:
    client = signed_in(company, "crm")
    given = {"marketing": company.seats["cmo"], "it": company.seats["cio"]}

    assert "Begin a draft from it" not in text(client.get(BASE + "duopoly/"))
    assert client.post(BASE + "duopoly/", given).status_code == 403
    assert client.get(BASE + "nothing/").status_code == 404


def test_a_company_without_it_is_told_what_is_missing(company: Company) -> None:
    vacate(company, "cio")
    vacate(company, "ops")
    client = signed_in(company, "cmo")

    assert "Head of IT" in text(client.get(BASE))
    assert "Say first who heads marketing and who heads IT." in text(client.get(BASE + "duopoly/"))


def test_nobody_begins_while_nothing_rules(without_matrix: Company) -> None:
    client = signed_in(without_matrix, "cmo")
    given = {"marketing": without_matrix.seats["cmo"], "it": without_matrix.seats["cio"]}

    assert "pupitre matrix start duopoly" in text(client.get(BASE + "duopoly/"))
    assert client.post(BASE + "duopoly/", given).status_code == 403
    with pytest.raises(Refused) as refused:
        act(StartFromPoint("duopoly", proposed()), by=without_matrix.actor("cmo"), at=NOON)
    assert refused.value.reason is Reason.NO_MATRIX


# The console


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(matrix_commands, list(arguments))
    return result.exit_code, result.output.replace("\n", " ")


def test_the_first_matrix_comes_from_the_console(without_matrix: Company) -> None:
    code, said = run("start", "duopoly")

    assert code == 0, said
    assert "is in force, from the starting point" in said
    law = current_law()
    assert law.matrix_number == 1
    assert law.row("matrix.amend")
    by = AuditLine.objects.filter(action="mandate.EnterIntoForce").values_list("actor", flat=True)
    assert list(by) == ["system:setup"]


def test_parts_are_given_on_the_command_line(without_matrix: Company) -> None:
    code, said = run("start", "marketing-led", "--role", "marketing=brand", "--role", "it=ops")

    assert code == 0, said
    row = current_law().row("matrix.amend") or {}
    assert row[without_matrix.seats["brand"]] in ("A", "AR")


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "nothing"),
        ("start", "duopoly", "--role", "pirate=cmo"),
        ("start", "duopoly", "--role", "marketing=nobody"),
        ("start", "duopoly", "--role", "marketing"),
    ],
)
def test_what_makes_no_sense_changes_nothing(
    without_matrix: Company, arguments: tuple[str, ...]
) -> None:
    code, said = run(*arguments)

    assert code == 1
    assert "There is no" in said
    assert not MatrixVersion.objects.exists()
    assert not CompanyActivity.objects.exists()


def test_the_console_does_not_replace_what_rules(company: Company) -> None:
    code, said = run("start", "duopoly")

    assert code == 1
    assert "Version 1 is in force." in said
    assert MatrixVersion.objects.count() == 1


def test_a_company_that_cannot_hold_it_gets_nothing(without_matrix: Company) -> None:
    vacate(without_matrix, "cio")
    vacate(without_matrix, "ops")

    code, said = run("start", "duopoly")

    assert code == 1
    assert "head of it" in said
    assert not MatrixVersion.objects.exists()


def test_a_matrix_with_errors_leaves_nothing_behind(without_matrix: Company) -> None:
    """The chief executive's seat is in neither department: marketing would have no voice."""
    code, said = run("start", "duopoly", "--role", "marketing=ceo")

    assert code == 1
    assert "entering into force" in said
    assert not MatrixVersion.objects.exists()
    assert not CompanyActivity.objects.exists()


def test_the_five_are_listed(company: Company) -> None:
    code, said = run("points")

    assert code == 0
    for point in STARTING_POINTS:
        assert point.key in said
