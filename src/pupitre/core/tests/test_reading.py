"""Reading a stranger's table: every encoding and separator of daily life, and no hostile file."""

from __future__ import annotations

import contextlib
import io
import time
from datetime import date, datetime

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Sheet, column_name, place, read_table
from pupitre.core.spreadsheets.reading import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_PARTS,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    MAX_UPLOAD_BYTES,
)
from pupitre.core.tests.hostile import archive, sheet_xml, with_part, workbook

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def read(data: bytes, name: str = "table.csv") -> Sheet:
    return read_table(io.BytesIO(data), name)


def cells(data: bytes, name: str = "table.csv") -> list[tuple[str, ...]]:
    return [row.cells for row in read(data, name).rows]


# CSV as it comes


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_separator_in_every_encoding(separator, encoding):
    text = separator.join(["siège", "e-mail"]) + "\r\n" + separator.join(["Éva", "e@x.fr"])
    assert cells(text.encode(encoding)) == [("siège", "e-mail"), ("Éva", "e@x.fr")]


def test_a_comma_inside_french_cells_is_no_separator():
    data = "Nom, prénom;Siège\r\nMorel, Claire;Directrice\r\nBlanc, Odile;Relation".encode()
    assert cells(data)[1] == ("Morel, Claire", "Directrice")


def test_excels_own_separator_line_wins_and_keeps_the_numbering():
    sheet = read(b"sep=;\na,b;c\n1,2;3")
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, ("a,b", "c")), (3, ("1,2", "3"))]


def test_blank_lines_are_left_out_but_counted():
    assert [row.line for row in read(b"a;b\n\n;;\nc;d\n").rows] == [1, 4]


def test_a_cell_may_hold_line_ends_and_quotation_marks():
    sheet = read(b'a,b\n"one ""big""\nline",2\nx,y\n')
    assert sheet.rows[1].cells == ('one "big"\nline', "2")
    assert sheet.rows[2].line == 3, "the number that a spreadsheet shows, not the file's lines"


def test_beyond_its_last_cell_a_row_is_empty():
    row = read(b"a;b").rows[0]
    assert (row.text(1), row.text(2), row.text(3), row.text(0)) == ("a", "b", "", "")


def test_names_in_every_script_arrive_whole():
    names = ["Đặng Thị Hoa", "محمد الأمين", "李小龙", "Ольга", "नेहा", "👩‍💻 Zoë"]
    assert cells(("nom\n" + "\n".join(names)).encode())[1:] == [(name,) for name in names]


def test_our_own_apostrophe_is_taken_off_and_only_that_one():
    assert cells(b"x\n'=1+1\n''=a\n'abc\n=raw\n")[1:] == [("=1+1",), ("'=a",), ("'abc",), ("=raw",)]


# XLSX as it comes


def test_a_workbook_reads_as_the_person_sees_it():
    data = workbook(
        [
            ["Nom", "Depuis", "Vu", "Part", "Oui", None],
            ["Éva", date(2026, 11, 24), datetime(2026, 11, 24, 9, 30), 12.0, True],  # noqa: DTZ001
            [None, None],
            [7, 0.5],
        ],
        sheets=2,
    )
    sheet = read(data, "table.xlsx")
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (1, ("Nom", "Depuis", "Vu", "Part", "Oui")),
        (2, ("Éva", "2026-11-24", "2026-11-24 09:30:00", "12", "true")),
        (4, ("7", "0.5")),
    ]


def test_content_decides_not_the_name():
    assert cells(workbook([["a", "b"]]), "really.csv") == [("a", "b")]


def test_a_workbook_that_lies_about_its_size_is_read_to_its_end():
    body = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>v{n}</t></is></c></row>'
        for n in range(1, 6)
    )
    data = with_part(workbook([["x"]]), SHEET, sheet_xml(body, dimension="A1:A2"))
    assert len(read(data, "t.xlsx").rows) == 5


# What is refused, and how it is said


def refusal(data: bytes, name: str = "table.csv") -> str:
    with pytest.raises(Invalid) as refused:
        read(data, name)
    return str(refused.value)


@pytest.mark.parametrize("data", [b"", b"  \r\n ", "\ufeff".encode(), b";;;\n;;\n"])
def test_an_empty_file_is_called_empty(data):
    assert refusal(data) == "This file is empty."


