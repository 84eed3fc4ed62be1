"""A customer asks by right: a letter becomes a copy, handed over; an erasure, its receipt."""

from __future__ import annotations

import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, PLAIN, People, Person, Reading
from tests.serving import Served, serving

SECONDS = 360  # for the worker to hear a year of events, on a machine with other work to do
STILL = 10  # without a round: the worker is through with what there is
_READ = "SELECT max(row) FROM identify_bookmark"
_SOMEBODY = """
SELECT value FROM identify_identifier
WHERE kind = 'email' AND person IS NOT NULL ORDER BY id DESC LIMIT 1
"""


@pytest.fixture
def served_afresh(demonstration: Path, tmp_path: Path) -> Iterator[Served]:
    """With the worker at its side, which follows the lake and carries out what is decided."""
    folder = tmp_path / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo") as running:
        yield running


def somebody(served: Served, reader: Person) -> str:
    """The address of somebody of whom the worker has heard everything: whoever becomes known by
    something more is looked at again before they are erased."""
    file = f"file:{served.data_dir / 'demo' / 'pupitre.sqlite3'}?mode=ro"
    before, still = None, 0
    for _ in range(SECONDS):
        with closing(sqlite3.connect(file, uri=True, timeout=10)) as line:
            found, read = line.execute(_SOMEBODY).fetchone(), line.execute(_READ).fetchone()
        still = still + 1 if read == before else 0
        if found and still >= STILL:
            return str(found[0])
        before = read
        reader.page.wait_for_timeout(1_000)
    raise AssertionError("the worker has heard of nobody")


def enters(person: Person, right: str, address: str) -> str:
    """A letter becomes a request whose sender is known; gives the address of its page."""
    person.opens("/rights/")
    person.finds_it_sound("list")
    person['a.btn.main[href="/rights/new/"]'].click()
    person.finds_it_sound("new")
    person['[name="right"]'].select_option(right)
    person['[name="value"]'].fill(address)
    person['[name="way"]'].select_option("letter")
    person['[name="words"]'].fill("Bonjour, je vous écris à ce sujet.")
    person.presses()
    person.is_at(re.compile(r"/rights/\d+/$"))
    where = "/" + person.page.url.split("/", 3)[3]
    person.finds_it_sound("received")
    person[f'a[href="{where}identity/"]'].click()
    person['[name="how"][value="called_back"]'].check()
    person.finds_it_sound("identity")
    person.presses()
    person.is_at(where)
    return where


def until(person: Person, selector: str, *, reload: bool) -> None:
    for _ in range(SECONDS):
        if person[selector].count():
            break
        person.page.wait_for_timeout(1_000)
        if reload:
            person.page.reload()
    expect(person[selector].first).to_be_visible()


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE, PLAIN], ids=str)
def test_answering_an_access_request(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    """Mireille answers for requests: she decides alone, and takes the copy out."""
    officer = people("Mireille Faure", reading)
    address = somebody(served_afresh, officer)
    where = enters(officer, "access", address)
    officer[f'a[href="{where}answer/"]'].click()
    officer['[name="answer"]'].fill("Voici ce que nous avons.")
    officer.finds_it_sound("answer")
    officer.presses()
    officer.is_at(where)
    until(officer, f'form[action="{where}copy/"]', reload=True)
    officer.finds_it_sound("ready")
    with officer.page.expect_download() as download:
        officer[f'form[action="{where}copy/"] button'].click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert address in packed.read("data.json").decode()
    officer.opens(where)
    expect(officer["h1 .good"]).to_be_visible()
    with officer.page.expect_download() as again:  # for an hour, should the first have broken off
        officer[f'form[action="{where}copy/"] button'].click()
    with zipfile.ZipFile(again.value.path()) as packed:
        assert packed.testzip() is None
    officer.finds_it_sound("answered")


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_erasing_a_customer(people: People, served_afresh: Served, reading: Reading) -> None:
    """Marketing and IT decide together; the receipt names nobody, and nobody finds them again."""
    officer = people("Mireille Faure", reading)
    address = somebody(served_afresh, officer)
    where = enters(officer, "erasure", address)
    officer[f'a[href="{where}erase/"]'].click()
    officer.finds_it_sound("asking")
    officer.presses("form .btn.danger")
    officer.is_at(re.compile(r"/decisions/\d+/$"))
    decision = int(officer.page.url.rstrip("/").rsplit("/", 1)[1])
    for name in ("Claire Delmas", "Paul Ndiaye"):
        other = people(name)
        other.says("approve", decision)
    officer.opens(where)
    officer.finds_it_sound("under-way")
    until(officer, "h1 .good", reload=True)
    officer.finds_it_sound("receipt")
    assert address not in officer.text
    assert officer["tbody tr"].count() > 5
    officer.opens("/rights/new/")
    officer['[name="right"]'].select_option("access")
    officer['[name="value"]'].fill(address)
    officer['[name="way"]'].select_option("letter")
    officer.presses()
    officer.is_at(re.compile(r"/rights/\d+/$"))
    expect(officer['a[href$="/customer/"]']).to_be_visible()  # nobody is known by it
