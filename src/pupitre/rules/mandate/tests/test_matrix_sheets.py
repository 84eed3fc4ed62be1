"""A matrix out to a spreadsheet and back, and every way in which a file can be wrong."""

from __future__ import annotations

import csv
import io
import string
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pupitre.core.bilingual import Bilingual
from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Row, Sheet, read_table
from pupitre.rules.mandate.contracts import CELL_VALUES, Activity, Domain, FunctionKind
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.sheets_matrix import (
    MAX_MATRIX_ROWS,
    MAX_PROBLEMS,
    MatrixImport,
    matrix_csv,
    matrix_xlsx,
    read_letters,
    read_matrix,
)
from pupitre.rules.mandate.tests.small_law import (
    ACTIVITIES,
    AMEND,
    BRAND,
    CIO,
    CMO,
    CRISIS,
    DAY,
    HEALTHY,
    TOOLS,
    Rows,
    a_law,
    with_seat,
)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def sheet(*lines: tuple[str, ...]) -> Sheet:
    rows = tuple(Row(line=number, cells=cells) for number, cells in enumerate(lines, start=1))
    return Sheet(filename="matrix.csv", rows=rows)


def read(*lines: tuple[str, ...], law: Law | None = None, scopes=()) -> MatrixImport:
    return read_matrix(sheet(*lines), law or a_law(), scopes=scopes)


def problems(*lines: tuple[str, ...], **given) -> list[str]:
    result = read(*lines, **given)
    assert not result.ok
    assert result.rows == {}
    return [str(problem) for problem in result.problems]


HEADER = ("Initiative", "Activity key", "Activity", "cmo", "cio · CIO")


class TestOut:
    def test_the_csv_of_a_matrix(self):
        text = matrix_csv(a_law(), HEALTHY, language="en").decode("utf-8-sig")
        header, *lines = list(csv.reader(io.StringIO(text)))
        assert header[:7] == [
            "Initiative",
            "Activity key",
            "Activity",
            "Domain",
            "Enforced by Pupitre",
            "ceo · Chief executive",
            "cmo · Marketing director",
        ]
        assert [line[1] for line in lines] == [
            "matrix.amend",
            "choose-tools",
            "person.erase",
            "answer-crisis",
        ]
        assert lines[3][2:5] == ["Answer a crisis", "Customers", "no"]
        assert lines[3][header.index("comms · Communication")] == "A R"
        assert lines[0][4] == "yes"

    def test_the_french_reader_gets_french_names(self):
        with translation.override("fr"):
            text = matrix_csv(a_law(), HEALTHY, language="fr").decode("utf-8-sig")
        assert text.startswith('"Chantier";"Clé de l’activité"')
        assert "Répondre à une crise" in text

    def test_the_workbook_explains_its_letters(self):
        book = load_workbook(io.BytesIO(matrix_xlsx(a_law(), HEALTHY, title="Matrix 7")))
        matrix, legend = book.worksheets
        assert matrix.title == "Matrix 7"
        assert matrix.freeze_panes == "D2"
        assert [row[0].value for row in legend.iter_rows(min_row=2)][:5] == [
            "A",
            "R",
            "A R",
            "C",
            "I",
        ]

    def test_activities_without_letters_are_lines_to_fill_in(self):
        text = matrix_csv(a_law(), {}, language="en").decode("utf-8-sig")
        assert len(text.splitlines()) == 1 + len(ACTIVITIES)

    def test_closed_seats_are_columns_only_while_they_hold_letters(self):
        law = with_seat(a_law(), BRAND, closed_on=DAY)
        assert b"brand" in matrix_csv(law, HEALTHY, language="en")
        assert b"brand" not in matrix_csv(law, {}, language="en")

    def test_formulas_in_names_are_neutralised(self):
        law = with_seat(a_law(), CMO, key="-cmd", name=Bilingual("=1+1", "=1+1"))
        activity = replace(TOOLS, name=Bilingual('=HYPERLINK("x")', '=HYPERLINK("x")'))
        law = replace(law, activities={**ACTIVITIES, TOOLS.key: activity})
        text = matrix_csv(law, HEALTHY, language="en").decode()
        assert '"\'=HYPERLINK(""x"")"' in text
        assert '"\'-cmd · =1+1"' in text
        book = load_workbook(io.BytesIO(matrix_xlsx(law, HEALTHY, title="x")))
        assert "f" not in {cell.data_type for row in book.worksheets[0] for cell in row}

    def test_more_seats_than_a_spreadsheet_has_columns(self):
        law = a_law()
        crowd = {n: replace(law.seats[CMO], id=n, key=f"s{n}") for n in range(1, 701)}
        law = replace(law, seats=crowd)
        header = matrix_csv(law, HEALTHY, language="en").decode("utf-8-sig").splitlines()[0]
        assert header.count("·") == len({seat for row in HEALTHY.values() for seat in row})
        with pytest.raises(Invalid, match="Take the PDF"):
            matrix_csv(law, {("", TOOLS.key): dict.fromkeys(crowd, "I")}, language="en")


