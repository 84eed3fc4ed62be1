"""How much would go is said before it is asked; who asked, and how far it is, afterwards."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.urls import reverse
from typer.testing import CliRunner

from pupitre.config.cli import app
from pupitre.flow.collect.files import importing, records, work
from pupitre.flow.collect.files.records import ImportRow
from pupitre.flow.collect.files.tests.kit import (
    HEADER,
    a_company_that_imports,
    a_file,
    a_mapping,
    asked,
    in_lake,
    lake,
)
from pupitre.flow.collect.sources.actions import CloseSource
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.models import AuditLine, Decision
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.http_kit import words
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["lake", "noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock", "lake")]
GOOD = HEADER + "7;31/12/2025;1 234,50;Lyon\n8;01/01/2026;2,5;\n9;never;1;\n"


@pytest.fixture
def company() -> Company:
    return a_company_that_imports()


@pytest.fixture
def row(company: Company, tmp_path: Path) -> ImportRow:
    made = asked(a_file(tmp_path, GOOD), a_mapping())
    importing.run(made, now=lambda: NOON)
    return made


@pytest.mark.parametrize(
    ("language", "would", "past", "gone"),
    [
        ("en", "2 events would go", "30 more days", "2 events were taken back"),
        ("fr", "achats.csv", "30", "achats.csv"),
    ],
)
def test_asked_and_done(
    company: Company, row: ImportRow, language: str, would: str, past: str, gone: str
) -> None:
    ops = signed_in(company, "ops", language=language)
    here, back = (reverse(f"collect:{name}", args=[row.id]) for name in ("import", "import_back"))
    assert back in ops.get(here).content.decode()
    page = words(ops.get(back))
    assert would in page
    assert past in page
    assert len(in_lake()) == 2
    answer = ops.post(back)
    assert answer["Location"] == here
    assert "hx-trigger" in ops.get(here).content.decode()
    assert work.once(threading.Event())
    page = ops.get(here)
    assert "hx-trigger" not in page.content.decode()
    assert gone in words(page)
    found = records.import_numbered(number=row.id)
    assert found is not None
    assert found.taken_back_by
    assert found.taken_back_by in words(page)
    assert back not in page.content.decode()
    assert ops.get(back)["Location"] == here
    assert not in_lake()


def test_a_seat_that_proposes_asks(company: Company, row: ImportRow) -> None:
    cio = signed_in(company, "cio", language="en")
    back = reverse("collect:import_back", args=[row.id])
    assert "Ask for it" in words(cio.get(back))
    cio.post(back)
    decision = Decision.objects.get(state="open")
    assert decision.page_url in cio.get(reverse("collect:import", args=[row.id])).content.decode()
    assert work.once(threading.Event())
    assert len(in_lake()) == 2


@pytest.mark.parametrize("seat", ["brand", "cmo"])
def test_others_are_told_whom_to_ask(company: Company, row: ImportRow, seat: str) -> None:
    client = signed_in(company, seat)
    back = reverse("collect:import_back", args=[row.id])
    assert back not in client.get(reverse("collect:import", args=[row.id])).content.decode()
    assert client.get(back).status_code == 403
    assert client.post(back).status_code == 403
    assert records.import_numbered(number=row.id).taken_back_at is None  # type: ignore[union-attr]


def test_the_list_counts_what_stands(company: Company, row: ImportRow) -> None:
    ops = signed_in(company, "ops", language="en")
    assert "2 events came in from files." in words(ops.get(reverse("collect:imports")))
    ops.post(reverse("collect:import_back", args=[row.id]))
    assert "Waiting for the worker to take it back" in words(ops.get(reverse("collect:imports")))
    work.once(threading.Event())
    assert "0 events came in from files." in words(ops.get(reverse("collect:imports")))


def test_of_a_closed_source_too(company: Company, row: ImportRow) -> None:
    assert isinstance(act(CloseSource(row.source), by=company.actor("cio"), at=NOON), Performed)
    ops = signed_in(company, "ops", language="en")
    ops.post(reverse("collect:import_back", args=[row.id]))
    work.once(threading.Event())
    assert not in_lake()


def test_at_the_console(row: ImportRow) -> None:
    asked_first = CliRunner().invoke(app, ["import", "--take-back", str(row.id)], input="n\n")
    assert asked_first.exit_code == 1
    assert len(in_lake()) == 2
    done = CliRunner().invoke(app, ["import", "--take-back", str(row.id), "--yes"])
    assert done.exit_code == 0, done.output
    assert not in_lake()
    assert AuditLine.objects.latest("pk").actor == "system:operator"
    again = CliRunner().invoke(app, ["import", "--take-back", str(row.id), "--yes"])
    assert again.exit_code == 0
    assert CliRunner().invoke(app, ["import", "--take-back", "4711", "--yes"]).exit_code == 1
    assert CliRunner().invoke(app, ["import"]).exit_code == 1
