"""Compiles the translations: locale/*/LC_MESSAGES/django.po to the .mo files that Django reads.

The compiled files are not kept in git. Babel does it, so that running needs no gettext installed.
"""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

PACKAGE = Path(__file__).resolve().parent.parent


def catalogues(root: Path = PACKAGE) -> list[Path]:
    return sorted(root.glob("**/locale/*/LC_MESSAGES/*.po"))


def stale(root: Path = PACKAGE) -> list[Path]:
    """Catalogues whose compiled file is missing or older than they are."""
    return [po for po in catalogues(root) if _age(po.with_suffix(".mo")) < _age(po)]


def _age(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else -1


def compile_stale(root: Path = PACKAGE) -> list[Path]:
    """Compile what is stale; returns the catalogues that were. Two processes may do it at once."""
    done = stale(root)
    for po in done:
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name, domain=po.stem)
        draft = po.with_suffix(f".{os.getpid()}.tmp")
        with draft.open("wb") as target:
            write_mo(target, catalogue)
        draft.replace(po.with_suffix(".mo"))
    return done