class TestLetters:
    @pytest.mark.parametrize(
        ("text", "letters"),
        [
            *((value, value) for value in CELL_VALUES),
            *(
                (text, "AR")
                for text in ("A R", "r a", "A/R", "a+r", "R,A", "A & R", "ＡＲ", "(A) R")
            ),
            *((text, "C") for text in (" c ", "«\u00a0C\u00a0»", "C.", "c*", "\u200bC")),
            *((text, "") for text in ("", "-", "–", "·", "\u00a0")),
        ],
    )
    def test_what_people_write(self, text, letters):
        assert read_letters(text) == letters

    @pytest.mark.parametrize(
        "text",
        ["X", "AC", "A I", "R C", "ARC", "0", "yes", "=A", "A" * 5_000, "А", "🙂", "<b>A</b>"],
    )
    def test_what_makes_no_sense(self, text):
        assert read_letters(text) is None


class TestIn:
    def test_a_small_file(self):
        result = read(HEADER, ("", TOOLS.key, "anything", "a", "r"), ("", CRISIS.key, "", "A/R"))
        assert result.ok
        assert result.rows == {
            ("", TOOLS.key): {CMO: "A", CIO: "R"},
            ("", CRISIS.key): {CMO: "AR"},
        }

    def test_a_file_made_by_hand_names_things_instead_of_keys(self):
        result = read(
            ("ACTIVITÉ", "Marketing director", "dsi"),
            ("Choisir les outils", "A", "R"),
            ("answer a  crisis", "", "AR"),
        )
        assert [str(problem) for problem in result.problems] == []
        assert result.rows == {
            ("", TOOLS.key): {CMO: "A", CIO: "R"},
            ("", CRISIS.key): {CIO: "AR"},
        }

    def test_an_initiative_has_rows_of_its_own(self):
        line = ("app", TOOLS.key, "", "A", "R")
        assert read(HEADER, line, ("", *line[1:]), scopes=["app"]).rows.keys() == {
            ("app", TOOLS.key),
            ("", TOOLS.key),
        }
        result = read(HEADER, line)
        assert result.unknown_scopes == ("app",)
        assert [str(problem) for problem in result.problems] == [
            "line 2, column A: no initiative is called “app”; leave it empty, or create it."
        ]

    def test_a_line_without_letters_is_no_row(self):
        assert read(HEADER, ("", TOOLS.key, "", "", "-")).rows == {}

    def test_an_empty_column_without_header_does_no_harm(self):
        assert read((*HEADER, "", ""), ("", TOOLS.key, "", "A", "R")).ok


class TestProblems:
    def test_an_unknown_letter_is_told_by_line_and_column(self):
        lines = [("", TOOLS.key, "", "A", "X"), ("", CRISIS.key, "", "A C", "R")]
        assert problems(HEADER, *lines) == [
            "line 2, column E: letter “X” is unknown; use A, R, C, I or A R.",
            "line 3, column D: “A C” is not understood; use A, R, C, I or A R.",
        ]

    def test_an_unknown_activity(self):
        result = read(HEADER, ("", "nothing.here", "", "A", "R"), ("", "", "Dance", "A", "R"))
        assert [str(problem) for problem in result.problems] == [
            "line 2, column B: no activity is called “nothing.here”; define it first.",
            "line 3, column C: no activity is called “Dance”; define it first.",
        ]
        assert result.unknown_activities == ("nothing.here", "Dance")

    def test_a_line_about_nothing(self):
        assert problems(HEADER, ("", "", "", "A", "R")) == [
            "line 2, column C: which activity is this line about?"
        ]

    def test_two_activities_of_one_name(self):
        twin = Activity("twin", TOOLS.name, Domain.DATA)
        law = a_law(activities={**ACTIVITIES, "twin": twin})
        assert problems(("Activity", "cmo"), ("Choose tools", "AR"), law=law) == [
            "line 2, column A: several activities are called “Choose tools”; use the key."
        ]

    def test_an_unknown_seat_is_told_once(self):
        result = read((*HEADER, "Jester"), *[("", key, "", "A", "R", "I") for key in ACTIVITIES])
        assert [str(problem) for problem in result.problems] == [
            "line 1, column F: no seat is called “Jester”; open it first, or correct it."
        ]
        assert result.unknown_seats == ("Jester",)

    def test_two_seats_of_one_name(self):
        law = with_seat(a_law(), BRAND, name=a_law().seats[CMO].name)
        assert problems(("activity", "Marketing director"), ("answer-crisis", "AR"), law=law) == [
            "line 1, column B: several seats are called “Marketing director”; use the seat’s key."
        ]

    def test_a_seat_with_two_columns(self):
        assert problems((*HEADER, "CMO"), ("", TOOLS.key, "", "A", "R", "I")) == [
            "line 1, column F: the seat “Marketing director” has a column already."
        ]

    def test_letters_under_no_header(self):
        assert problems(HEADER, ("", TOOLS.key, "", "A", "R", "", "I")) == [
            "line 1, column G: this column holds letters and its header names no seat."
        ]

    def test_the_same_row_twice(self):
        line = ("", TOOLS.key, "", "A", "R")
        assert problems(HEADER, line, ("", CRISIS.key), line) == [
            "line 4: “Choose tools” stands on line 2 already; keep one of them."
        ]

    def test_a_file_about_something_else(self):
        assert problems(("name", "colour", "price"), ("apple", "red", "2")) == [
            "line 1, column B: no seat is called “colour”; open it first, or correct it.",
            "line 1, column C: no seat is called “price”; open it first, or correct it.",
            "line 2, column A: no activity is called “apple”; define it first.",
        ]
        (problem,) = problems(("colour", "price"), ("red", "2"))
        assert problem == (
            "line 1: no column is called “Activity key”; take the header of an export."
        )

    def test_ten_thousand_lines_are_refused_at_once(self):
        line = ("", TOOLS.key, "", "A", "R")
        started = time.perf_counter()
        (problem,) = problems(HEADER, *([line] * 10_000))
        assert time.perf_counter() - started < 1
        assert problem == (f"This file has 10000 lines; a matrix has at most {MAX_MATRIX_ROWS}.")

    def test_only_the_first_problems_are_told_and_the_others_counted(self):
        lines = [("", f"x{n}", "", "A", "R") for n in range(MAX_MATRIX_ROWS)]
        result = read(HEADER, *lines)
        assert len(result.problems) == MAX_PROBLEMS
        assert result.more_problems == MAX_MATRIX_ROWS - MAX_PROBLEMS
        assert len(result.unknown_activities) == MAX_PROBLEMS

    def test_what_is_quoted_is_short(self):
        (problem,) = problems(HEADER, ("", TOOLS.key, "", "A" * 4_000, "R"))
        assert len(problem) < 120

    def test_one_problem_and_nothing_is_taken(self):
        good = [("", key, "", "A", "R") for key in ACTIVITIES]
        assert read(HEADER, *good).ok
        assert read(HEADER, *good, ("", "x", "", "A", "R")).rows == {}


