"""Editing a draft over HTTP: with and without script, alone and against somebody else."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from django.http import HttpResponse
from django.test import Client

from pupitre.rules.mandate import deciding
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.matrix.actions import AbandonDraft, EnterIntoForce
from pupitre.rules.mandate.matrix.defining import DefineScope
from pupitre.rules.mandate.matrix.table import row_id
from pupitre.rules.mandate.models import Cell, Decision, MatrixVersion, Scope
from pupitre.rules.mandate.testing import (
    NOON,
    Company,
    a_company,
    deputise,
    set_letters,
    vacate,
)
from pupitre.rules.mandate.tests.matrix_kit import (
    AMEND,
    DEFINE,
    EXPORT,
    HTMX,
    a_draft,
    audited,
    change,
    element,
    holds,
    noon_on_the_clock,
    signed_in,
    text,
)

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
BASE = "/responsibilities/drafts/2/"


@pytest.fixture
def company() -> Company:
    return a_company()


@pytest.fixture
def draft(company: Company) -> int:
    return a_draft(company)


@pytest.fixture
def marketing(company: Company, draft: int) -> Client:
    return signed_in(company, "cmo")


def set_cell(
    client: Client,
    company: Company,
    activity: str,
    seat: str,
    letters: str,
    *,
    was: str = "",
    page: str = "",
    htmx: bool = True,
    given: Mapping[str, str] | None = None,
) -> HttpResponse:
    asked = {
        "scope": "",
        "activity": activity,
        "seat": str(company.seats[seat]),
        "letters": letters,
        "was": was,
        **(given or {}),
    }
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{BASE}{page}"} if htmx else {}
    return client.post(BASE + "cell/", asked, headers=headers)


# The page


def test_the_editor_opens_with_what_keeps_it_from_ruling(
    company: Company, marketing: Client
) -> None:
    change(company, 2, EXPORT, cio="A")

    page = text(marketing.get(BASE))

    assert element(page, "lead") == (
        '<h1 class="lead" id="lead">One error keeps version 2 from entering into force: '
        "<strong>two seats are accountable for “Export the audit log”</strong>; "
        "only one may be.</h1>"
    )
    assert "Keep only “DPO”" in page
    assert "One error has to be corrected first." in element(page, "propose")
    assert "disabled" in element(page, "propose")


def test_the_editor_says_what_changes(company: Company, marketing: Client) -> None:
    change(company, 2, EXPORT, cio="C")

    changes = element(text(marketing.get(BASE)), "changes")

    assert "Version 2 changes one cell of version 1." in changes
    assert "?from=1&amp;to=2" in changes


def test_others_read_the_draft_and_are_told_who_prepares_it(company: Company, draft: int) -> None:
    page = text(signed_in(company, "crm").get(BASE))

    assert "Your seat reads this draft and does not change it." in page
    assert "Chief marketing officer" in element(page, "notes")
    assert "data-grid" not in page
    assert 'class="btn main"' not in page


# A cell, without script


def test_a_cell_has_a_page_of_its_own(company: Company, marketing: Client) -> None:
    address = f"{BASE}cell/?scope=&activity={EXPORT}&seat={company.seats['cio']}&view=domain%3Ddata"
    page = text(marketing.get(address))

    assert "What does “CIO” do in <strong>“Export the audit log”</strong>?" in page
    assert page.count('type="radio"') == 6
    response = set_cell(
        marketing, company, EXPORT, "cio", "R", htmx=False, given={"view": "domain=data&evil=//x"}
    )
    assert response.status_code == 302
    assert response["Location"] == BASE + "?domain=data"
    assert holds(company, 2, EXPORT, "cio") == "R"
    assert "Export the audit log, CIO: R" in text(marketing.get(BASE))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_speaks_the_readers_language(company: Company, draft: int, language: str) -> None:
    page = text(signed_in(company, "cmo", language=language).get(BASE))

    assert f'<html lang="{language}"' in page
    name = {"fr": "Exporter le journal", "en": "Export the audit log"}[language]
    assert name in page


@pytest.mark.parametrize("letters", ["X", "RA", "a", "A R", "<A>", "AA", "I" * 500])
def test_unknown_letters_change_nothing(company: Company, marketing: Client, letters: str) -> None:
    response = set_cell(marketing, company, EXPORT, "ceo", letters, was="I")

    assert response.status_code == 422
    assert "is not a letter: use A, R, A R, C or I." in text(response)
    assert holds(company, 2, EXPORT, "ceo") == "I"
    assert audited() == ["mandate.StartDraft"]


@pytest.mark.parametrize(
    "more",
    [
        {"activity": "nothing.such"},
        {"activity": ""},
        {"scope": "nowhere"},
        {"seat": "999999"},
        {"seat": ""},
        {"seat": "x"},
        {"seat": "9" * 5_000},
    ],
)
def test_a_place_that_does_not_exist_changes_nothing(
    company: Company, marketing: Client, more: dict[str, str]
) -> None:
    cells = Cell.objects.count()

    response = set_cell(marketing, company, EXPORT, "cio", "R", given=more)

    assert response.status_code == 422
    assert Cell.objects.count() == cells


# A cell, with HTMX


def test_a_click_opens_the_letters_in_the_cell(company: Company, marketing: Client) -> None:
    address = f"{BASE}cell/?scope=&activity={EXPORT}&seat={company.seats['ceo']}"

    fragment = text(marketing.get(address, headers=HTMX))

    assert "<html" not in fragment
    choices = re.findall(r'name="letters" value="(\w*)" aria-pressed="(\w+)"', fragment)
    assert [choice for choice, _pressed in choices] == ["", "A", "R", "AR", "C", "I"]
    assert dict(choices)["I"] == "true"
    assert 'name="was" value="I"' in fragment
    assert fragment.count('aria-pressed="true"') == 1


def test_fragments_are_the_parts_of_the_page(company: Company, marketing: Client) -> None:
    fragment = text(set_cell(marketing, company, EXPORT, "cio", "A"))

    page = text(marketing.get(BASE))
    parts = ["lead", "notes", "findings", "changes", "propose"]
    parts += [row_id("", EXPORT), row_id("", EXPORT) + "-item"]
    for part in parts:
        assert _plain(element(fragment, part)) == _plain(element(page, part)), part


def _plain(html: str) -> str:
    """Tokens against forgery differ from one answer to the next."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", html)


