"""From a colleague's export to events: sent, corrected, imported by the worker, found again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, PLAIN, People, Reading
from tests.serving import Served, serving

SECONDS = 60  # for the worker to bring it in, on a machine with other work to do
ROWS = (
    "Client;Date;Montant TTC;Magasin\n"
    "A7;31/10/2026;1 234,50;Lyon\n"
    'A8;02/11/2026;12,5;"Nice\n(Port)"\n'
    "A9;41/11/2026;12,5;Nice\n"
)


@pytest.fixture
def served_afresh(demonstration: Path, tmp_path: Path) -> Iterator[Served]:
    """With the worker at its side, which does the imports."""
    folder = tmp_path / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo") as running:
        yield running


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE, PLAIN], ids=str)
def test_a_file_becomes_events(
    people: People, served_afresh: Served, reading: Reading, tmp_path: Path
) -> None:
    file = tmp_path / "tickets.csv"
    file.write_bytes(ROWS.encode("cp1252"))
    someone = people("Adrien Colin", reading)
    someone.opens("/imports/")
    someone.finds_it_sound("imports")
    someone['a.btn.main[href="/imports/new/"]'].click()
    someone.finds_it_sound("new")
    someone['[name="source"]'].select_option("tills")
    someone['[name="file"]'].set_input_files(file)
    someone.presses()
    someone.reads("31/10/2026")
    someone.finds_it_sound("read")
    someone['[name="name"]'].fill("Ticket")
    someone['button[value="look"]'].click()
    expect(someone["table"].first).to_contain_text("Ticket")
    someone['button[value="import"]'].click()
    someone.finds_it_sound("import")
    for _ in range(SECONDS):
        if someone["#import .good"].count():
            break
        someone.page.wait_for_timeout(1_000)
        if not reading.javascript:
            someone.page.reload()
    expect(someone["#import .good"]).to_be_visible()
    someone.finds_it_sound("done")
    someone['#import a[href^="/quarantine/"]'].click()
    line = "ligne 5" if reading.language == "fr" else "line 5"
    someone.reads(f"tickets.csv, {line}")
    someone.opens("/explorer/?source=tills&by=name")
    someone.reads("Ticket")
