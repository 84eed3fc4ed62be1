"""The users' manual says the same in French and in English, and what the pages say."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from django.utils import translation

from pupitre.core.contributions import navigation
from pupitre.rules.mandate.contracts import Reason, enforced_activities
from pupitre.rules.mandate.organisation.columns import COLUMNS
from pupitre.rules.mandate.refusals import _SENTENCES
from pupitre.rules.mandate.starting_points import STARTING_POINTS
from scripts.messages import read
from tests.architecture import manual
from tests.architecture.languages import strings, typography
from tests.architecture.source import ROOT, nothing

USERS = ROOT / "docs" / "users"
LANGUAGES = ("fr", "en")


@cache
def texts(language: str) -> Mapping[str, str]:
    return manual.pages(USERS / language)


@cache
def interface(language: str) -> frozenset[str]:
    """Everything that the pages say in this language."""
    said: set[str] = set()
    for path in (ROOT / "src" / "pupitre").glob("**/locale/fr/LC_MESSAGES/django.po"):
        for message in read(path):
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            said.update(ids if language == "en" else strings(message))
    said.discard("")
    return frozenset(said)


def test_both_languages_have_the_same_pages_and_the_same_outline() -> None:
    assert len(texts("fr")) >= 9
    nothing(manual.differences(texts("en"), texts("fr")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_navigation_is_mentioned(language: str) -> None:
    with translation.override(language):
        labels = [f"**{entry.label}**" for entry in navigation]
    assert len(labels) >= 5
    nothing(manual.unsaid(texts(language).values(), labels))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_in_bold_stands_on_a_page(language: str) -> None:
    nothing(manual.unknown_labels(texts(language), interface(language)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_a_refusal_is_explained(language: str) -> None:
    with translation.override(language):
        reasons = [str(_SENTENCES[reason]) for reason in Reason]
    nothing(manual.unsaid([texts(language)["refusals.md"]], reasons))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_columns_of_the_import_are_those_that_it_knows(language: str) -> None:
    rows = []
    for column in COLUMNS:
        title, means = (getattr(said, language) for said in (column.title, column.means))
        rows.append(f"| {title} | {means.replace('|', chr(92) + '|')} |")
    nothing(manual.unsaid([texts(language)["organisation.md"]], rows))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_in_quotation_marks_is_an_activity_that_exists(language: str) -> None:
    """And every starting point is named as the pages name it."""
    marks = {"fr": "«\u00a0{}\u00a0»", "en": "“{}”"}[language]
    quoted = [marks.format(getattr(activity.name, language)) for activity in enforced_activities]
    nothing(manual.unsaid(texts(language).values(), quoted))
    points = [f"| {getattr(point.name, language)} |" for point in STARTING_POINTS]
    nothing(manual.unsaid([texts(language)["matrix.md"]], points))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_link_is_dead(language: str) -> None:
    nothing(manual.dead_links(USERS / language, texts(language)))


def test_the_french_is_set_as_french_is() -> None:
    paragraphs = [
        line
        for text in texts("fr").values()
        for line in text.splitlines()
        if not line.startswith("|--")
    ]
    nothing(typography("docs/users/fr", paragraphs))


# --- the rules find what is planted --------------------------------------------------------------

PAGE = "# One\nSee **My desk**.\n\n## Two\n- a\n- b\n| x | y |\n"


@pytest.mark.parametrize(
    "other",
    [
        PAGE.replace("## Two", "### Two"),
        PAGE.replace("- b\n", ""),
        PAGE.replace("| x | y |\n", ""),
        PAGE + "## Three\n",
    ],
)
def test_an_outline_that_differs_is_found(other: str) -> None:
    assert manual.differences({"a.md": PAGE}, {"a.md": PAGE.replace("One", "Un")}) == []
    assert manual.differences({"a.md": PAGE}, {"a.md": other}) != []
    assert manual.differences({"a.md": PAGE}, {"b.md": PAGE}) != []


def test_a_label_that_no_page_has_is_found(tmp_path: Path) -> None:
    known = {"My desk", "Propose version %(number)s", "Sign in."}
    ok = {"a.md": "**My desk**, **Propose\nversion**, **Sign in**, **A**"}
    assert manual.unknown_labels(ok, known) == []
    assert manual.unknown_labels({"a.md": "**My desks**"}, known) == ["a.md: **My desks**"]
    assert manual.unsaid(["My\ndesk"], ["My desk", "Audit"]) == ["Audit"]
    (tmp_path / "b.md").touch()
    links = {"a.md": "[b](b.md#x) [c](c.md) [d](https://example.org)"}
    assert manual.dead_links(tmp_path, links) == ["a.md: c.md"]