def test_only_what_changed_is_sent(company: Company, marketing: Client) -> None:
    fragment = text(set_cell(marketing, company, EXPORT, "cio", "C"))

    assert fragment.count("<template>") == 2  # the row, and its item on a phone
    assert row_id("", AMEND) not in fragment
    assert "Export the audit log, CIO: C" in element(fragment, "said")


def test_rows_whose_marks_change_come_too(company: Company, marketing: Client) -> None:
    """An empty chair is ringed in every row: giving its letters away clears them all."""
    vacate(company, "dpo")

    page = text(marketing.get(BASE))
    fixes = re.findall(r'name="fix" value="(\w+)"[^>]*>Give them to', page)
    fragment = text(marketing.post(BASE + "fix/", {"fix": fixes[0]}, headers=HTMX))

    changed = {
        row_id("", activity) for activity in (EXPORT, DEFINE, "seat.appoint", "member.admit")
    }
    for row in changed:
        assert f'id="{row}"' in fragment
    assert not Cell.objects.filter(version__number=2, seat_id=company.seats["dpo"]).exists()
    assert "raci a error" not in fragment


def test_a_fragment_keeps_to_the_rows_of_its_page(company: Company, marketing: Client) -> None:
    fragment = text(set_cell(marketing, company, EXPORT, "cio", "C", page="?domain=people"))

    assert row_id("", EXPORT) not in fragment
    assert "Version 2 changes one cell" in element(fragment, "changes")


def test_a_wrong_seat_is_refused_by_the_row(company: Company, draft: int) -> None:
    client = signed_in(company, "crm")

    for response in (
        set_cell(client, company, EXPORT, "crm", "A"),
        set_cell(client, company, EXPORT, "crm", "A", htmx=False),
        client.post(BASE + "row/", {"activity": EXPORT, "clear": "yes"}),
        client.post(BASE + "fix/", {"fix": "0" * 24}),
        client.post(BASE + "abandon/"),
        client.post(BASE + "propose/"),
        client.post(BASE + "import/"),
    ):
        assert response.status_code == 403
        assert "Amend the responsibility matrix" in text(response)
        assert "Chief marketing officer" in text(response)
    assert holds(company, 2, EXPORT, "crm") == ""
    assert MatrixVersion.objects.get(number=2).state == "draft"


def test_a_deputy_edits_for_the_seat(company: Company, draft: int) -> None:
    deputise(company, "cio", deputy="ops", starts=NOON.date(), ends=NOON.date())
    client = signed_in(company, "ops")
    client.post("/desk/seat/", {"seat": company.seats["cio"]})

    assert set_cell(client, company, EXPORT, "cio", "C").status_code == 200
    assert holds(company, 2, EXPORT, "cio") == "C"


