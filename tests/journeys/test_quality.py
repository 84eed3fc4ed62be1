"""What the walk over the pages would notice, shown on pages made wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys import quality
from tests.journeys.examined import Examined

if TYPE_CHECKING:
    from playwright.sync_api import Page

GOOD = (
    '<!doctype html><html lang="fr"><head><title>Mon pupitre · Pupitre</title></head>'
    "<body><main><h1>Rien ne vous attend.</h1>{}</main></body></html>"
)


@pytest.fixture
def faults(open_page: Callable[..., Page]) -> Callable[[str], list[str]]:
    def of(html: str, language: str = "fr") -> list[str]:
        page = open_page(size=(360, 740), language=language)
        page.set_content(html)
        return quality.faults(page, language=language, own_words=["who is the boss"])

    return of


def test_a_sound_page_has_no_fault(faults: Callable[[str], list[str]]) -> None:
    assert faults(GOOD.format("<p>Version 3, par « who is the boss »</p>")) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        (GOOD.format("<h1>Encore</h1>"), "one heading of the first level"),
        (GOOD.replace("h1", "h2"), "one heading of the first level"),
        (GOOD.replace("Mon pupitre", ""), "the title does not name the page"),
        (GOOD.replace('"fr"', '"en"'), "it says that it is in en"),
        (GOOD.format('<img src="data:,">'), "axe image-alt"),
        (GOOD.format('<p style="color: #999">à peine lisible</p>'), "axe color-contrast"),
        (
            GOOD.format(
                '<p style="margin:0"><button style="width:9px;height:9px;padding:0">a</button>'
                '<button style="width:9px;height:9px;padding:0">b</button></p>'
            ),
            "axe target-size",
        ),
        (GOOD.format('<div style="width: 400px">large</div>'), "it scrolls sideways: 4"),
        (GOOD.format("<p>Nothing waits for you today.</p>"), "in English"),
        (GOOD.format("<p>Fais ce que who should do with this</p>"), "not in fr"),
        (GOOD.format('<button aria-label="Nothing waits for you today.">x</button>'), "in English"),
    ],
)
def test_a_fault_is_found(html: str, fault: str, faults: Callable[[str], list[str]]) -> None:
    found = faults(html.format("") if "{}" in html else html)
    assert any(line.startswith(fault) for line in found), found


def test_what_is_marked_as_foreign_may_be(faults: Callable[[str], list[str]]) -> None:
    assert faults(GOOD.format('<p lang="en">Nothing waits for you today.</p>')) == []


def test_a_page_is_examined_once_in_each_theme_and_at_each_width(
    open_page: Callable[..., Page], tmp_path: Path
) -> None:
    examined = Examined(tmp_path / "examined")
    page = open_page(size=(360, 740), theme="light")

    def is_new(inside: str) -> bool:
        page.set_content(GOOD.format(inside))
        return examined.is_new(page)

    assert is_new("<ul><li>un</li></ul>")
    assert not is_new("<ul><li>deux</li><li>trois</li></ul>")
    assert is_new("<ul><li>quatre</li></ul><ul class='plain'></ul>")
    assert is_new("<ul><li></li></ul>")  # it says nothing: that may be a fault
    page.emulate_media(color_scheme="dark")
    assert is_new("<ul><li>un</li></ul>")
    page.set_viewport_size({"width": 1280, "height": 740})
    assert is_new("<ul><li>un</li></ul>")
    page.emulate_media(color_scheme="light")
    assert not is_new("<ul><li>un</li></ul>")
    assert not Examined(tmp_path / "examined").is_new(page)  # another process


def test_french_is_found_on_english_pages() -> None:
    texts = ["Une chose vous attend", "Version 3", "Change the seat"]
    assert quality.foreign_words(texts, language="en") == ["not in en: 'Une chose vous attend'"]
