"""The matrix on paper, read back from the real PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

import pupitre.core
from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, FunctionKind
from pupitre.rules.mandate.findings import find
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix_pdf import TEMPLATE, Printing, matrix_pages, matrix_pdf
from pupitre.rules.mandate.matrix_print import (
    A3_SEATS,
    FLAT_NAMES,
    GRID_CELLS,
    GRID_SEATS,
    NAMES_PRINTED,
    blocks_of,
    fits_grid,
    legible,
)
from pupitre.rules.mandate.tests.small_law import (
    ACTIVITIES,
    BRAND,
    CEO,
    CIO,
    CMO,
    COMMS,
    CRM,
    DAY,
    DPO,
    ENFORCED,
    ERASE,
    HEALTHY,
    TOOLS,
    Rows,
    a_law,
    with_row,
    with_seat,
)

PRINTING = Printing(number=8, state="draft", day=DAY)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def printed(
    rows: Rows = HEALTHY, *, law: Law | None = None, printing: Printing = PRINTING
) -> list[str]:
    """The text of each page, without blanks and without the hyphens of line ends."""
    law = law or a_law()
    findings = find(law, day=DAY, rows=rows, enforced=ENFORCED, scopes=printing.scopes)
    data = matrix_pdf(law, rows, findings=findings, printing=printing)
    assert data.startswith(b"%PDF")
    return [packed(page.extract_text()) for page in PdfReader(io.BytesIO(data)).pages]


def packed(text: str) -> str:
    return re.sub(r"[\s\u00ad]|-\n", "", text)


def crowd(count: int) -> Law:
    """A company of so many seats, one in ten of them in marketing."""
    law = a_law()
    seats = {
        n: replace(
            law.seats[CMO],
            id=n,
            key=f"s{n}",
            name=Bilingual(f"Siège {n}", f"Chair {n}"),
            kind=list(FunctionKind)[n % 10],
            superior_id=None,
        )
        for n in range(1, count + 1)
    }
    return replace(law, seats=seats)


class TestWhatIsPrinted:
    def test_every_name_and_letter_of_a_small_matrix(self):
        (page,) = printed()
        for seat in a_law().seats.values():
            assert packed(seat.name.en) in page
        for activity in ACTIVITIES.values():
            assert packed(activity.name.en) in page
        for said in ("Responsibilitymatrix·Version8·draft·20Nov2026", "Technology", "Customers"):
            assert said in page
        assert "AnsweracrisisIRAR" in page  # in the order of the columns: executive, relations…
        assert "EraseapersonIAR" in page

    def test_it_opens_with_how_things_stand(self):
        assert "Nothingkeepsversion8fromenteringintoforce." in printed()[0]
        rows = with_row(HEALTHY, TOOLS.key, cio="A")
        text = "".join(printed(with_row(rows, ERASE.key, crm="")))
        assert "twoseatsareaccountablefor“Choosetools”;onlyonemaybe." in text
        assert "1error,1warning" in text
        assert "“Marketingdirector”and“CIO”approvesidebyside." in text
        assert "Customerrelationswillanswercustomerswithoutknowing." in text

    def test_a_version_in_force_says_so(self):
        printing = replace(PRINTING, number=7, state="in force", in_force=True)
        assert "Version7isinforce." in printed(printing=printing)[0]

    def test_the_french_reader_reads_french_names(self):
        with translation.override("fr"):
            (page,) = printed()
        assert "Directricegénérale" in page
        assert "Déléguéeauxdonnées" in page
        assert "Effacerunepersonne" in page
        assert "20nov.2026" in page

    def test_what_is_left_out_is_said(self):
        rows = {("", TOOLS.key): {CMO: "A", CIO: "R", BRAND: "I"}}
        page = printed(rows)[0].split("Whatdeservesalook")[0]
        assert "6seatswithoutaletterareleftout." in page
        assert "3activitieswithoutarowareleftout." in page
        assert "Chiefexecutive" not in page

    def test_empty_chairs_are_marked(self):
        law = with_seat(with_seat(a_law(), COMMS, holders=()), CRM, closed_on=DAY)
        page = printed(law=law)[0]
        assert "Communicationvacant" in page
        assert "Customerrelationsclosed" in page

    def test_rows_of_an_initiative_stand_apart(self):
        rows = with_row(HEALTHY, ERASE.key, scope="app", dpo="A", ops="AR", crm="C")
        printing = replace(PRINTING, scopes={"app": Bilingual("Application", "Mobile app")})
        text = "".join(printed(rows, printing=printing))
        assert "Fortheinitiative“Mobileapp”,insteadofthecompany’srows" in text
        assert text.count("Eraseaperson") >= 2
        table = text.split("insteadofthecompany’srows")[1].split("Whatdeservesalook")[0]
        assert "Dataprotectionofficer" in table
        assert "Chiefexecutive" not in table

    def test_a_retired_activity_keeps_its_name(self):
        gone = Activity("gone", Bilingual("Ancienne", "Bygone"), Domain.DATA)
        rows = {**HEALTHY, ("", "gone"): {CMO: "A", CIO: "R"}}
        assert "Bygone" in printed(rows, printing=replace(PRINTING, retired={"gone": gone}))[0]

    def test_an_empty_matrix_is_a_page_all_the_same(self):
        (page,) = printed({})
        assert "Version8" in page


HOSTILE = [
    '#panic("no")',
    "*bold* _it_ `raw`",
    "$ x^2 $ @ref <label>",
    "= title",
    "// gone /* too */",
    "\\u{41} \\ #sys.inputs",
    "<script>alert('1')</script>",
    '"quoted" ‘single’ «guillemets»',
    "a ~ b -- c --- d ...",
    "]]}})) #{ [",
    "=HYPERLINK(1)",
    "%(seats)s {0} ${x}",
]


class TestWhatPeopleWrite:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_markup_is_printed_as_it_is(self, text):
        law = with_seat(a_law(), CMO, name=Bilingual(text, text))
        activity = replace(TOOLS, name=Bilingual(text, text))
        law = replace(law, activities={**ACTIVITIES, TOOLS.key: activity})
        rows = with_row(HEALTHY, TOOLS.key, cio="A")
        page = "".join(printed(rows, law=law, printing=replace(PRINTING, state=text)))
        assert page.count(packed(text)) >= 4  # column, row, stamp, finding

    @pytest.mark.parametrize("name", ["Éloïse Ÿ Œuvre", "Ørsted Łódź Ğ", "Ελληνικά", "Кириллица"])
    def test_accents_and_alphabets_that_our_fonts_have(self, name):
        law = with_seat(a_law(), CMO, name=Bilingual(name, name))
        assert packed(name) in printed(law=law)[0]

    @pytest.mark.parametrize("name", ["مديرة التسويق", "市場部長", "ผู้อำนวยการ", "마케팅", "שיווק"])
    def test_a_script_that_no_font_may_have_brings_its_key(self, name):
        law = with_seat(a_law(), CMO, name=Bilingual(name, name))
        assert "(cmo)" in printed(law=law)[0]
        assert legible("Éloïse", "cmo") == "Éloïse"

    @settings(max_examples=25, deadline=None)
    @given(name=st.text(max_size=120), activity=st.text(min_size=1, max_size=120))
    def test_any_text_gives_a_pdf(self, name, activity):
        law = with_seat(a_law(), CMO, name=Bilingual(name, name))
        named = replace(TOOLS, name=Bilingual(activity, activity))
        law = replace(law, activities={**ACTIVITIES, TOOLS.key: named})
        assert matrix_pdf(law, HEALTHY, findings=(), printing=PRINTING).startswith(b"%PDF")

    def test_long_names_are_printed_whole(self):
        name = "Responsable de la coordination " * 3 + "des métiers de la donnée"
        law = with_seat(crowd(FLAT_NAMES + 4), 3, name=Bilingual(name, name))
        rows = {("", TOOLS.key): dict.fromkeys(law.seats, "I")}
        assert packed(name) in "".join(printed(rows, law=law))


class TestSize:
    @pytest.mark.parametrize("seats", [1, FLAT_NAMES, FLAT_NAMES + 1, 16, 17, A3_SEATS])
    def test_the_paper_grows_with_the_seats(self, seats):
        law = crowd(seats)
        rows = {("", TOOLS.key): dict.fromkeys(law.seats, "I")}
        data = matrix_pdf(law, rows, findings=(), printing=PRINTING)
        (page,) = PdfReader(io.BytesIO(data)).pages
        width_mm = round(float(page.mediabox.width) / 72 * 25.4)
        assert width_mm == (297 if seats <= 16 else 420)
        text = packed(page.extract_text())
        assert all(f"Chair{n}" in text for n in law.seats)

    def test_the_header_is_said_again_on_every_page(self):
        law = crowd(12)
        listed = {
            f"x{n}": Activity(f"x{n}", Bilingual(f"X{n}", ""), Domain.DATA) for n in range(90)
        }
        law = replace(law, activities=listed)
        pages = printed({("", key): {1: "A", 2: "R", 12: "I"} for key in listed}, law=law)
        tables = [page for page in pages if re.search(r"X\d", page)]
        assert len(tables) > 2
        for page in tables:
            assert "Chair12" in page
            assert "Data" in page

    def test_many_seats_are_cut_into_parts_that_leave_rows_out(self):
        law = crowd(2 * A3_SEATS + 3)
        rows = {("", TOOLS.key): dict.fromkeys(law.seats, "I"), ("", ERASE.key): {1: "A"}}
        pages = [page.split("Whatdeservesalook")[0] for page in printed(rows, law=law)]
        assert ["Seats1to19of55" in p for p in pages] == [True, False, False]
        assert ["Seats39to55of55" in p for p in pages] == [False, False, True]
        assert ["Eraseaperson" in p for p in pages] == [True, False, False]
        assert "eachleavesouttherowsthatdonotnameitsseats" in pages[0]
        assert all(any(f"Chair{n}" in page for page in pages) for n in law.seats)

    def test_a_crowd_is_listed_by_row(self):
        law = with_seat(crowd(GRID_SEATS + 1), 7, holders=())
        rows = {("", TOOLS.key): {**dict.fromkeys(law.seats, "I"), 1: "A", 2: "AR", 7: "C"}}
        text = "".join(printed(rows, law=law))
        assert "79seatsholdletters:toomanyforcolumns" in text
        assert "Chair1·Chair2" in text
        assert "Chair7(vacant)" in text
        assert f"and{GRID_SEATS + 1 - 3 - NAMES_PRINTED}others" in text

    def test_what_fits_a_grid(self):
        assert fits_grid(GRID_SEATS, GRID_CELLS // GRID_SEATS)
        assert not fits_grid(GRID_SEATS, GRID_CELLS // GRID_SEATS + 1)
        assert not fits_grid(GRID_SEATS + 1, 1)


class TestLook:
    def test_colours_are_those_of_the_pages(self):
        tokens = Path(pupitre.core.__file__).parent / "static/core/css/tokens.css"
        light = dict(re.findall(r"--([\w-]+): light-dark\((#\w+),", tokens.read_text()))
        template = TEMPLATE.read_text()
        for kind in FunctionKind:
            assert f'{kind.value}: rgb("{light[kind.value]}")' in template
        for name in ("ink", "ink-2", "ink-3", "rule", "bad", "bad-wash"):
            assert f'#let {name} = rgb("{light[name]}")' in template

    def test_an_error_is_ringed_in_red(self):
        def red(rows: Rows) -> int:
            findings = find(a_law(), day=DAY, rows=rows, enforced=ENFORCED)
            page = matrix_pages(a_law(), rows, findings=findings, printing=PRINTING)[0]
            image = Image.open(io.BytesIO(page)).convert("RGB")
            colours = image.getcolors(maxcolors=1 << 24) or []
            return sum(count for count, colour in colours if colour == (0xA1, 0x26, 0x0D))

        assert red(HEALTHY) == 0
        assert red(with_row(HEALTHY, TOOLS.key, cio="A")) > 100

    def test_cells_that_are_wrong_are_the_findings_cells(self):
        law = with_seat(a_law(), DPO, holders=())
        findings = find(law, day=DAY, rows=HEALTHY, enforced=ENFORCED)
        seats = [law.seats[n] for n in (CEO, DPO)]
        (block,) = blocks_of(law, HEALTHY, findings, PRINTING, seats)
        rows: list[Mapping[str, object]] = [
            row
            for group in block["groups"]  # type: ignore[attr-defined]
            for row in group["rows"]
        ]
        assert {row["name"]: row["wrong"] for row in rows} == {
            "Amend the matrix": [],
            "Erase a person": [1],
            "Answer a crisis": [],
        }