# Two people


def test_two_browsers_on_one_cell(company: Company, marketing: Client) -> None:
    """Both see it empty. The first sets R; the second is told, and sees the R."""
    technology = signed_in(company, "cio")
    assert set_cell(technology, company, EXPORT, "cio", "R").status_code == 200

    late = set_cell(marketing, company, EXPORT, "cio", "C")

    assert late.status_code == 422
    assert "Somebody else has just changed this cell." in text(late)
    assert 'data-letters="R"' in element(text(late), row_id("", EXPORT))
    assert holds(company, 2, EXPORT, "cio") == "R"
    again = set_cell(marketing, company, EXPORT, "cio", "C", was="R")
    assert again.status_code == 200
    assert holds(company, 2, EXPORT, "cio") == "C"


def test_two_browsers_without_script(company: Company, marketing: Client) -> None:
    set_cell(signed_in(company, "cio"), company, EXPORT, "cio", "R", htmx=False)

    response = set_cell(marketing, company, EXPORT, "cio", "C", htmx=False)

    assert response.status_code == 302
    assert "Somebody else has just changed this cell." in text(marketing.get(BASE))
    assert holds(company, 2, EXPORT, "cio") == "R"


@pytest.mark.parametrize("ending", ["abandoned", "in force"])
def test_a_draft_that_is_one_no_more(company: Company, marketing: Client, ending: str) -> None:
    if ending == "abandoned":
        act(AbandonDraft(2), by=company.actor("cio"), at=NOON)
    else:
        act(EnterIntoForce(2), by=SETUP, at=NOON)

    fragment = set_cell(marketing, company, EXPORT, "cio", "R")
    assert fragment["HX-Redirect"] == "/responsibilities/versions/2/"
    for address, given in (
        ("cell/", {"activity": EXPORT, "seat": company.seats["cio"], "letters": "R"}),
        ("row/", {"activity": EXPORT, "clear": "yes"}),
        ("fix/", {"fix": "0" * 24}),
        ("propose/", {}),
        ("abandon/", {}),
        ("import/", {}),
        ("initiative/", {"name_fr": "Noël"}),
    ):
        response = marketing.post(BASE + address, given)
        assert response["Location"] == "/responsibilities/versions/2/", address
    assert holds(company, 2, EXPORT, "cio") == ""
    assert "no longer a draft" in text(marketing.get("/responsibilities/versions/2/"))


# A row


def test_a_row_is_a_form(company: Company, marketing: Client) -> None:
    page = text(marketing.get(f"{BASE}row/?scope=&activity={EXPORT}"))

    assert page.count("<fieldset") == len(company.seats)
    assert page.count('type="radio"') == 6 * len(company.seats)
    given = dict(re.findall(r'name="(was-\d+)" value="(\w*)"', page))
    given |= {name.replace("was-", "seat-"): letters for name, letters in given.items()}
    given[f"seat-{company.seats['cio']}"] = "R"
    given[f"seat-{company.seats['ceo']}"] = ""

    response = marketing.post(BASE + "row/", {"activity": EXPORT, "scope": "", **given})

    assert response["Location"] == BASE
    assert (holds(company, 2, EXPORT, "cio"), holds(company, 2, EXPORT, "ceo")) == ("R", "")
    assert holds(company, 2, EXPORT, "dpo") == "AR"


def test_saving_a_row_as_it_is_is_no_act(company: Company, marketing: Client) -> None:
    seat = company.seats["dpo"]

    response = marketing.post(
        BASE + "row/", {"activity": EXPORT, f"seat-{seat}": "AR", f"was-{seat}": "AR"}
    )

    assert response.status_code == 302
    assert audited() == ["mandate.StartDraft"]
    assert "Nothing was changed." in text(marketing.get(BASE))


def test_a_row_is_saved_whole_or_not_at_all(company: Company, marketing: Client) -> None:
    ceo, cio = company.seats["ceo"], company.seats["cio"]
    given = {
        "activity": EXPORT,
        f"seat-{ceo}": "C",
        f"was-{ceo}": "I",
        f"seat-{cio}": "Q",
        f"was-{cio}": "",
    }

    marketing.post(BASE + "row/", given)

    assert (holds(company, 2, EXPORT, "ceo"), holds(company, 2, EXPORT, "cio")) == ("I", "")


