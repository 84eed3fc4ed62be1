"""An event made readable: JSON in its lines, and anything else as text."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from pupitre.core.microseconds import instant

MOST_CHARACTERS = 40_000


def readable(raw: bytes | str) -> str:
    """Never fails, and never longer than a page can bear."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    visible = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    return visible[:MOST_CHARACTERS] + ("…" if len(visible) > MOST_CHARACTERS else "")


def as_let_in(shown: str) -> str:
    """An event of the live view: what it has, objects opened, times as written."""
    try:
        found = json.loads(shown)
    except (ValueError, RecursionError):
        return readable(shown)
    if not isinstance(found, dict):
        return readable(shown)
    opened = dict(_opened(name, value) for name, value in found.items())
    return readable(json.dumps({k: v for k, v in opened.items() if v not in (None, {}, "")}))


def _opened(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith("_us") and isinstance(value, int):
        with suppress(ValueError, OverflowError):
            return f"{name.removesuffix('_us')}_at", instant(value).isoformat()
    if name in ("properties", "traits", "context", "extra") and isinstance(value, str):
        with suppress(ValueError, RecursionError):
            return name, json.loads(value)
    return name, value