def test_one_byte_too_many():
    exact = b"a;b\n" + b"x" * 4000 + b"\n"
    fits = exact * (MAX_UPLOAD_BYTES // len(exact))
    assert read(fits[: MAX_UPLOAD_BYTES - 1]).rows
    assert "5 MB" in refusal(fits + b"x" * (MAX_UPLOAD_BYTES + 1 - len(fits)))


def test_too_many_lines():
    assert len(read(b"h\n" + b"x\n" * MAX_ROWS).rows) == MAX_ROWS + 1
    assert "20\u202f000 lines" in refusal(b"h\n" + b"x\n" * (MAX_ROWS + 1))


def test_too_many_columns_say_where():
    assert read(b";".join([b"x"] * MAX_COLUMNS))
    assert refusal(b"a;b\n" + b";".join([b"x"] * (MAX_COLUMNS + 1))).startswith("Line 2: more than")


def test_an_endless_cell_says_its_line_and_column():
    long = b"x" * (MAX_CELL_CHARACTERS + 1)
    assert refusal(b"a;b;c\n1;2;" + long).startswith("Line 2, column C: this cell holds more")
    assert refusal(b"a;b\n1;" + b"x" * 200_000).startswith("Line 2")


@pytest.mark.parametrize("broken", [b'a,b\n"open,2\n', b'a,b\n"x"y,2\n'])
def test_quotation_marks_that_do_not_match(broken):
    assert refusal(broken).startswith("Line 2: the quotation marks")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", "face.png"),
        (b"%PDF-1.7 hello", "report.pdf"),
        (b"a;b\x00c", "t.csv"),
        (b"\x81\x8d\x90\xff", "t.csv"),
        (b"<html>", "t.xlsx"),
        (archive({"word/document.xml": b"<x/>"}), "letter.docx"),
        (archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "t.ods"),
    ],
)
def test_what_is_no_table(data, name):
    assert "not a table that we can read" in refusal(data, name)


def test_a_password_or_an_old_excel():
    assert "password" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "t.xls")


def test_macros():
    data = with_part(workbook([["a"]]), "xl/vbaProject.bin", b"macro")
    assert "macros" in refusal(data, "t.xlsm")


def test_a_truncated_workbook():
    assert "damaged" in refusal(workbook([["a", "b"]] * 50)[:-40], "t.xlsx")


@pytest.mark.parametrize(
    "content",
    [
        b"not xml at all",
        b"",
        sheet_xml('<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'),
        sheet_xml('<row r="x"><c r="??"><v>1</v></c></row>'),
        sheet_xml("", before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    ],
)
def test_a_workbook_with_nonsense_inside(content):
    assert "damaged" in refusal(with_part(workbook([["a"]]), SHEET, content), "t.xlsx")


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = with_part(workbook([["a"]]), SHEET, b" " * (MAX_UNPACKED_BYTES + 1))
    assert len(data) < MAX_UPLOAD_BYTES
    before = time.process_time()
    assert "far too large" in refusal(data, "t.xlsx")
    assert time.process_time() - before < 0.2


def test_thousands_of_parts_are_refused():
    data = archive({"xl/workbook.xml": b"<x/>"} | {f"p{n}": b"" for n in range(MAX_PARTS + 1)})
    assert "far too large" in refusal(data, "t.xlsx")


def test_an_entity_bomb_is_not_expanded():
    entities = "".join(
        f'<!ENTITY {name} "{f"&{previous};" * 10}">'
        for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    bomb = f'<!DOCTYPE lol [<!ENTITY a "aaaaaaaaaa">{entities}]>'
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&i;</t></is></c></row>'
    data = with_part(workbook([["a"]]), SHEET, sheet_xml(cell, before=bomb))
    before = time.process_time()
    assert "damaged" in refusal(data, "t.xlsx")
    assert time.process_time() - before < 1


def test_a_row_numbered_a_million_is_too_many_lines():
    cell = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    data = with_part(workbook([["a"]]), SHEET, sheet_xml(cell))
    before = time.process_time()
    with pytest.raises(Invalid):
        read(data, "t.xlsx")
    assert time.process_time() - before < 5


@given(st.binary(max_size=300), st.sampled_from(["t.csv", "t.xlsx", "t", "../../etc/passwd.csv"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_and_nothing_else(data, name):
    try:
        sheet = read(data, name)
    except Invalid:
        return
    assert sheet.rows
    assert all(cell == cell.strip() for row in sheet.rows for cell in row.cells)


@given(st.binary(min_size=1, max_size=60), st.integers(min_value=0, max_value=4000))
@settings(max_examples=60, deadline=None)
def test_a_workbook_with_any_damage_is_read_or_refused(noise, position):
    data = bytearray(workbook([["a", "b"], ["c", "d"]]))
    data[position : position + len(noise)] = noise
    with contextlib.suppress(Invalid):
        assert read(bytes(data), "t.xlsx").rows


# Places


@pytest.mark.parametrize(
    ("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA"), (600, "WB")]
)
def test_columns_are_named_as_on_screen(column, name):
    assert column_name(column) == name


def test_places_in_both_languages():
    assert place(4, 3) == "line 4, column C"
    with translation.override("fr"):
        assert place(4, 3) == "ligne\xa04, colonne\xa0C"
        assert place(4) == "ligne\xa04"