# Round trips. Names are whatever people may write; keys are slugs, as the database holds them.

slugs = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=12)
names = st.text(min_size=1, max_size=30)


@st.composite
def companies(draw: st.DrawFn) -> tuple[Law, Rows, Mapping[str, None]]:
    seat_keys = draw(st.lists(slugs, min_size=1, max_size=6, unique_by=str.casefold))
    keys = draw(
        st.lists(slugs.map(lambda s: s + ".x") | slugs, min_size=1, max_size=5, unique=True)
    )
    scopes = draw(st.lists(slugs, max_size=2, unique=True))
    seats = {
        number: SeatFacts(
            id=number,
            key=key,
            name=Bilingual(draw(names), draw(names | st.just(""))),
            function_id=1,
            function=Bilingual("f", "f"),
            kind=FunctionKind.OTHER,
            closed_on=draw(st.sampled_from([None, None, DAY])),
        )
        for number, key in enumerate(seat_keys, start=1)
    }
    activities = {
        key: Activity(key, Bilingual(draw(names), ""), draw(st.sampled_from(list(Domain))))
        for key in keys
    }
    rows = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(["", *scopes]), st.sampled_from(keys)),
            st.dictionaries(
                st.sampled_from(sorted(seats)), st.sampled_from(CELL_VALUES), min_size=1
            ),
        )
    )
    law = replace(a_law(), seats=seats, activities=activities, rows={})
    return law, rows, dict.fromkeys(scopes)


def there_and_back(data: bytes, name: str, law: Law, scopes: Mapping[str, None]) -> Rows:
    result = read_matrix(read_table(io.BytesIO(data), name), law, scopes=scopes)
    assert [str(problem) for problem in result.problems] == []
    return result.rows


@settings(max_examples=150, deadline=None)
@given(company=companies(), language=st.sampled_from(["fr", "en"]))
def test_csv_and_back_loses_nothing(company, language):
    law, rows, scopes = company
    with translation.override(language):
        data = matrix_csv(law, rows, language=language)
    assert there_and_back(data, "m.csv", law, scopes) == rows


@settings(max_examples=40, deadline=None)
@given(company=companies())
def test_xlsx_and_back_loses_nothing(company):
    law, rows, scopes = company
    data = matrix_xlsx(law, rows, title="matrix")
    assert there_and_back(data, "m.xlsx", law, scopes) == rows


@settings(max_examples=300, deadline=None)
@given(
    lines=st.lists(
        st.lists(
            st.sampled_from(["", "A", "a/r", "X", "cmo", "activity", AMEND.key, "Choose tools"])
            | st.text(max_size=5),
            min_size=1,
            max_size=6,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_file_is_taken_whole_or_not_at_all(lines):
    result = read(*(tuple(line) for line in lines))
    assert result.ok != bool(result.problems)
    if result.problems:
        assert result.rows == {}
    for problem in result.problems:
        assert str(problem)
    for row in result.rows.values():
        assert set(row.values()) <= set(CELL_VALUES)
