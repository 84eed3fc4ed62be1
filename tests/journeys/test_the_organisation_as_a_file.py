"""The organisation leaves as a file, is changed in a spreadsheet, and comes back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, PLAIN, People, Person, Reading


def taken_out(person: Person) -> list[list[str]]:
    """The export, as a spreadsheet of this person's language reads it."""
    person.opens("/organisation/import/")
    person.finds_it_sound("files")
    with person.page.expect_download() as download:
        person['a[href$="/organisation/export/"]'].click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    mark = ";" if person.reading.language == "fr" else ","
    rows = list(csv.reader(io.StringIO(text), delimiter=mark))
    assert len(rows) > 30
    return rows


def brought_in(person: Person, rows: list[list[str]], name: str = "organisation.csv") -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    person.opens("/organisation/import/")
    file = {"name": name, "mimeType": "text/csv", "buffer": text.getvalue().encode("utf-8-sig")}
    person['input[type="file"]'].set_input_files(files=[file])  # type: ignore[list-item]
    person.presses()


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_errors_are_told_by_line_and_column_then_it_is_confirmed(
    people: People, reading: Reading
) -> None:
    odile = people("Odile Renaud", reading)
    rows = taken_out(odile)
    titles = rows[0]
    brand = next(row for row in rows if "brand" in row)
    line = rows.index(brand) + 1
    kind, places, french = 3, 9, 6
    assert len(titles) == 16

    wrong = [list(row) for row in rows]
    wrong[line - 1][kind] = "astrologie"
    wrong[line - 1][places] = "beaucoup"
    brought_in(odile, wrong, "faux.csv")
    problems = odile["table tbody tr"].all_inner_texts()
    assert len(problems) == 2
    for said, column, letter in zip(problems, (kind, places), "DJ", strict=True):
        assert re.search(rf"\b{line}\b", said), said
        assert re.search(rf"\b{letter}\b", said), said
        assert titles[column] in said
    assert "astrologie" in problems[0]
    odile.finds_it_sound("problems")

    right = [list(row) for row in rows]
    right[line - 1][french] = "Responsable des marques"
    brought_in(odile, right)
    odile.reads("Responsable des marques")
    odile.finds_it_sound("preview")
    name = "SELECT name_fr FROM mandate_seat WHERE key = 'brand'"
    assert odile.look.one(name) == "Responsable de marque", "a preview wrote something"
    odile.presses('form [name="sealed"] ~ .acts .btn.main')
    odile.is_at("/organisation/")
    odile.finds_it_sound("asked")
    assert odile.look.one(name) == "Responsable de marque", "those consulted were not waited for"

    asked = int(odile.look.one("SELECT max(id) FROM mandate_decision"))
    ariane = people("Ariane Costa", reading)
    ariane.opens("/organisation/import/pending/")
    ariane.reads("Responsable des marques")
    ariane.finds_it_sound("pending")
    ariane.says("opine", asked, verdict="for")
    odile.says("carry_out", asked)
    odile.is_at(re.compile(rf"/decisions/{asked}/$"))
    assert odile.look.one(name) == "Responsable des marques"


@pytest.mark.parametrize("reading", [AT_A_DESK, PLAIN], ids=str)
def test_a_file_that_is_none_is_refused_in_words(people: People, reading: Reading) -> None:
    odile = people("Odile Renaud", reading)
    odile.opens("/organisation/import/")
    file = {"name": "photo.xlsx", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n" * 40}
    odile['input[type="file"]'].set_input_files(files=[file])  # type: ignore[list-item]
    odile.presses()
    odile.is_at("/organisation/import/")
    assert odile["#id_file"].get_attribute("aria-invalid") == "true"
    odile.finds_it_sound("not-a-sheet")
