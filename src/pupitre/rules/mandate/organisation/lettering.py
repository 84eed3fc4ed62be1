"""Words that fit a box: the server knows how wide the house's sans sets them. Pure."""

from __future__ import annotations

import unicodedata

# Advance widths of Source Sans Pro Semibold, in hundredths of an em, rounded up.
_GROUPS = {
    13: "\u202f",
    21: " \u00a0",
    27: "ij|",
    29: "lI',.:;’·ł",
    33: "f!()-[]{}",
    35: "/\\°",
    37: "t",
    39: "r",
    45: "sz*?",
    47: "c«»",
    49: 'x"“”–',
    51: "evyJLY_Ł",
    53: "0123456789agkF#$+<=>^~€",
    55: "oESTVXZ`ø",
    57: "bdhnpquA",
    59: "CP",
    61: "BKRß",
    63: "DG",
    65: "&",
    67: "HNU",
    69: "OQØ",
    75: "wM",
    79: "æ",
    81: "W—",
    85: "m%œÆ",
    87: "Œ",
    89: "@",
    97: "…",
}
_WIDTHS = {character: width for width, group in _GROUPS.items() for character in group}
_OTHER = 64  # Greek, Cyrillic and most other alphabets, in whatever font sets them
_WIDE = 104  # Chinese, Japanese, Korean


def text_width(text: str, size: float) -> float:
    """The width of a text in pixels, set at ``size`` pixels."""
    return sum(_hundredths(character) for character in text) * size / 100


def fitting(text: str, width: float, size: float) -> str:
    """The text, or as much of it as fits ``width`` pixels with "…" at its end."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    kept = ""
    for character in text:
        room -= text_width(character, size)
        if room < 0:
            break
        kept += character
    return kept.rstrip() + "…"


def _hundredths(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    if character in _WIDTHS:
        return _WIDTHS[character]
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    return _WIDE if unicodedata.east_asian_width(character) in ("W", "F") else _OTHER
