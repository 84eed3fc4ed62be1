"""From a name half heard in a shop to what helps now: found, opened, read."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, PLAIN, People, Person, Reading
from tests.serving import Served, serving

SECONDS = 240  # for the worker to hear a year of events, on a machine with other work to do
_SOMEBODY = """
SELECT i.person, g.value, s.value FROM identify_identifier i
JOIN identify_trait g ON g.identifier_id = i.id AND g.name = 'firstName'
JOIN identify_trait s ON s.identifier_id = i.id AND s.name = 'lastName' AND s.source = g.source
JOIN identify_wordof w ON w.identifier_id = i.id
WHERE i.kind = 'user_id' AND i.person IS NOT NULL AND length(s.value) > 5
ORDER BY i.id LIMIT 1
"""


@pytest.fixture
def served_afresh(demonstration: Path, tmp_path: Path) -> Iterator[Served]:
    """With the worker at its side, which follows the lake."""
    folder = tmp_path / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo") as running:
        yield running


def somebody(served: Served, reader: Person) -> tuple[int, str, str]:
    """Somebody whom the worker has heard of: the number of their page, their names."""
    file = f"file:{served.data_dir / 'demo' / 'pupitre.sqlite3'}?mode=ro"
    for _ in range(SECONDS):
        with closing(sqlite3.connect(file, uri=True, timeout=10)) as line:
            found = line.execute(_SOMEBODY).fetchone()
        if found:
            return found
        reader.page.wait_for_timeout(1_000)
    raise AssertionError("the worker has heard of nobody")


def misspelt(name: str) -> str:
    """Two letters in the middle change their places."""
    at = len(name) // 2
    return name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :]


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE, PLAIN], ids=str)
def test_a_shop_assistant_finds_and_reads(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    """She holds R: one press opens the page. She sees no address, and scrolls to the end."""
    adviser = people("Léa Moreau", reading)
    number, first, last = somebody(served_afresh, adviser)
    adviser.opens("/people/")
    adviser.finds_it_sound("search")
    adviser["#q"].fill(f"{first} {misspelt(last)}")
    if not reading.javascript:
        adviser["form.find button"].click()
    button = adviser[f'#found form[action="/people/{number}/"] button']
    expect(button).to_be_visible()
    adviser.finds_it_sound("found")
    button.click()
    expect(adviser["h1"]).to_contain_text(last)
    expect(adviser[".helps"]).to_be_visible()
    expect(adviser[".masked"].first).to_be_visible()
    assert "@" not in adviser.text
    adviser.finds_it_sound("read")
    events = adviser[".timeline > li"]
    many = events.count()
    assert many
    older = adviser[".older a"]
    if older.count():
        if reading.javascript:
            adviser.page.mouse.wheel(0, 100_000)
            older.first.scroll_into_view_if_needed()
            expect(events.nth(many)).to_be_attached()
        else:
            older.click()
            assert adviser[".timeline > li"].count()
    adviser["#timeline select[name=kind]"].select_option("purchases")
    adviser["#timeline .filters button"].click()
    adviser.finds_it_sound("narrowed")


def test_the_marketing_director_says_why_and_the_audit_knows(
    people: People, served_afresh: Served
) -> None:
    director = people("Claire Delmas", AT_A_DESK)
    number, _first, last = somebody(served_afresh, director)
    director.opens(f"/people/{number}/")
    assert last not in director.text
    director.finds_it_sound("closed")
    director["form button.main"].click()
    expect(director['[name="reason"][aria-invalid]']).to_be_visible()
    director['[name="reason"]'].fill("Réclamation reçue ce matin")
    director["form button.main"].click()
    expect(director["h1"]).to_contain_text(last)
    director.opens("/audit/")
    director.reads(f"client {number}")


def test_who_has_no_letter_is_refused_with_the_row(people: People, served_afresh: Served) -> None:
    controller = people("Anaïs Petit", AT_A_DESK)
    controller.opens("/people/")
    controller.reads("Lire la fiche d’un client")
    controller.finds_it_sound("refused")
