"""An event as it came, made readable: JSON in its lines, and anything else as text."""

from __future__ import annotations

import json
from contextlib import suppress

MOST_CHARACTERS = 40_000


def readable(raw: bytes | str) -> str:
    """Never fails, and never longer than a page can bear."""
    text = raw if isinstance(raw, str) else raw.decode("utf-8", "replace")
    with suppress(ValueError, RecursionError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    visible = "".join(c if c.isprintable() or c in "\n\t" else "\ufffd" for c in text)
    return visible[:MOST_CHARACTERS] + ("…" if len(visible) > MOST_CHARACTERS else "")
