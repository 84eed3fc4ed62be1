"""What the users' manual must be: the same in both languages, and true to what the pages say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

_HEADING = re.compile(r"^(#+) \S", re.M)
_ROW = re.compile(r"^\|", re.M)
_ITEM = re.compile(r"^(?:-|\d+\.) ", re.M)
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.S)
_LINK = re.compile(r"\]\(([^)#\s]+)")
_LETTERS = {"A", "R", "C", "I"}
_BLANK = re.compile(r"%\(\w+\)[a-z]")
Shape = tuple[tuple[str, int], ...]


def pages(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def shape(text: str) -> Shape:
    """The outline of a page: each heading's level, with the rows and items under it."""
    starts = [found.start() for found in _HEADING.finditer(text)]
    parts = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    return tuple(
        (part.split(" ", 1)[0], len(_ROW.findall(part)) + len(_ITEM.findall(part)))
        for part in parts
    )


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Where two languages of the manual do not have the same pages, headings, rows and items."""
    found = [f"{name} is in one language alone" for name in one.keys() ^ other.keys()]
    for name in one.keys() & other.keys():
        here, there = shape(one[name]), shape(other[name])
        if len(here) != len(there):
            found.append(f"{name} has {len(here)} headings here and {len(there)} there")
        found += [
            f"{name}, heading {number}: {a} here, {b} there"
            for number, (a, b) in enumerate(zip(here, there, strict=False), 1)
            if a != b
        ]
    return sorted(found)


def unsaid(texts: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """What no page says, though it should. Line ends are blanks, and no-break spaces are alike."""
    said = " ".join(_flat(text) for text in texts)
    return [words for words in wanted if _flat(words) not in said]


def _flat(text: str) -> str:
    return text.replace("\n", " ").replace("\u202f", "\u00a0")


def unknown_labels(texts: Mapping[str, str], known: Collection[str]) -> list[str]:
    """Words in bold, which the manual keeps for what stands on a page, and that no page says."""
    whole = {_bare(text) for text in known}
    starts = {_bare(_BLANK.split(text)[0]) for text in known if _BLANK.search(text)}
    return sorted(
        f"{name}: **{label}**"
        for name, text in texts.items()
        for label in {" ".join(label.split("\n")) for label in _BOLD.findall(text)}
        if label not in _LETTERS and _bare(label) not in whole | starts
    )


def _bare(text: str) -> str:
    return text.strip(" \u00a0\u202f.:“”«»")


def dead_links(folder: Path, texts: Mapping[str, str]) -> list[str]:
    return sorted(
        f"{name}: {target}"
        for name, text in texts.items()
        for target in _LINK.findall(text)
        if "://" not in target and not (folder / target).exists()
    )
