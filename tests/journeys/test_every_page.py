"""Every page there is, as those who sit at very different desks read it.

Addresses come from the routes, so a page that somebody adds tomorrow is walked tomorrow. Each is
opened with everything that folds unfolded. A look costs most of a second, so readers share them
out: between those who read most, every page is seen in French and in English, light and dark, wide
and narrow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import DESKTOP, PHONE, Complaints
from tests.journeys import quality
from tests.journeys.addresses import Looked, examples, own_words, routes
from tests.journeys.examined import Examined
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIGHT_DESK = (DESKTOP, "light")
DARK_DESK = (DESKTOP, "dark")
LIGHT_PHONE = (PHONE, "light")
DARK_PHONE = (PHONE, "dark")

# Who reads (nobody: signed out), in which language, and how: one way, then the other, in turn.
READERS = {
    "marketing-fr": ("Claire Delmas", "fr", (LIGHT_DESK, DARK_PHONE)),
    "marketing-en": ("Claire Delmas", "en", (DARK_PHONE, LIGHT_DESK)),
    "it-en": ("Paul Ndiaye", "en", (LIGHT_PHONE, DARK_DESK)),
    "shop-fr": ("Léa Moreau", "fr", (LIGHT_PHONE, DARK_PHONE)),
    "nobody-fr": ("", "fr", (LIGHT_DESK, DARK_PHONE)),
    "nobody-en": ("", "en", (DARK_PHONE, LIGHT_DESK)),
}
# A page that is not there, or not this reader's, is a page of ours too.
PAGES_ANSWER = (200, 401, 403, 404, 405, 410)
# How many different pages each must have seen at least: a walk that sees nothing finds nothing.
AT_LEAST = {"Claire Delmas": 60, "Paul Ndiaye": 60, "Léa Moreau": 60, "": 9}
_HEADINGS = re.compile(r"<title>.*?</title>|<h1.*?</h1>", re.DOTALL)
# Pages that are kept as pictures, for a person to look at.
PICTURED = re.compile(
    r"/(demo/|decisions/|decisions/\d+/|audit/|organisation/(chart/|members/|delegate/|import/)?"
    r"|organisation/seats/cio/|responsibilities/(drafts/(\d+/)?|versions/|starting-points/)?"
    r"|account/(sign-in/)?|more/)?"
)


def pages(reader: Page, served: Served) -> Iterator[str]:
    """Open every address that answers this reader with a page of its own, each page once.

    Asked first without a browser: most addresses of somebody who may read little lead elsewhere.
    """
    seen = set()
    for address in examples(Looked(served.data_dir)).addresses():
        answer = reader.request.get(served.url + address, max_redirects=0)
        if 300 <= answer.status < 400:
            continue  # to a page that has an address of its own
        assert answer.status in PAGES_ANSWER, f"{address} answers {answer.status}"
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue  # a file
        # Refusals, pages not found and forms' addresses are one page each, whatever the address.
        said = " ".join(_HEADINGS.findall(answer.text()))
        known = said if answer.status != 200 else address
        if known not in seen:
            seen.add(known)
            opened = reader.goto(served.url + address)
            assert opened is not None
            assert opened.status == answer.status
            yield address


def look_at(page: Page, size: tuple[int, int], theme: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")


def unfold(page: Page, selector: str, *, fold: bool = False) -> None:
    page.evaluate(
        "([folded, open]) => document.querySelectorAll(folded).forEach(e => { e.open = open })",
        [selector, not fold],
    )


@pytest.mark.slow
@pytest.mark.parametrize("reader", READERS)
def test_every_page_is_sound(
    reader: str,
    served: Served,
    open_page: Callable[..., Page],
    complaints: Complaints,
    examined: Examined,
) -> None:
    name, language, looks = READERS[reader]
    complaints.allow("the server responded with a status of 4")
    page = open_page(language=language)
    if name:
        page.goto(f"{served.url}/demo/")
        page.locator("main li", has_text=name).get_by_role("button").click()
        page.wait_for_url(f"{served.url}/")
    own = own_words(Looked(served.data_dir))
    found: list[str] = []
    count = 0
    for address in pages(page, served):
        size, theme = looks[count % 2]
        count += 1
        look_at(page, size, theme)
        if reader != "marketing-en" and PICTURED.fullmatch(address):
            where = address.strip("/").replace("/", "-") or "desk"
            quality.picture(page, f"{reader}-{where}-{size[0]}-{theme}")
        unfold(page, "details:not(.menu-down)")
        wrong = quality.faults(page, language=language, own_words=own, examined=examined)
        unfold(page, ".menu-down")  # they lie over the page, so they are looked at alone
        wrong += quality.violations(page, within=".menu-down", examined=examined)
        found += [f"{address} ({size[0]}, {theme}): {fault}" for fault in wrong]
        found += [f"{address}: console: {said}" for said in complaints.unexpected()]
        complaints.clear()
    assert count >= AT_LEAST[name]
    assert not found, f"{len(found)} faults:\n" + "\n".join(dict.fromkeys(found))


def test_the_walk_knows_every_route() -> None:
    names = [name for name, _ in routes()]
    assert len(names) > 60
    assert {"mandate:desk", "core:more", "account_login"} <= set(names)
