"""On the pages of quarantine and imports, what was wrong is told in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.details import Detail, Wrong, detail, written
from pupitre.flow.collect.files.records import Progress, State
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Parcel, Refused, refused
from pupitre.flow.collect.queries import held
from pupitre.flow.collect.tests.drain_kit import drained, keep
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_source,
    words,
)
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon_on_the_clock", "own_store")]

TOO_LONG = detail(Wrong.FIELD_TOO_LONG, field="userId", length=3_000, most=512)


@pytest.fixture
def company() -> Company:
    company = a_company_with_sources_in_its_matrix()
    a_source(company)
    return company


def put_aside(*found: Refused) -> None:
    at = since_1970(NOON)
    keep(home(), Parcel("web-shop", "web", at, [], list(found)))
    drained(home(), at_us=at)


def both_pages(company: Company, language: str) -> Iterator[str]:
    """What stands in the list, and on the event's own page; marks and all."""
    client = signed_in(company, "ops", language=language)
    (one,) = held()
    for address in (reverse("collect:quarantine"), reverse("collect:held", args=[one.id])):
        yield client.get(address).content.decode()


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "userId\u00a0: 3\u202f000 caractères\u202f; 512 au plus"),
        ("en", "userId: 3,000 characters; 512 may be"),
    ],
)
def test_in_the_language_of_whoever_reads(company: Company, language: str, told: str) -> None:
    put_aside(refused(Refusal.IDENTIFIER_TOO_LONG, TOO_LONG, b"{}"))
    for page in both_pages(company, language):
        assert told in page
        assert "identifier_too_long" not in page or "values" not in page


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_text_of_before_there_were_codes_still_shows(company: Company, language: str) -> None:
    """A journal or books of an earlier version: text, in English."""
    old = "userId: 3000 characters; 512 may be <b>"
    put_aside(Refused(Refusal.IDENTIFIER_TOO_LONG.value, old, b"{}"))
    for page in both_pages(company, language):
        assert '<span lang="en">userId: 3000 characters; 512 may be &lt;b&gt;</span>' in page


def test_where_nothing_was_said_nothing_shows(company: Company) -> None:
    put_aside(Refused(Refusal.TOO_OLD.value, "", b"{}"))
    for page in both_pages(company, "fr"):
        assert "None" not in page
        assert '<p class="note"></p>' not in page


def test_hostile_text_does_nothing_on_a_page(company: Company) -> None:
    name = '<script>alert(1)</script>"}}%(type)s'
    put_aside(refused(Refusal.NOT_PLANNED, planned_not(name), b"{}"))
    for page in both_pages(company, "fr"):
        assert "<script>alert" not in page
        assert "track «\u00a0&lt;script&gt;alert(1)&lt;/script&gt;&quot;}}%(type)s\u00a0»" in page


def planned_not(name: str) -> Detail:
    return detail(Wrong.NAME_NOT_PLANNED, type="track", name=name)


def test_what_the_lake_or_the_journal_could_not_take_is_told_around_what_it_said(
    company: Company,
) -> None:
    keep(home(), b"no parcel at all")
    drained(home(), at_us=since_1970(NOON))
    for page in both_pages(company, "fr"):
        assert 'ce que le journal a gardé ne peut être ouvert\u00a0: <span lang="en">' in page


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "fr",
            "L’import n’a pu se faire : aucune ligne ne peut être lue. ligne 2 : rien dans la "
            "colonne « client »",
        ),
        (
            "en",
            "It could not be imported: no row can be read. line 2: nothing in column “client”",
        ),
    ],
)
def test_why_an_import_failed(language: str, told: str) -> None:
    row = detail(Wrong.ON_LINE, line=2, what=detail(Wrong.COLUMN_EMPTY, column="client"))
    why = written(detail(Wrong.NO_ROW, what=row))
    noted = msgspec.to_builtins(Progress(state=State.FAILED, why=why))
    progress = msgspec.convert(noted, Progress)
    with translation.override(language):
        page = render_to_string("collect/_import_state.html", {"progress": progress})
    assert told in words(type("Page", (), {"content": page.encode()}))
