"""What leaves for a spreadsheet: shown, never run; and the same when it comes back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import (
    MAX_EXPORT_ROWS,
    Page,
    check_export_size,
    read_table,
    safe_cell,
    write_csv,
    write_workbook,
    write_xlsx,
)

FORMULAS = ["=1+1", "+33 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"]
DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")


def parsed(data: bytes, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def xlsx(data: bytes):
    return load_workbook(io.BytesIO(data)).active


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text_in_both_formats(text):
    assert safe_cell(text) == f"'{text}"
    assert parsed(write_csv(["h"], [[text]], language="en"), ",")[1] == [f"'{text}"]
    cell = xlsx(write_xlsx(["h"], [[text]]))["A2"]
    # XML knows no carriage return of its own: it comes back as a line feed.
    assert (cell.data_type, cell.value) == ("s", f"'{text}".replace("\r", "\n"))


def test_a_formula_in_the_header_too():
    assert parsed(write_csv(["=h"], [], language="en"), ",") == [["'=h"]]
    assert xlsx(write_xlsx(["=h"], []))["A1"].data_type == "s"


def test_numbers_stay_numbers_and_negative_ones_are_no_formula():
    values = [-5, -3.5, Decimal("-1.50"), 0]
    sheet = xlsx(write_xlsx(list("abcd"), [values]))
    assert [(cell.data_type, cell.value) for cell in sheet[2]] == [
        ("n", -5),
        ("n", -3.5),
        ("n", -1.5),
        ("n", 0),
    ]
    assert write_csv(["a"], [values], language="en").endswith(b"\r\n-5,-3.5,-1.50,0\r\n")
    assert write_csv(["a"], [values], language="fr").endswith(b"\r\n-5;-3,5;-1,50;0\r\n")


def test_tiny_and_huge_numbers_keep_every_digit():
    assert write_csv(["a"], [[1e-05, 10**16, 10**15 - 1]], language="en").endswith(
        b'\r\n0.00001,"10000000000000000",999999999999999\r\n'
    )
    assert safe_cell(10**15) == "1000000000000000"
    assert safe_cell(float("nan")) is None
    assert safe_cell(float("-inf")) is None


def test_french_excel_gets_semicolons_and_english_commas():
    rows = [["Claire, Paul; et Inès", 1.5]]
    french, english = (write_csv(["nom", "n"], rows, language=code) for code in ("fr", "en-gb"))
    assert french.startswith(b"\xef\xbb\xbf")
    assert parsed(french, ";") == [["nom", "n"], ["Claire, Paul; et Inès", "1,5"]]
    assert parsed(english, ",") == [["nom", "n"], ["Claire, Paul; et Inès", "1.5"]]


def test_every_text_is_quoted_so_that_no_other_separator_splits_it():
    assert b'"a,=1+1"' in write_csv(["h"], [["a,=1+1"]], language="fr")


def test_days_and_instants():
    at = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    with timezone.override("Europe/Paris"):
        row = [date(2026, 11, 24), at, date(1789, 7, 14)]
        assert write_csv(["h"], [row], language="fr").endswith(
            b'"2026-11-24";"2026-11-24 23:30:00";"1789-07-14"\r\n'
        )
        values = [cell.value for cell in xlsx(write_xlsx(["a", "b", "c"], [row]))[2]]
    assert values == [datetime(2026, 11, 24), datetime(2026, 11, 24, 23, 30), "1789-07-14"]  # noqa: DTZ001


def test_yes_and_no_in_the_readers_language():
    with translation.override("en"):
        assert [safe_cell(True), safe_cell(False)] == ["yes", "no"]
    with translation.override("fr"):
        assert [safe_cell(True), safe_cell(False)] == ["oui", "non"]


def test_characters_that_no_file_can_carry_are_dropped():
    assert safe_cell("a\x00\x0b\x1f\ud800\uffffb\tc\nd") == "ab\tc\nd"
    assert safe_cell("\x00=1") == "'=1", "what hides before a formula does not hide it"
    assert xlsx(write_xlsx(["h"], [["\x07ring"]]))["A2"].value == "ring"


def test_a_cell_longer_than_excels_says_that_it_goes_on():
    value = xlsx(write_xlsx(["h"], [["x" * 40_000]]))["A2"].value
    assert len(value) == 32_767
    assert value.endswith("x…")


def test_html_is_only_text():
    hostile = "<script>alert(1)</script>&amp;\"'"
    assert xlsx(write_xlsx(["h"], [[hostile]]))["A2"].value == hostile


@pytest.mark.parametrize("title", ["a/b:c*d?e[f]g\\h", "x" * 60, "", "'", "\x07", "Été"])
def test_any_title_makes_a_sheet(title):
    assert xlsx(write_xlsx(["h"], [], title=title)).title


def test_several_sheets_in_one_workbook():
    data = write_workbook(
        Page(title="Sièges", header=["nom"], rows=[["DSI"]], frozen_columns=1),
        Page(title="Sièges", header=["x"], rows=[["=2"]]),
    )
    book = load_workbook(io.BytesIO(data))
    assert len(book.worksheets) == 2
    assert book.worksheets[0].freeze_panes == "B2"
    assert book.worksheets[1]["A2"].value == "'=2"


def test_too_many_rows_are_refused_as_soon_as_they_are_seen():
    seen = 0

    def endless():
        nonlocal seen
        while True:
            seen += 1
            yield ["x"]

    with translation.override("en"), pytest.raises(Invalid, match="more than 100\u202f000 rows"):
        write_csv(["h"], endless(), language="en")
    assert seen == MAX_EXPORT_ROWS + 1
    check_export_size(MAX_EXPORT_ROWS)
    with pytest.raises(Invalid):
        check_export_size(MAX_EXPORT_ROWS + 1)


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"),
    min_size=1,
    max_size=40,
).map(lambda text: text.strip())


@given(st.lists(st.lists(texts, min_size=2, max_size=4), min_size=1, max_size=8))
@settings(max_examples=80, deadline=None)
def test_what_was_written_comes_back_as_it_was(rows):
    header = ["premier", "second", "tiers", "quart"]
    kept = [tuple(_trimmed(row)) for row in [header, *rows]]
    kept = [row for row in kept if row]
    files = {
        "t.csv": write_csv(header, rows, language="fr"),
        "u.csv": write_csv(header, rows, language="en"),
        "t.xlsx": write_xlsx(header, rows),
    }
    for name, data in files.items():
        assert [row.cells for row in read_table(io.BytesIO(data), name).rows] == kept


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


@given(st.lists(st.text(max_size=30), min_size=1, max_size=5))
@settings(max_examples=80, deadline=None)
def test_whatever_the_text_nothing_that_leaves_is_a_formula(row):
    for cell in xlsx(write_xlsx(["h"] * len(row), [row]))[2]:
        assert cell.data_type != "f"
    for cell in parsed(write_csv(["h"] * len(row), [row], language="fr"), ";")[1]:
        assert not cell.startswith(DANGEROUS)
