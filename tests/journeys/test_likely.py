"""A steward says of one pair that it is one person, and of another that it is two."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, People, Reading
from tests.serving import Served, serving

# Two pairs as a run would have left them: (account, card, first names, probability).
PAIRS = (
    (9_000_001, 9_000_002, ("Zéphyrine", "Zephirine"), 0.91),
    (9_000_003, 9_000_004, ("Barnabé", "Barnaby"), 0.62),
)


@pytest.fixture
def served_afresh(demonstration: Path, tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "var"
    shutil.copytree(demonstration, folder)
    found(folder / "demo" / "pupitre.sqlite3")
    with serving(folder, "--demo", "--no-worker") as running:
        yield running


def found(database: Path) -> None:
    with closing(sqlite3.connect(database)) as line, line:
        for account, card, names, probability in PAIRS:
            sides = (account, "user_id", names[0]), (card, "loyalty_card", names[1])
            for number, kind, name in sides:
                line.execute(
                    "INSERT INTO identify_identifier (id, kind, value, person, component, standing,"
                    " neighbours) VALUES (?, ?, ?, ?, ?, 0, 0)",
                    (number, kind, f"j{number}", number, number),
                )
                line.execute(
                    "INSERT INTO identify_trait (identifier_id, name, value, source, first_us,"
                    " last_us) VALUES (?, 'firstName', ?, 'web-shop', 1, 1)",
                    (number, name),
                )
            line.execute(
                "INSERT INTO identify_proposal (a_id, b_id, probability, weight, prior, reason,"
                " evidence, at, answer, answered_by, why)"
                " VALUES (?, ?, ?, 2.0, -10.0, '', ?, '2026-01-02 03:04:05', 'waiting', '', '')",
                (account, card, probability, json.dumps([["given_name", "one_slip", 12.0, 1.0]])),
            )


def person_of(served: Served, number: int) -> int:
    database = served.data_dir / "demo" / "pupitre.sqlite3"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as line:
        question = "SELECT person FROM identify_identifier WHERE id = ?"
        return int(line.execute(question, (number,)).fetchone()[0])


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_one_is_accepted_and_one_refused(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    steward = people("Adrien Colin", reading)
    steward.opens("/likely/")
    steward.finds_it_sound("likely")
    steward["form button.btn.main"].click()
    steward.reads("Zéphyrine")
    steward.finds_it_sound("proposal")
    steward['button[name="answer"][value="one"]'].click()
    steward.reads("Barnabé")
    steward['button[name="answer"][value="two"]'].click()
    steward.finds_it_sound("answered")
    (one, card, *_), (two, other, *_) = PAIRS
    assert person_of(served_afresh, one) == person_of(served_afresh, card) == one
    assert person_of(served_afresh, two) != person_of(served_afresh, other)
    steward.opens("/traits/")
    steward.finds_it_sound("traits")
