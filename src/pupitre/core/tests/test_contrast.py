"""The palette keeps WCAG 2.2 AA by arithmetic, in light and in dark, before any page is drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pupitre.core.templatetags.house import KINDS

CSS = Path(__file__).parent.parent / "static" / "core" / "css"
PAIR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
TOKENS = {
    name: (light, dark) for name, light, dark in PAIR.findall((CSS / "tokens.css").read_text())
}
TEXT = 4.5  # WCAG 1.4.3
SHAPE = 3.0  # WCAG 1.4.11

TEXT_PAIRS = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "accent", "bad")
        for ground in ("paper", "sheet", "sunk")
    ),
    *(
        (ink, f"{level}-wash")
        for level in ("good", "warn", "bad")
        for ink in ("ink", "ink-2", level)
    ),
    *((level, ground) for level in ("good", "warn") for ground in ("paper", "sheet")),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("sheet", "ink"),
]
SHAPE_PAIRS = [
    *((kind, ground) for kind in KINDS for ground in ("paper", "sheet", "sunk")),
    *(("edge", ground) for ground in ("paper", "sheet")),
    *(("accent", ground) for ground in ("paper", "sheet")),
]


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance of an sRGB colour."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure_is_the_standards_own():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_text_can_be_read(ink, ground, theme):
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_shapes_can_be_seen(shape, ground, theme):
    assert contrast(TOKENS[shape][theme], TOKENS[ground][theme]) >= SHAPE


def test_every_kind_has_its_class_and_its_own_colour():
    tokens = (CSS / "tokens.css").read_text()
    for kind in KINDS:
        assert f".fn-{kind} {{ --c: var(--{kind}); }}" in tokens
    for theme in (0, 1):
        assert len({TOKENS[kind][theme] for kind in KINDS}) == len(KINDS)


def test_no_rule_bypasses_the_tokens():
    for sheet in CSS.glob("*.css"):
        if sheet.name in ("tokens.css", "print.css"):
            continue
        assert re.findall(r"(?<![\w-])#[0-9a-fA-F]{3,8}\b", sheet.read_text()) == [], sheet.name
