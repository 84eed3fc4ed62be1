"""What must hold of every page, whoever reads it: asked of the page itself, in the browser."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from axe_playwright_python.base import AXE_SCRIPT
from babel.messages.pofile import read_po

from tests.fixtures import ROOT, keep_screenshot
from tests.journeys.examined import Examined

if TYPE_CHECKING:
    from playwright.sync_api import Page

CATALOGUES = "src/pupitre/**/locale/fr/LC_MESSAGES/django.po"
SHORTEST = 9  # characters: below that, a word of one language may be one of the other too

# WCAG 2.2 asks for targets of 24 pixels; axe looks at that only when told to.
_AXE = """(within) => axe.run(within, {
    resultTypes: ["violations"], preload: false, selectors: false,
    rules: {"target-size": {enabled: true}},
})"""

# Every text that somebody sees or hears; not what is marked as being in another language, nor
# what somebody typed in a field.
_TEXTS = """() => {
    const seen = [document.title];
    const foreign = (element) =>
        element.closest("[lang]") && element.closest("[lang]") !== document.documentElement;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const parent = walker.currentNode.parentElement;
        const code = "script, style, template, textarea, pre, code";
        if (parent && !foreign(parent) && !parent.closest(code))
            seen.push(walker.currentNode.data);
    }
    for (const name of ["aria-label", "title", "placeholder", "alt", "data-label"])
        for (const element of document.querySelectorAll(`[${name}]`))
            if (!foreign(element)) seen.push(element.getAttribute(name));
    return seen.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""

# Little words that one language is full of and the other does not have.
_LITTLE_WORDS = {
    "en": re.compile(
        r"\b(?:the|of|and|your|with|this|that|from|which|what|who|is|are|was|has|have|been|for)\b",
        re.I,
    ),
    "fr": re.compile(
        r"\b(?:le|la|les|des|du|une|est|sont|vous|votre|pour|dans|avec|qui|que|aux|sur)\b", re.I
    ),
}


def faults(
    page: Page,
    *,
    language: str,
    own_words: Iterable[str] = (),
    examined: Examined | None = None,
) -> list[str]:
    """All that is wrong with the page as it stands; nothing is what we want.

    ``own_words``: what the company itself wrote, in whatever language it did. ``examined``: so that
    axe looks but once at what is the same page with other words in it.
    """
    return [
        *_structure(page, language),
        *_sideways(page),
        *violations(page, examined=examined),
        *foreign_words(page.evaluate(_TEXTS), language=language, own_words=own_words),
    ]


def violations(page: Page, *, within: str = "html", examined: Examined | None = None) -> list[str]:
    """What axe-core finds, one line each, with the first elements that it means."""
    if not page.locator(within).count():
        return []
    if examined is not None and not examined.is_new(page, within):
        return []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: dict[str, Any] = page.evaluate(_AXE, within)
    return [
        f"axe {rule['id']}: {rule['help']} ({len(rule['nodes'])}): "
        + " ".join(node["html"][:160] for node in rule["nodes"][:3])
        for rule in found["violations"]
    ]


def _structure(page: Page, language: str) -> list[str]:
    found = []
    lead = page.locator("h1").all_inner_texts()
    if len(lead) != 1 or not lead[0].strip():
        found.append(f"one heading of the first level is wanted, not {lead}")
    named, _, product = page.title().rpartition(" · ")
    if product != "Pupitre" or not named.strip():
        found.append(f"the title does not name the page: {page.title()!r}")
    if (said := page.locator("html").get_attribute("lang")) != language:
        found.append(f"it says that it is in {said}, and was asked for in {language}")
    return found


def _sideways(page: Page) -> list[str]:
    wide, shown = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [f"it scrolls sideways: {wide} in {shown} pixels"] if wide > shown else []


# --- is it in the language that it should be in? --------------------------------------------------


def foreign_words(
    texts: Iterable[str], *, language: str, own_words: Iterable[str] = ()
) -> list[str]:
    """Texts that are in the other language, as far as one can tell without understanding."""
    own = [word for word in own_words if word]
    found = []
    for text in dict.fromkeys(texts):
        bare = _without(text, own)
        if language == "fr" and any(said in bare for said in _english()):
            found.append(f"in English: {text!r}")
        elif _is_mostly(bare, "en" if language == "fr" else "fr"):
            found.append(f"not in {language}: {text!r}")
    return found


def _without(text: str, words: Iterable[str]) -> str:
    for word in words:
        text = text.replace(word, "…")
    return text


def _is_mostly(text: str, language: str) -> bool:
    """Whether two different little words of the language are in it."""
    return len({word.lower() for word in _LITTLE_WORDS[language].findall(text)}) > 1


@cache
def _english() -> tuple[str, ...]:
    """What the code says in English and French says otherwise, without what varies in it."""
    found: set[str] = set()
    french: set[str] = set()
    for path in ROOT.glob(CATALOGUES):
        with path.open("rb") as file:
            for message in read_po(file, locale="fr"):
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                strings = message.string if isinstance(message.string, tuple) else (message.string,)
                found.update(part for said in ids if said not in strings for part in _fixed(said))
                french.update(strings)
    said_in_french = "\n".join(french)
    return tuple(part for part in found if part not in said_in_french)


def _fixed(text: str) -> list[str]:
    """The longest part between blanks and tags, where it is long enough to tell a language."""
    parts = re.split(r"%\(\w+\)[a-z]|%%|<[^>]+>|\{\w*\}", text)
    longest = max((" ".join(part.split()) for part in parts), key=len, default="")
    return [longest] if len(longest) >= SHORTEST and " " in longest else []


# --- for a person to look at ----------------------------------------------------------------------


def picture(page: Page, name: str) -> None:
    """Keep what the page looks like, from its top to its end, as screenshots/NAME.png."""
    page.evaluate("document.fonts.ready")
    keep_screenshot(page, name)