def test_a_row_is_emptied(company: Company, marketing: Client) -> None:
    marketing.post(BASE + "row/", {"activity": EXPORT, "scope": "", "clear": "yes"})

    assert not Cell.objects.filter(version__number=2, activity=EXPORT).exists()
    lead = element(text(marketing.get(BASE)), "lead")
    assert "the matrix says nothing of “Export the audit log”" in lead


@pytest.mark.parametrize("address", ["row/?activity=nothing", "row/?scope=x&activity=" + EXPORT])
def test_a_row_that_is_not_there(marketing: Client, address: str) -> None:
    assert marketing.get(BASE + address)["Location"] == BASE


# Remedies


def remedies(page: str) -> dict[str, str]:
    """The one-click remedies of a page: what each says, and its token."""
    found = re.findall(r'<button class="btn" name="fix" value="(\w+)">([^<]+)<', page)
    return {label: token for token, label in found}


@pytest.mark.parametrize("htmx", [True, False])
def test_a_remedy_corrects_in_one_click(company: Company, marketing: Client, htmx: bool) -> None:
    change(company, 2, EXPORT, cio="A")
    found = remedies(text(marketing.get(BASE)))

    response = marketing.post(
        BASE + "fix/", {"fix": found["Keep only “DPO”"]}, headers=HTMX if htmx else {}
    )

    assert response.status_code == (200 if htmx else 302)
    assert (holds(company, 2, EXPORT, "dpo"), holds(company, 2, EXPORT, "cio")) == ("AR", "C")
    if htmx:
        assert "Nothing keeps version 2" in element(text(response), "lead")
        assert "disabled" not in element(text(response), "propose")


def test_a_remedy_of_yesterdays_page_does_nothing(company: Company, marketing: Client) -> None:
    change(company, 2, EXPORT, cio="A")
    found = remedies(text(marketing.get(BASE)))
    change(company, 2, EXPORT, cio="R", cdo="A")  # somebody else has gone on

    response = marketing.post(BASE + "fix/", {"fix": found["Keep only “DPO”"]}, headers=HTMX)

    assert response.status_code == 422
    assert "this remedy was not applied" in text(response)
    assert holds(company, 2, EXPORT, "cdo") == "A"
    assert audited().count("mandate.EditDraft") == 2


# Initiatives


def test_an_initiative_is_named_and_given_a_row(company: Company, marketing: Client) -> None:
    named = marketing.post(
        BASE + "initiative/", {"name_fr": "Noël 2026", "name_en": "Christmas 2026"}
    )
    assert named["Location"] == BASE + "initiative/"
    assert Scope.objects.get().key == "christmas-2026"

    given = marketing.post(BASE + "initiative/", {"scope": "christmas-2026", "activity": EXPORT})

    assert given["Location"] == BASE + f"row/?scope=christmas-2026&activity={EXPORT}"
    assert holds(company, 2, EXPORT, "dpo", scope="christmas-2026") == "AR"
    page = text(marketing.get(BASE))
    assert "repeats the company’s" in page or "says the same as the company’s" in page
    marketing.post(BASE + "row/", {"scope": "christmas-2026", "activity": EXPORT, "clear": "yes"})
    assert not Cell.objects.filter(scope="christmas-2026").exists()
    assert holds(company, 2, EXPORT, "dpo") == "AR"


def test_an_initiatives_row_is_not_copied_over_another(company: Company, marketing: Client) -> None:
    act(DefineScope("Noël", ""), by=company.actor("cmo"), at=NOON)
    change(company, 2, EXPORT, scope="noel", dpo="C")

    response = marketing.post(BASE + "initiative/", {"scope": "noel", "activity": EXPORT})

    assert response.status_code == 422
    assert holds(company, 2, EXPORT, "dpo", scope="noel") == "C"


@pytest.mark.parametrize(
    "given",
    [{"name_fr": ""}, {"name_fr": "x" * 500}, {"scope": "nowhere", "activity": EXPORT}, {}],
)
def test_a_wrong_initiative_is_said(marketing: Client, given: dict[str, str]) -> None:
    response = marketing.post(BASE + "initiative/", given)

    assert response.status_code == 422
    assert not Scope.objects.exists()


# Proposing


def test_proposing_says_who_must_speak_and_opens_a_decision(
    company: Company, marketing: Client
) -> None:
    change(company, 2, EXPORT, cio="C")
    page = text(marketing.get(BASE + "propose/"))
    assert "IT has still to say yes." in page
    assert "CIO</span> (CIO)" in page
    assert "Version 2 changes one cell of version 1." in page

    response = marketing.post(BASE + "propose/")

    decision = Decision.objects.get()
    assert response["Location"] == decision.page_url
    assert "It waits for: CIO." in text(marketing.get(decision.page_url))
    notes = element(text(marketing.get(BASE)), "notes")
    assert "CMO proposed this draft just now." in notes
    deciding.approve(decision_id=decision.pk, by=company.actor("cio"), at=NOON)
    assert "Version 2 has ruled since" in text(marketing.get("/responsibilities/"))


