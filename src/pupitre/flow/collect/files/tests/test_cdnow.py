"""The real purchases that ship with Pupitre: found without running anything, and all of them."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from pupitre.flow.collect.files import cdnow, importing, services
from pupitre.flow.collect.files.guessing import guess
from pupitre.flow.collect.files.mapping import Layout, written
from pupitre.flow.collect.files.opening import opened
from pupitre.flow.collect.files.records import State
from pupitre.flow.collect.files.tests.kit import a_company_that_imports, in_lake, lake
from pupitre.flow.collect.tests.sources_kit import a_source
from pupitre.rules.mandate.testing import NOON

__all__ = ["lake"]
pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def file() -> Path:
    path = cdnow.purchases()
    assert path is not None, "requirements/data.txt is not installed"
    return path


def test_it_is_found_and_nothing_of_it_is_run(file: Path) -> None:
    assert "lifetimes" not in sys.modules
    assert file.name == "CDNOW_master.txt"


def test_the_guess_needs_no_correction_but_its_currency(file: Path) -> None:
    found = guess(opened(file, Layout()), zone="Europe/Paris")
    assert (found.time.column, found.time.format) == ("date", "%Y%m%d")
    assert found.identifiers == cdnow.MAPPING.identifiers
    assert found.amount.column == "dollar_value"
    assert found.layout == cdnow.MAPPING.layout


@pytest.mark.slow
@pytest.mark.usefixtures("lake")
def test_all_of_it_comes_in_once(file: Path) -> None:
    """As published: 23,570 customers, 69,659 purchases, from January 1997 to June 1998.

    The sums are those of the file itself, added up by hand.
    """
    a_source(a_company_that_imports(), cdnow.SOURCE)
    mapping = written(cdnow.MAPPING).decode()
    for _ in range(2):
        row = services.asked_at_console(source=cdnow.SOURCE, file=file, mapping=mapping, at=NOON)
        done = importing.run(row, now=lambda: NOON)
        assert (done.state, done.accepted, done.refused) == (State.DONE, cdnow.PURCHASES, 0)
    lines = [line.split() for line in file.read_text().splitlines()[1:]]
    [(customers, events, spent, cds, first, last)] = in_lake_once(
        "count(DISTINCT user_id), count(*), sum(amount), "
        "sum((properties->>'$.quantity')::INTEGER), "
        "min(corrected_at)::DATE::VARCHAR, max(corrected_at)::DATE::VARCHAR"
    )
    assert (customers, events) == (23_570, 69_659)
    assert spent == sum(Decimal(line[3]) for line in lines)
    assert cds == sum(int(line[2]) for line in lines)
    assert (first, last) == ("1997-01-01", "1998-06-30")


def in_lake_once(what: str) -> list[tuple[object, ...]]:
    return in_lake(what, order="1")
