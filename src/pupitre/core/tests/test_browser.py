"""The components in a real browser: drawn, narrow, dark, spoken, and swapped without a reload."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.fixtures import DESKTOP, PHONE, keep_screenshot

pytestmark = pytest.mark.browser
COMPONENTS = "/dev/components/"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_component_is_accessible_and_fits(served, open_page, size, language, theme):
    page = open_page(size=size, language=language, theme=theme)
    page.goto(served.url + COMPONENTS)
    for details in page.locator("details").all():
        details.evaluate("element => { element.open = true }")
    page.evaluate("document.fonts.ready")
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], "the page scrolls sideways"
    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in violations] == []
    where = "phone" if size == PHONE else "desktop"
    keep_screenshot(page, f"components-{where}-{language}-{theme}")


def test_the_houses_type_arrives(served, open_page):
    page = open_page()
    page.goto(served.url + COMPONENTS)
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family + f.weight)"
    )
    assert {"Source Sans Pro", "Source Serif Pro"} <= {re.sub(r'"|\d+$', "", f) for f in loaded}


def first_row(page) -> str:
    return page.locator("#table-main tbody td").first.inner_text()


def test_sorting_and_paging_swap_the_table_and_the_address(served, open_page):
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS)
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Messages", exact=True).click()
    page.wait_for_url("**/?sort=amount")
    # The address changes a moment before the table does.
    heading = page.get_by_role("columnheader", name="Messages")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    page.locator("#table-main").get_by_role("link", name="Next").click()
    page.wait_for_url("**page=2*")
    expect(page.locator("#table-main")).to_contain_text("51 to 100 of 180")
    assert page.evaluate("window.sameDocument") is True
    page.go_back()
    page.wait_for_url("**/?sort=amount")
    expect(page.locator("#table-main")).to_contain_text("1 to 50 of 180")


def test_filtering_while_typing_keeps_the_cursor_and_the_order(served, open_page):
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS + "?sort=amount")
    search = page.get_by_label("Search", exact=True)
    search.press_sequentially("campaign no. 1", delay=10)
    page.wait_for_url("**q=campaign*")
    expect(page.locator("#table-main .table-head")).to_contain_text(" of 30")
    assert "sort=amount" in page.url
    assert page.evaluate("document.activeElement.name") == "q"
    assert search.input_value() == "campaign no. 1"
    assert first_row(page).startswith("Campaign")


def test_without_javascript_the_same_ways_work(served, open_page):
    page = open_page(language="en", javascript=False)
    page.goto(served.url + COMPONENTS)
    page.get_by_role("link", name="Messages", exact=True).click()
    assert page.url.endswith("?sort=amount")
    page.get_by_label("Search", exact=True).fill("source")
    page.get_by_role("button", name="Filter").click()
    assert "sort=amount" in page.url
    assert first_row(page).startswith("Source")


def test_a_dialog_opens_holds_the_keyboard_and_closes(served, open_page):
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS)
    opener = page.get_by_role("link", name="Erase", exact=True)
    opener.click()
    dialog = page.get_by_role("dialog", name="Erase this draft?")
    assert dialog.is_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    opener.click()
    dialog.get_by_role("button", name="Cancel").click()
    assert not dialog.is_visible()


def test_a_list_narrows_while_one_types_whatever_the_accents(served, open_page):
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS)
    page.get_by_label("Find a seat").fill("RÉLATIONS cust")
    shown = page.locator("#narrowed > li:visible")
    assert shown.all_inner_texts() == ["Customer relations"]
    assert page.locator("#narrow-count").inner_text() == "1"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_an_error_answered_to_a_fragment_is_told_above(served, open_page, complaints, language):
    complaints.allow("400 (Bad Request)")
    complaints.allow("Response Status Error Code 400")
    page = open_page(language=language)
    page.goto(served.url + COMPONENTS)
    page.evaluate("htmx.ajax('GET', '/dev/components/?export=exe', '#table-main')")
    told = page.locator("#flash .finding.error")
    told.wait_for()
    assert {"fr": "CSV ou en XLSX", "en": "CSV or XLSX"}[language] in told.inner_text()
    assert page.locator("#table-main table").is_visible(), "what was there stays"


def test_a_broken_network_is_told(served, open_page, complaints):
    complaints.allow("ERR_FAILED")
    complaints.allow("htmx:")
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS)
    page.route("**/?sort=*", lambda route: route.abort())
    page.get_by_role("link", name="Messages", exact=True).click()
    told = page.locator("#flash .finding.error")
    told.wait_for()
    assert "Pupitre does not answer" in told.inner_text()


def test_the_reader_switches_language_and_theme_signed_out_without_javascript(served, open_page):
    page = open_page(language="fr", javascript=False)
    page.goto(served.url + COMPONENTS + "?signed=0")
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith("?signed=0"), "back where one was"
    page.get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    ground = page.locator("body").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == "rgb(23, 21, 18)"


def test_the_keyboard_reaches_the_content_first(served, open_page):
    page = open_page(language="en")
    page.goto(served.url + COMPONENTS)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_matrix_keeps_its_head_and_its_activities_in_sight(served, open_page):
    page = open_page(size=PHONE, language="en")
    page.goto(served.url + COMPONENTS)
    region = page.locator(".matrix-region").first
    region.evaluate("e => { e.style.maxHeight = '200px'; e.scrollTo(150, 150) }")
    frame = region.bounding_box()
    corner = region.locator("thead th").first.bounding_box()
    assert abs(corner["x"] - frame["x"]) < 1
    assert abs(corner["y"] - frame["y"]) < 1
    name = region.locator("tbody th[scope=row]").last.bounding_box()
    assert abs(name["x"] - frame["x"]) < 1


def test_paper_keeps_the_words_and_the_mode_and_drops_the_ways(served, open_page):
    page = open_page(language="en", theme="dark")
    page.goto(served.url + COMPONENTS)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator(".demo").is_visible()
    assert not page.locator(".rail").is_visible()
    assert not page.locator(".btn.main").first.is_visible()
    assert page.locator("main h1").evaluate("e => getComputedStyle(e).color") == "rgb(29, 27, 23)"
