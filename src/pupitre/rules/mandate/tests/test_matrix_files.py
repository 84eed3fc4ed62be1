"""A matrix as a file, over HTTP: out in three formats, and back in after a preview."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from pupitre.core import clock
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.activities import SETUP
from pupitre.rules.mandate.matrix.actions import EnterIntoForce
from pupitre.rules.mandate.matrix.defining import DefineActivity, DefineScope
from pupitre.rules.mandate.models import Cell
from pupitre.rules.mandate.sheets_matrix import MAX_MATRIX_ROWS, MAX_PROBLEMS
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.matrix_kit import (
    EXPORT,
    a_csv,
    a_draft,
    an_upload,
    audited,
    change,
    holds,
    noon_on_the_clock,
    signed_in,
    text,
)

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock")]
IMPORT = "/responsibilities/drafts/2/import/"
HEADER = ("activity", "cmo", "cio", "dpo", "ceo")


@pytest.fixture
def company() -> Company:
    built = a_company()
    assert a_draft(built) == 2
    return built


@pytest.fixture
def marketing(company: Company) -> Client:
    return signed_in(company, "cmo")


def cells(number: int) -> set[tuple[str, str, int, str]]:
    found = Cell.objects.filter(version__number=number)
    return set(found.values_list("scope", "activity", "seat_id", "letters"))


def export(client: Client, kind: str, *, number: int = 2) -> bytes:
    response = client.get(f"/responsibilities/versions/{number}/matrix.{kind}")
    assert response.status_code == 200
    assert response["Content-Disposition"].endswith(f'v{number}.{kind}"')
    assert response["Cache-Control"] == "no-store"
    return response.content


def send(client: Client, content: bytes, name: str = "matrix.csv") -> HttpResponse:
    return client.post(IMPORT, {"sheet": an_upload(content, name)})


def sealed(response: HttpResponse) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', text(response))
    assert found is not None
    return found.group(1)


def bring_in(client: Client, content: bytes, name: str = "matrix.csv") -> HttpResponse:
    """The two steps: look, then take."""
    return client.post(IMPORT, {"sealed": sealed(send(client, content, name))})


# Out


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_round_trip_changes_nothing(company: Company, kind: str, language: str) -> None:
    client = signed_in(company, "cmo", language=language)
    act(DefineScope("Noël", "Christmas"), by=company.actor("cmo"), at=NOON)
    change(company, 2, EXPORT, scope="christmas", cmo="AR", cio="C")
    content, before = export(client, kind), cells(2)

    preview = send(client, content, f"matrix.{kind}")

    assert preview.status_code == 200
    assert "<tbody>" not in text(preview)  # no row would change
    client.post(IMPORT, {"sealed": sealed(preview)})
    assert cells(2) == before
    assert ("christmas", EXPORT, company.seats["cmo"], "AR") in before


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_one_version_says_can_be_put_in_another(
    company: Company, marketing: Client, kind: str
) -> None:
    change(company, 2, EXPORT, cio="C", ceo="", dpo="A", ops="R")
    content, wanted = export(marketing, kind), cells(2)
    act(EnterIntoForce(2), by=SETUP, at=NOON)
    number = a_draft(company, copy_of=1)
    assert cells(number) != wanted

    address = f"/responsibilities/drafts/{number}/import/"
    preview = marketing.post(address, {"sheet": an_upload(content, f"m.{kind}")})
    assert "would change <strong>four cells</strong> of the draft." in text(preview)
    marketing.post(address, {"sealed": sealed(preview)})

    assert cells(number) == wanted


def test_every_seat_takes_the_pdf_home(company: Company) -> None:
    assert export(signed_in(company, "crm"), "pdf", number=1).startswith(b"%PDF-")


def test_no_other_format(marketing: Client) -> None:
    assert marketing.get("/responsibilities/versions/1/matrix.docx").status_code == 404
    assert marketing.get("/responsibilities/versions/99/matrix.csv").status_code == 404


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+cmd|' /C calc'!A0", "@SUM(1)", "-2+3"])
def test_formulas_leave_as_text_and_come_back_as_written(
    company: Company, marketing: Client, name: str
) -> None:
    act(DefineActivity(name, "", "customer"), by=SETUP, at=NOON)
    csv = export(marketing, "csv").decode("utf-8-sig")
    sheet = load_workbook(io.BytesIO(export(marketing, "xlsx"))).worksheets[0]

    assert f'"\'{name}"' in csv
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert send(marketing, csv.encode()).status_code == 200


# In


def test_a_file_is_looked_at_before_it_is_taken(company: Company, marketing: Client) -> None:
    before = cells(2)
    content = a_csv(HEADER, (EXPORT, "", "c", "a + r", ""))

    preview = send(marketing, content)

    assert cells(2) == before
    assert "It would have" in text(preview)
    assert "What the file would change" in text(preview)
    response = marketing.post(IMPORT, {"sealed": sealed(preview)})
    assert response["Location"] == "/responsibilities/drafts/2/"
    assert cells(2) == {
        ("", EXPORT, company.seats["cio"], "C"),
        ("", EXPORT, company.seats["dpo"], "AR"),
    }
    assert audited().count("mandate.ReplaceDraft") == 1


def test_errors_are_told_by_line_and_column(company: Company, marketing: Client) -> None:
    before = cells(2)
    lines = [
        HEADER,
        (EXPORT, "A", "X", "", ""),
        ("nothing.such", "A", "", "", ""),
        (EXPORT, "R", "", "", ""),
        ("", "A", "", "", ""),
    ]

    response = send(marketing, a_csv(*lines))

    page = text(response)
    assert response.status_code == 422
    assert "Four points of the file are not understood, so nothing was imported." in page
    assert "Line 2, column C" in page or "line 2, column C" in page
    assert "nothing.such" in page
    assert "sealed" not in page
    assert cells(2) == before


@pytest.mark.parametrize(
    "header",
    [("activity", "stranger"), ("activity", "cmo", "CMO"), ("cmo", "cio"), ("activity", "")],
)
def test_headers_that_make_no_sense(marketing: Client, header: tuple[str, ...]) -> None:
    response = send(marketing, a_csv(header, (EXPORT, *["A"] * (len(header) - 1))))

    assert response.status_code == 422
    assert "nothing was imported" in text(response)


def test_ten_thousand_rows_are_one_clear_error(company: Company, marketing: Client) -> None:
    before = cells(2)
    lines = [(f"a{n}", "A", "R", "", "") for n in range(10_000)]

    response = send(marketing, a_csv(HEADER, *lines))

    assert response.status_code == 422
    assert f"This file has 10000 lines; a matrix has at most {MAX_MATRIX_ROWS}." in text(response)
    assert cells(2) == before


def test_a_file_full_of_errors_is_cut_short(marketing: Client) -> None:
    response = send(marketing, a_csv(HEADER, *[(f"a{n}", "Z") for n in range(1_500)]))

    assert response.status_code == 422
    assert text(response).count('<li><div class="finding error">') == MAX_PROBLEMS
    assert len(response.content) < 300_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.csv", b""),
        ("m.csv", b"   \r\n  "),
        ("m.csv", b'"activity","cmo\r\n"matrix.amend","A"'),
        ("m.csv", b"\x00\x01\x02\xff" * 50),
        ("m.xlsx", b"PK\x03\x04 not a workbook"),
        ("m.pdf", b"%PDF-1.7 not a table"),
        ("m.csv", b"activity,cmo\r\n" + b"x" * 5_300_000),
    ],
)
def test_unreadable_files_are_refused_in_words(
    company: Company, marketing: Client, name: str, content: bytes
) -> None:
    before = cells(2)

    response = send(marketing, content, name)

    assert response.status_code == 422
    assert 'class="errorlist"' in text(response) or "not understood" in text(response)
    assert cells(2) == before


def test_a_workbook_that_unpacks_without_end(marketing: Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<w/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)

    response = send(marketing, file.getvalue(), "bomb.xlsx")

    assert response.status_code == 422


def test_no_file_at_all(marketing: Client) -> None:
    response = marketing.post(IMPORT, {})

    assert response.status_code == 422
    assert "Choose a .csv or an .xlsx file." in text(response)


def test_names_in_a_file_are_shown_as_text(marketing: Client) -> None:
    response = send(marketing, a_csv(HEADER, ("<script>alert(1)</script>", "A")))

    assert "<script>alert" not in text(response)
    assert "&lt;script&gt;alert(1)" in text(response)


# A preview and its confirmation


def test_a_preview_is_void_once_the_draft_has_changed(company: Company, marketing: Client) -> None:
    preview = sealed(send(marketing, a_csv(HEADER, (EXPORT, "A", "R", "", ""))))
    change(company, 2, EXPORT, cio="C")
    before = cells(2)

    response = marketing.post(IMPORT, {"sealed": preview})

    assert response["Location"] == IMPORT
    assert "The draft has changed since this preview" in text(marketing.get(IMPORT))
    assert cells(2) == before


def test_a_preview_is_of_one_draft_and_of_one_reader(company: Company, marketing: Client) -> None:
    preview = sealed(send(marketing, a_csv(HEADER, (EXPORT, "A", "R", "", ""))))
    other = a_draft(company)
    before = cells(2), cells(other)

    marketing.post(f"/responsibilities/drafts/{other}/import/", {"sealed": preview})
    signed_in(company, "cio").post(IMPORT, {"sealed": preview})

    assert (cells(2), cells(other)) == before


@pytest.mark.parametrize("forged", ["", "x", "a:b:c", "9" * 100_000])
def test_a_forged_preview_is_nothing(company: Company, marketing: Client, forged: str) -> None:
    before = cells(2)

    response = marketing.post(IMPORT, {"sealed": forged})

    assert response["Location"] == IMPORT
    assert "Choose the file again." in text(marketing.get(IMPORT))
    assert cells(2) == before


def test_a_preview_grows_old(
    company: Company, marketing: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = sealed(send(marketing, a_csv(HEADER, (EXPORT, "A", "R", "", ""))))
    later = clock.now().timestamp() + timedelta(days=1_000).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)

    marketing.post(IMPORT, {"sealed": preview})

    assert holds(company, 2, EXPORT, "cmo") == ""


def test_a_confirmation_obeys_the_matrix(company: Company) -> None:
    """A preview got while one might does not outlive the letter."""
    client = signed_in(company, "cio")
    preview = sealed(send(client, a_csv(HEADER, (EXPORT, "A", "R", "", ""))))
    number = a_draft(company)
    change(company, number, "matrix.amend", cio="C", ops="R")
    act(EnterIntoForce(number), by=SETUP, at=NOON)
    before = cells(2)

    response = client.post(IMPORT, {"sealed": preview})

    assert response.status_code == 403
    assert cells(2) == before
