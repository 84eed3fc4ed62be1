"""A letter is changed: drafted by marketing, corrected, agreed by IT, and the law from then on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.people import (
    AT_A_DESK,
    AT_NIGHT,
    IN_THE_SHOP,
    ON_A_PHONE,
    PLAIN,
    People,
    Person,
    Reading,
)

DEFINE = "activity.define"
PAYMENT = "Le paiement"  # the draft that marketing has proposed when the demonstration begins


def begins_a_draft(person: Person) -> int:
    """From the version in force. Returns the number of the draft."""
    person.opens("/responsibilities/")
    person.finds_it_sound("in-force")
    person.presses('.matrix-acts form[action$="/drafts/start/"] button')
    person.is_at(re.compile(r"/responsibilities/drafts/\d+/$"))
    return int(person.page.url.rstrip("/").rpartition("/")[2])


def seat(person: Person, key: str) -> int:
    return int(person.look.one("SELECT id FROM mandate_seat WHERE key = ?", key))


def letters(person: Person, draft: int, activity: str, key: str) -> str:
    """What the cell holds, in the database itself."""
    found = person.look.all(
        "SELECT c.letters FROM mandate_cell c"
        " JOIN mandate_matrixversion v ON v.id = c.version_id"
        " JOIN mandate_seat s ON s.id = c.seat_id"
        " WHERE v.number = ? AND c.activity = ? AND s.key = ?",
        draft,
        activity,
        key,
    )
    return str(found[0]) if found else ""


def cell(person: Person, activity: str, key: str) -> str:
    return f'tr[data-query*="activity={activity}"] td[data-seat="{seat(person, key)}"]'


def by_mouse(person: Person, activity: str, key: str, value: str) -> None:
    place = cell(person, activity, key)
    person[f"{place} a.cell"].click()
    person[f'{place} .picker button[value="{value}"]'].click()
    expect(person[place]).to_have_attribute("data-letters", value)


def by_keyboard(person: Person, activity: str, key: str, keys: str, value: str) -> None:
    """Go there with the arrows from the cell before it, and type the letter."""
    place = cell(person, activity, key)
    before = person[place].locator("xpath=preceding-sibling::td[1]").locator("a.cell")
    before.focus()
    person.page.keyboard.press("ArrowRight")
    expect(person[f"{place} a.cell"]).to_be_focused()
    person.page.keyboard.press(keys)
    expect(person[place]).to_have_attribute("data-letters", value)
    expect(person[f"{place} a.cell"]).to_be_focused()


def by_forms(person: Person, activity: str, key: str, value: str) -> None:
    """Without scripts a cell is a link to a page of its own; on a phone, a row is."""
    if person.reading.narrow:
        row = person[f'.matrix-list a[href*="activity={activity}"]']
        row.click()
        person.finds_it_sound("row")
        choice = f'[name="seat-{seat(person, key)}"][value="{value}"]'
        person[choice].check(force=True)  # drawn by its label
    else:
        person[f"{cell(person, activity, key)} a.cell"].click()
        person.finds_it_sound("cell")
        person[f'[name="letters"][value="{value}"]'].check()
    person.presses('form[method="post"] .btn.main')
    person.is_at(re.compile(r"/responsibilities/drafts/\d+/"))


def takes(person: Person, activity: str, key: str, value: str) -> None:
    """Set a cell in the way that suits how this person reads."""
    if person.reading.javascript and not person.reading.narrow:
        by_mouse(person, activity, key, value)
    else:
        by_forms(person, activity, key, value)


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE, PLAIN], ids=str)
def test_a_changed_letter_rules_the_very_next_request(people: People, reading: Reading) -> None:
    ariane = people("Ariane Costa", reading)
    ariane.opens("/responsibilities/activities/new/")  # she may: R
    ariane.fills(name_fr="Prêter un canapé", name_en="Lend a sofa")

    claire = people("Claire Delmas", reading)
    draft = begins_a_draft(claire)
    takes(claire, DEFINE, "cmo", "R")  # nobody decides any more: an error
    claire.reads(*claire["#findings .finding.error strong"].first.all_inner_texts())
    assert claire["#propose a.btn.main"].count() == 0, "a draft with an error can be proposed"
    claire.finds_it_sound("error")
    claire["#findings .finding.error button[name=fix]"].first.click()
    expect(claire["#findings .finding.error"]).to_have_count(0)
    claire.finds_it_sound("corrected")
    assert "A" in {letters(claire, draft, DEFINE, key) for key in ("cmo", "cio", "cdo")} | {
        letters(claire, draft, DEFINE, "cmo").replace("R", "")
    }
    takes(claire, DEFINE, "cdo", "I")

    claire.presses("#propose a.btn.main")
    claire.finds_it_sound("propose")
    claire.presses('form[action$="/propose/"] .btn.main')
    claire.is_at(re.compile(r"/decisions/\d+/$"))
    claire.finds_it_sound("proposed")
    decision = int(claire.page.url.rstrip("/").rpartition("/")[2])
    assert claire['[value="approve"]'].count() == 0, "she can approve her own request"

    paul = people("Paul Ndiaye", reading)
    paul.opens("/")
    paul.finds_it_sound("desk-of-it")
    paul[f'form[action$="/decisions/{decision}/speak/"] button[value="approve"]'].click()
    paul.is_at("/")
    paul.opens("/responsibilities/")
    paul.reads(str(draft))
    paul.finds_it_sound("new-law")
    assert letters(paul, draft, DEFINE, "cdo") == "I"

    ariane.presses('form[method="post"] .btn.main')  # the form that she had open all along
    ariane.reads("Claire Delmas")
    ariane.finds_it_sound("refused")
    assert (
        ariane.look.all("SELECT 1 FROM mandate_companyactivity WHERE name_en = 'Lend a sofa'") == []
    )


@pytest.mark.parametrize("reading", [AT_NIGHT], ids=str)
def test_the_keyboard_edits_like_a_sheet(people: People, reading: Reading) -> None:
    claire = people("Claire Delmas", reading)
    draft = begins_a_draft(claire)
    by_keyboard(claire, DEFINE, "cio", "a", "AR")
    claire.reads(*claire["#findings .finding.error strong"].first.all_inner_texts())
    assert claire["#findings .finding.error"].count() == 1  # two decide
    by_keyboard(claire, DEFINE, "cio", "a", "R")
    expect(claire["#findings .finding.error"]).to_have_count(0)
    by_keyboard(claire, DEFINE, "cio", "Delete", "")
    by_keyboard(claire, DEFINE, "cio", "c", "C")
    assert letters(claire, draft, DEFINE, "cio") == "C"
    assert letters(claire, draft, DEFINE, "cmo") == "AR"


@pytest.mark.parametrize("reading", [IN_THE_SHOP], ids=str)
def test_two_who_edit_one_cell_do_not_undo_each_other(people: People, reading: Reading) -> None:
    """What one saw is sent along: who comes second is told, and nothing is overwritten."""
    claire, paul = people("Claire Delmas", reading), people("Paul Ndiaye")
    draft = begins_a_draft(claire)
    claire[f'.matrix-list a[href*="activity={DEFINE}"]'].click()
    paul.opens(f"/responsibilities/drafts/{draft}/")
    by_mouse(paul, DEFINE, "finance", "I")
    choice = f'[name="seat-{seat(claire, "finance")}"][value="C"]'
    claire[choice].check(force=True)
    claire.presses('form[method="post"] .btn.main')
    assert letters(claire, draft, DEFINE, "finance") == "I"
    claire.finds_it_sound("somebody-was-faster")


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_a_draft_is_begun_from_a_starting_point_and_compared(
    people: People, reading: Reading
) -> None:
    claire = people("Claire Delmas", reading)
    claire.opens("/responsibilities/starting-points/marketing-led/")
    claire.finds_it_sound("starting-point")
    claire["form.form .btn.main"].click()
    claire.is_at(re.compile(r"/responsibilities/drafts/\d+/$"))
    assert claire["#findings .finding.error"].count() == 0  # valid as delivered
    claire["a[href*='/compare/']"].first.click()
    claire.is_at(re.compile(r"/responsibilities/compare/\?from=3&to=\d+$"))
    claire.finds_it_sound("compared")


@pytest.mark.parametrize("reading", [AT_A_DESK, PLAIN], ids=str)
def test_what_the_other_department_rewrote_is_asked_for_again(
    people: People, reading: Reading
) -> None:
    """Marketing proposed it, IT changes a cell and could say yes: marketing is heard once more."""
    claire, paul = people("Claire Delmas", reading), people("Paul Ndiaye", reading)
    draft = int(claire.look.one("SELECT number FROM mandate_matrixversion WHERE note = ?", PAYMENT))
    asked = int(
        claire.look.one("SELECT id FROM mandate_decision WHERE subject = ?", f"matrix:{draft}")
    )
    paul.opens(f"/responsibilities/drafts/{draft}/")
    takes(paul, DEFINE, "finance", "I")
    assert letters(paul, draft, DEFINE, "finance") == "I"
    paul.says("approve", asked)
    state = "SELECT state FROM mandate_decision WHERE id = ?"
    assert paul.look.one(state, asked) == "open", "IT decided alone what it had rewritten"
    paul.finds_it_sound("not-alone")
    claire.opens("/")
    claire.finds_it_sound("asked-again")
    claire[f'form[action$="/decisions/{asked}/speak/"] [value="confirm"]'].click()
    claire.is_at("/")
    assert claire.look.one(state, asked) == "performed"
    assert letters(claire, draft, DEFINE, "finance") == "I"
