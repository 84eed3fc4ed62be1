"""A matrix from a spreadsheet.

Reading forgives the way people write (``a/r``, ``A + R``, « c ») and never guesses: whatever it
does not know is told by line and column, and then nothing is taken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pupitre.core.bilingual import Bilingual
from pupitre.core.spreadsheets import Row, Sheet, place
from pupitre.rules.mandate.contracts import Activity
from pupitre.rules.mandate.law import Law, freeze_rows
from pupitre.rules.mandate.sentences import Name, Sentence, Value, say
from pupitre.rules.mandate.sheets_matrix.columns import COLUMNS, SEPARATOR, Rows

MAX_MATRIX_ROWS = 2_000  # lines of one file, initiatives included
MAX_PROBLEMS = 100  # told of one file; nobody reads more before correcting some
_QUOTED_CHARACTERS = 40

_LETTERS: Mapping[frozenset[str], str] = MappingProxyType(
    {
        frozenset(): "",
        frozenset("A"): "A",
        frozenset("R"): "R",
        frozenset("AR"): "AR",
        frozenset("C"): "C",
        frozenset("I"): "I",
    }
)
_DECORATION = re.compile(r"[\s/+,;.&·•|*()\[\]{}'\"’“”«»_\-–—\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """What keeps a file from being taken, and where it stands in it."""

    line: int | None
    column: int | None
    message: Sentence

    def __str__(self) -> str:
        if self.line is None:
            return str(self.message)
        where = place(self.line, self.column)
        return _("%(place)s: %(problem)s") % {"place": where, "problem": self.message}


@dataclass(frozen=True, slots=True)
class MatrixImport:
    """What a file says. ``rows`` is empty as soon as there is one problem: all or nothing.

    ``unknown_*`` gather what the company does not have, so that it can be created first.
    """

    rows: Rows
    problems: tuple[ImportProblem, ...] = ()
    more_problems: int = 0  # beyond MAX_PROBLEMS
    unknown_activities: tuple[str, ...] = ()
    unknown_seats: tuple[str, ...] = ()
    unknown_scopes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def read_letters(text: str) -> str | None:
    """Letters as a cell stores them, "" for none, or None where they make no sense.

    Case, order, signs between the letters and full-width forms do not matter.
    """
    bare = _DECORATION.sub("", unicodedata.normalize("NFKC", text)).upper()
    return _LETTERS.get(frozenset(bare)) if len(bare) <= 4 else None


def read_matrix(sheet: Sheet, law: Law, *, scopes: Collection[str] = ()) -> MatrixImport:
    """The rows that a file asks for. Nothing is written; what is wrong is told, with its place.

    ``scopes`` are the keys of the initiatives that exist.
    """
    reading = _Reading(law=law, scopes=frozenset(scopes))
    header, *lines = sheet.rows
    if len(lines) > MAX_MATRIX_ROWS:
        reading.refuse(
            None,
            None,
            gettext_lazy("This file has %(count)s lines; a matrix has at most %(limit)s."),
            count=len(lines),
            limit=MAX_MATRIX_ROWS,
        )
    elif reading.read_header(header, lines):
        for line in lines:
            reading.read_line(line)
    return reading.result()


@dataclass(slots=True)
class _Reading:
    """One file being read: what has been understood so far, and what has not."""

    law: Law
    scopes: frozenset[str]
    fixed: dict[str, int] = field(default_factory=dict)  # column's key → its number
    seats: dict[int, int] = field(default_factory=dict)  # column's number → seat id
    strangers: set[int] = field(default_factory=set)  # columns of unknown seats, already told
    cells: list[tuple[str, str, int, str]] = field(default_factory=list)
    seen: dict[tuple[str, str], int] = field(default_factory=dict)  # row → its line
    problems: list[ImportProblem] = field(default_factory=list)
    problem_count: int = 0
    unknown: dict[str, dict[str, None]] = field(default_factory=dict)

    def refuse(
        self, line: int | None, column: int | None, pattern: str | Promise, **values: Value
    ) -> None:
        self.problem_count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(ImportProblem(line, column, say(pattern, **values)))

    def result(self) -> MatrixImport:
        return MatrixImport(
            rows=MappingProxyType({}) if self.problems else freeze_rows(self.cells),
            problems=tuple(self.problems),
            more_problems=self.problem_count - len(self.problems),
            unknown_activities=tuple(self.unknown.get("activity", ())),
            unknown_seats=tuple(self.unknown.get("seat", ())),
            unknown_scopes=tuple(self.unknown.get("scope", ())),
        )

    # The header

    def read_header(self, header: Row, lines: Sequence[Row]) -> bool:
        """Which column is what. False where the file cannot be read any further."""
        known = {
            _plain(name): key
            for key, names in COLUMNS.items()
            for name in (key, names.fr, names.en)
        }
        used = {column for line in lines for column, cell in enumerate(line.cells, 1) if cell}
        titles = {column: header.text(column) for column in range(1, len(header.cells) + 1)}
        for column, title in titles.items():
            key = known.get(_plain(title))
            if key is not None and key not in self.fixed:
                self.fixed[key] = column
        if not {"activity", "name"} & self.fixed.keys():
            self.refuse(
                header.line,
                None,
                gettext_lazy("no column is called %(title)s; take the header of an export."),
                title=Name(COLUMNS["activity"]),
            )
            return False
        for column in sorted(used | titles.keys()):
            if column not in self.fixed.values():
                self._read_seat(header, column, titles.get(column, ""), used=column in used)
        return True

    def _read_seat(self, header: Row, column: int, title: str, *, used: bool) -> None:
        if not title:
            if used:
                self.strangers.add(column)
                self.refuse(
                    header.line,
                    column,
                    gettext_lazy("this column holds letters and its header names no seat."),
                )
            return
        found = self._seats_called(title)
        if len(found) == 1:
            self._take_seat(header, column, found[0])
            return
        self.strangers.add(column)
        if found:
            pattern = gettext_lazy("several seats are called %(seat)s; use the seat’s key.")
        else:
            pattern = gettext_lazy("no seat is called %(seat)s; open it first, or correct it.")
            self._note("seat", title)
        self.refuse(header.line, column, pattern, seat=_quote(title))

    def _take_seat(self, header: Row, column: int, seat: int) -> None:
        if seat in self.seats.values():
            self.strangers.add(column)
            self.refuse(
                header.line,
                column,
                gettext_lazy("the seat %(seat)s has a column already."),
                seat=Name(self.law.seats[seat].name),
            )
        else:
            self.seats[column] = seat

    def _seats_called(self, title: str) -> list[int]:
        """By key, as our own header has it; else by name, in either language."""
        keys = {title.strip().casefold(), title.split(SEPARATOR.strip())[0].strip().casefold()}
        by_key = [s.id for s in self.law.seats.values() if s.key.casefold() in keys]
        if by_key:
            return by_key[:1]
        return [
            seat.id
            for seat in self.law.seats.values()
            if _plain(title) in (_plain(seat.name.fr), _plain(seat.name.en))
        ]

    # The lines

    def read_line(self, line: Row) -> None:
        activity = self._activity(line)
        scope = self._scope(line)
        letters = dict(self._letters(line))
        if activity is None or scope is None:
            return
        before = self.seen.setdefault((scope, activity), line.line)
        if before != line.line:
            self.refuse(
                line.line,
                None,
                gettext_lazy("%(activity)s stands on line %(before)s already; keep one of them."),
                activity=self._name(activity),
                before=before,
            )
            return
        self.cells.extend((scope, activity, seat, given) for seat, given in letters.items())

    def _activity(self, line: Row) -> str | None:
        """The key of the line's activity: from its key, else from its name."""
        key = line.text(self.fixed.get("activity", 0))
        name = line.text(self.fixed.get("name", 0))
        column = self.fixed["activity" if key or "name" not in self.fixed else "name"]
        said = key or name
        if not said:
            self.refuse(line.line, column, gettext_lazy("which activity is this line about?"))
            return None
        if said in self.law.activities:
            return said
        named = list(self._activities_called(said))
        if len(named) == 1:
            return named[0].key
        if named:
            pattern = gettext_lazy("several activities are called %(activity)s; use the key.")
        else:
            pattern = gettext_lazy("no activity is called %(activity)s; define it first.")
            self._note("activity", said)
        self.refuse(line.line, column, pattern, activity=_quote(said))
        return None

    def _activities_called(self, name: str) -> Iterator[Activity]:
        wanted = _plain(name)
        for activity in self.law.activities.values():
            if wanted in (_plain(activity.name.fr), _plain(activity.name.en)):
                yield activity

    def _scope(self, line: Row) -> str | None:
        column = self.fixed.get("scope", 0)
        scope = line.text(column)
        if not scope or scope in self.scopes:
            return scope
        self._note("scope", scope)
        pattern = gettext_lazy("no initiative is called %(scope)s; leave it empty, or create it.")
        self.refuse(line.line, column, pattern, scope=_quote(scope))
        return None

    def _letters(self, line: Row) -> Iterator[tuple[int, str]]:
        for column, seat in self.seats.items():
            text = line.text(column)
            if not text:
                continue
            letters = read_letters(text)
            if letters:
                yield seat, letters
            elif letters is None:
                pattern = (
                    gettext_lazy("letter %(text)s is unknown; use A, R, C, I or A R.")
                    if len(text) == 1
                    else gettext_lazy("%(text)s is not understood; use A, R, C, I or A R.")
                )
                self.refuse(line.line, column, pattern, text=_quote(text))

    def _name(self, key: str) -> Name:
        return Name(self.law.activities[key].name)

    def _note(self, kind: str, called: str) -> None:
        names = self.unknown.setdefault(kind, {})
        if len(names) < MAX_PROBLEMS:
            names[called[:_QUOTED_CHARACTERS]] = None


def _quote(text: str) -> Name:
    """What the file says, shortened: it is quoted in a sentence."""
    short = text if len(text) <= _QUOTED_CHARACTERS else f"{text[: _QUOTED_CHARACTERS - 1]}…"
    return Name(Bilingual(fr=short, en=short))


def _plain(text: str) -> str:
    """Text as it is compared: case, width, blanks and the kind of apostrophe do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(folded.split())
