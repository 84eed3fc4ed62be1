"""What the tests of the matrix's pages share: a draft, its cells, somebody who edits them."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.http import HttpResponse

from pupitre.core import clock
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.matrix.actions import EditDraft, StartDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.models import AuditLine, Cell
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.organisation_kit import a_csv, an_upload, signed_in

__all__ = [
    "AMEND",
    "DEFINE",
    "EXPORT",
    "HTMX",
    "a_csv",
    "a_draft",
    "an_upload",
    "audited",
    "change",
    "element",
    "holds",
    "noon_on_the_clock",
    "signed_in",
    "text",
]

AMEND, DEFINE, EXPORT = "matrix.amend", "activity.define", "audit.export"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def noon_on_the_clock(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Pages ask the clock themselves: for them it is the day on which the company was built."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return NOON


def a_draft(company: Company, *, by: str = "cmo", copy_of: int | None = 1) -> int:
    """Number of a fresh draft, by default a copy of the version in force."""
    outcome = act(StartDraft(copy_of=copy_of), by=company.actor(by), at=NOON)
    assert isinstance(outcome, Performed)
    assert isinstance(outcome.result, int)
    return outcome.result


def change(
    company: Company,
    number: int,
    activity: str,
    *,
    by: str = "cmo",
    scope: str = "",
    was: str | None = None,
    **letters: str,
) -> None:
    """Set cells by the key of their seat: ``change(company, 2, AMEND, cio="C", ceo="")``."""
    edits = tuple(
        CellEdit(scope, activity, company.seats[seat], given, was)
        for seat, given in letters.items()
    )
    act(EditDraft(number, edits), by=company.actor(by), at=NOON)


def holds(company: Company, number: int, activity: str, seat: str, *, scope: str = "") -> str:
    """What a cell of a version holds in the database."""
    found = Cell.objects.filter(
        version__number=number, scope=scope, activity=activity, seat_id=company.seats[seat]
    )
    return found.values_list("letters", flat=True).first() or ""


def audited(verb: str = "performed") -> list[str]:
    """The actions of the audit's lines with this verb, oldest first."""
    lines = AuditLine.objects.filter(verb=verb).order_by("seq")
    return list(lines.values_list("action", flat=True))


def text(response: HttpResponse) -> str:
    return response.content.decode()


def element(html: str, element_id: str) -> str:
    """The element of that id, with what is in it, spaces and its out-of-band mark put aside."""
    start = re.search(rf'<(\w+)[^<>]* id="{re.escape(element_id)}"', html)
    assert start is not None, f"no element {element_id}"
    name, depth = start.group(1), 0
    for tag in re.finditer(rf"<(/?){name}\b[^>]*>", html[start.start() :]):
        depth += -1 if tag.group(1) else 1
        if not depth:
            found = html[start.start() : start.start() + tag.end()]
            return re.sub(r"\s+", " ", found.replace(' hx-swap-oob="true"', ""))
    raise AssertionError(f"element {element_id} does not end")
