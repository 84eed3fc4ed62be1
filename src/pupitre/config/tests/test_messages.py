"""Translations are compiled by Babel, when they changed, and as gettext would."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

from pupitre.config import messages

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Matrix"
msgstr "Matrice"

#, fuzzy
msgid "Seat"
msgstr "Chaise"

msgctxt "letter"
msgid "Informed"
msgstr "Informé"

msgid "%(n)s seat"
msgid_plural "%(n)s seats"
msgstr[0] "%(n)s siège"
msgstr[1] "%(n)s sièges"
"""


def catalogue(root: Path) -> Path:
    po = root / "room" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(PO, encoding="utf-8")
    return po


def test_what_is_compiled_says_what_the_catalogue_says(tmp_path: Path) -> None:
    po = catalogue(tmp_path)
    assert messages.compile_stale(tmp_path) == [po]
    with po.with_suffix(".mo").open("rb") as file:
        french = gettext.GNUTranslations(file)
    assert french.gettext("Matrix") == "Matrice"
    assert french.pgettext("letter", "Informed") == "Informé"
    assert french.ngettext("%(n)s seat", "%(n)s seats", 0) == "%(n)s siège"
    assert french.ngettext("%(n)s seat", "%(n)s seats", 2) == "%(n)s sièges"
    assert french.gettext("Seat") == "Seat", "a translation in doubt is not shown"


def test_only_what_changed_is_compiled_again(tmp_path: Path) -> None:
    po = catalogue(tmp_path)
    messages.compile_stale(tmp_path)
    assert messages.compile_stale(tmp_path) == []
    later = po.stat().st_mtime_ns + 10_000_000_000
    os.utime(po, ns=(later, later))
    assert messages.stale(tmp_path) == [po]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    po = catalogue(tmp_path)
    messages.compile_stale(tmp_path)
    assert sorted(path.suffix for path in po.parent.iterdir()) == [".mo", ".po"]
