"""One cell of a file into one value, or a problem with its line and column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from pupitre.core.spreadsheets import Row
from pupitre.rules.mandate.organisation.columns import NO, SEPARATOR, YES, kind_of, plain
from pupitre.rules.mandate.organisation.drafts import Problem
from pupitre.rules.mandate.organisation.rules import (
    KEY,
    KEY_CHARACTERS,
    MAX_PLACES,
    NAME_CHARACTERS,
)

EMAIL_CHARACTERS = 254
EARLIEST, LATEST = 1900, 2200  # years that a day may name
SHOWN = 60  # characters of a cell that an error quotes


@dataclass
class Cells:
    """Reads cells by the name of their column. None is "no such column", "" is an empty cell."""

    columns: Mapping[str, int]
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, column: str, message: str) -> None:
        self.problems.append(Problem(line, column, message))

    def text(self, row: Row, column: str) -> str | None:
        position = self.columns.get(column)
        if position is None:
            return None
        return unicodedata.normalize("NFC", " ".join(row.text(position).split()))

    def first(self, row: Row, *columns: str) -> str:
        """The first of these cells that holds something."""
        return next((text for column in columns if (text := self.text(row, column))), "")

    def name(self, row: Row, column: str) -> str | None:
        name = self.text(row, column)
        if name is not None and len(name) > NAME_CHARACTERS:
            self.problem(
                row.line,
                column,
                _("Longer than %(limit)s characters.") % {"limit": NAME_CHARACTERS},
            )
            return None
        return name

    def key(self, row: Row, column: str) -> str | None:
        """A code; "" where none is given, None where it is malformed."""
        key = (self.text(row, column) or "").lower()
        if not key or KEY.fullmatch(key):
            return key
        self.problem(
            row.line,
            column,
            _("A code has at most %(limit)s unaccented letters, digits, dashes and underscores.")
            % {"limit": KEY_CHARACTERS},
        )
        return None

    def kind(self, row: Row) -> str | None:
        text = self.text(row, "kind")
        if not text:
            return None
        kind = kind_of(text)
        if kind is None:
            self.problem(
                row.line,
                "kind",
                _("“%(kind)s” is no kind of function that Pupitre knows.") % {"kind": text[:SHOWN]},
            )
        return kind.value if kind else None

    def yes(self, row: Row, column: str) -> bool | None:
        """None also where the cell is empty."""
        text = plain(self.text(row, column) or "")
        if not text:
            return None
        if text not in YES and text not in NO:
            self.problem(row.line, column, _("Write yes or no."))
        return text in YES

    def places(self, row: Row) -> int | None:
        """None also where the cell is empty."""
        text = self.text(row, "places")
        if not text:
            return None
        if re.fullmatch(r"[0-9]{1,3}", text) and 1 <= int(text) <= MAX_PLACES:
            return int(text)
        self.problem(
            row.line,
            "places",
            _("Write a whole number from 1 to %(most)s.") % {"most": MAX_PLACES},
        )
        return None

    def several(self, row: Row, column: str) -> tuple[str, ...] | None:
        text = self.text(row, column)
        if text is None:
            return None
        return tuple(part for each in text.split(SEPARATOR) if (part := each.strip()))

    def email(self, row: Row) -> str | None:
        """An address in lower case; "" where none is given, None where it is malformed."""
        email = (self.text(row, "email") or "").lower()
        if not email:
            return ""
        try:
            validate_email(email)
        except ValidationError:
            email = ""
        if not email or len(email) > EMAIL_CHARACTERS:
            self.problem(row.line, "email", _("This is not an e-mail address."))
            return None
        return email

    def day(self, row: Row, column: str) -> date | None:
        text = self.text(row, column)
        if not text:
            return None
        day = day_from(text)
        if day is None:
            self.problem(
                row.line,
                column,
                _("“%(text)s” is no day. Write 2026-01-31 or 31/01/2026.") % {"text": text[:SHOWN]},
            )
        return day


def day_from(text: str) -> date | None:
    """A day written 2026-01-31 or 31/01/2026 (also with dots or dashes), else None."""
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?: 00:00:00)?", text)
    european = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    if iso:
        year, month, day = (int(part) for part in iso.groups())
    elif european:
        day, month, year = (int(part) for part in european.groups())
    else:
        return None
    try:
        return date(year, month, day) if EARLIEST <= year <= LATEST else None
    except ValueError:
        return None