def test_errors_are_said_on_the_way(company: Company, marketing: Client) -> None:
    change(company, 2, EXPORT, cio="A")

    assert "disabled" in text(marketing.get(BASE + "propose/"))
    response = marketing.post(BASE + "propose/")

    assert response.status_code == 422
    assert "keeps version 2 from entering into force" in text(response)
    assert not Decision.objects.exists()


def test_a_draft_is_proposed_once(company: Company, marketing: Client) -> None:
    marketing.post(BASE + "propose/")

    response = signed_in(company, "cio").post(BASE + "propose/")

    assert Decision.objects.count() == 1
    assert response["Location"] == Decision.objects.get().page_url


def test_the_draft_says_whose_yes_an_edit_would_void(company: Company, marketing: Client) -> None:
    set_letters(company, AMEND, "brand", "R")
    outcome = act(EnterIntoForce(2), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    deciding.approve(decision_id=outcome.decision_id, by=company.actor("brand"), at=NOON)

    before = element(text(marketing.get(BASE)), "notes")
    assert "Changing it voids what has been said: BRAND (Brand manager)." in before
    fragment = text(set_cell(marketing, company, EXPORT, "cio", "C"))

    after = element(fragment, "notes")
    assert "It has changed since, so everybody has to read it again." in after
    assert "BRAND" not in after
    assert Decision.objects.get().round == 2


def test_another_version_in_force_is_said(company: Company, marketing: Client) -> None:
    assert a_draft(company, by="cio") == 3
    act(EnterIntoForce(3), by=SETUP, at=NOON)

    notes = element(text(marketing.get(BASE)), "notes")

    assert "This draft began from version 1; version 3 has entered into force since." in notes


def test_a_draft_says_what_it_is_for(company: Company, marketing: Client) -> None:
    described = marketing.post(BASE + "describe/", {"note": "  Le  <b>paiement</b>\n "})

    assert described["Location"] == BASE
    assert "Le &lt;b&gt;paiement&lt;/b&gt;" in text(marketing.get(BASE))
    assert "Le &lt;b&gt;paiement&lt;/b&gt;" in text(marketing.get("/responsibilities/drafts/"))
    marketing.post(BASE + "describe/", {"note": "x" * 201})
    assert "Keep it under 200 characters." in text(marketing.get(BASE))
    assert MatrixVersion.objects.get(number=2).note == "Le <b>paiement</b>"
    assert signed_in(company, "crm").post(BASE + "describe/", {"note": "?"}).status_code == 403


def test_giving_a_draft_up_is_asked_first(company: Company, marketing: Client) -> None:
    assert "Abandon draft 2?" in text(marketing.get(BASE + "abandon/"))
    assert MatrixVersion.objects.get(number=2).state == "draft"

    response = marketing.post(BASE + "abandon/")

    assert response["Location"] == "/responsibilities/drafts/"
    assert MatrixVersion.objects.get(number=2).state == "abandoned"


def test_a_proposed_draft_is_not_given_up(company: Company, marketing: Client) -> None:
    marketing.post(BASE + "propose/")

    response = marketing.post(BASE + "abandon/")

    assert response.status_code == 422
    assert "A decision about draft 2 is open" in text(response)
    assert MatrixVersion.objects.get(number=2).state == "draft"


# My desk


def test_an_unfinished_draft_waits_on_its_authors_desk(company: Company, marketing: Client) -> None:
    change(company, 2, EXPORT, cio="A")
    desk = text(marketing.get("/"))
    assert "Finish draft 2 of the matrix, or give it up" in desk
    assert "It has one error to correct." in desk
    assert "Finish draft 2" not in text(signed_in(company, "cio").get("/"))

    change(company, 2, EXPORT, cio="C")
    assert "It has no error: it can be proposed." in text(marketing.get("/"))
    vacate(company, "dpo")
    assert "It has one error to correct." in text(marketing.get("/"))

    deputise(company, "dpo", deputy="crm", starts=NOON.date(), ends=NOON.date())
    marketing.post(BASE + "propose/")
    assert "Finish draft 2" not in text(marketing.get("/"))
