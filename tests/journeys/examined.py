"""Which pages must be looked at again, when many are the same page with other words in it.

An examination costs most of a second. What it finds hangs on the elements of a page, their classes
and roles, on the theme and on the width; not on who reads, nor on how many lines a list has. So
each shape of page is examined in both themes and at both widths, by whichever test comes first.
"""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Elements with what styles and names them, and whether they say anything; neighbours that are
# alike count once. With it: the theme and the width.
_SHAPE = """(within) => {
    const told = new Set(["role", "class", "type", "hidden", "open", "disabled", "scope", "style"]);
    const shape = (element) => {
        const said = [...element.attributes]
            .filter(({name}) => told.has(name) || name.startsWith("aria-") || name == "alt")
            .map(({name, value}) => told.has(name) ? `${name}=${value}` : `${name}=${!!value}`);
        const inner = [...element.children].map(shape)
            .filter((one, index, all) => one !== all[index - 1]);
        const mute = element.textContent.trim() ? "" : "!";
        return `${element.localName}${mute}[${said.sort()}](${inner})`;
    };
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    return [shape(document.querySelector(within)), dark ? "dark" : "light", `${innerWidth}`];
}"""


class Examined:
    """What was examined so far, by all test processes: a file for each look, made by the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def is_new(self, page: Page, within: str = "html") -> bool:
        shape, *looks = page.evaluate(_SHAPE, within)
        digest = blake2b(f"{within} {shape}".encode(), digest_size=16).hexdigest()
        new = [self._first(f"{digest}-{look}") for look in looks]  # each is asked, and noted
        return any(new)

    def _first(self, name: str) -> bool:
        try:
            (self.folder / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
