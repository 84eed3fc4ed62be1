"""From the lines of a file to what they ask for. Pure.

A missing column leaves things as they are; an empty cell empties them, where that makes sense.
What is said of a function or a seat may stand on the first of its lines only, or on all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import Row, Sheet
from pupitre.rules.mandate.organisation.cells import SHOWN, Cells
from pupitre.rules.mandate.organisation.columns import plain, read_header
from pupitre.rules.mandate.organisation.drafts import (
    FunctionDraft,
    HolderDraft,
    Problem,
    SeatDraft,
    Wanted,
)
from pupitre.rules.mandate.organisation.rules import MAX_DOTTED, key_from
from pupitre.rules.mandate.organisation.state import FunctionState, OrganisationState, SeatState

MAX_LINES = 2_000

Draft = TypeVar("Draft", FunctionDraft, SeatDraft)
_FUNCTION_COLUMNS = {
    "name_fr": "function_fr",
    "name_en": "function_en",
    "kind": "kind",
    "parent": "parent",
}
_SEAT_COLUMNS = {
    "function": "function_key",
    "name_fr": "seat_fr",
    "name_en": "seat_en",
    "heads": "heads",
    "places": "places",
    "superior": "superior",
    "dotted": "dotted",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """``columns`` tells in which column of the file, from 1, each name was found."""

    wanted: Wanted
    problems: tuple[Problem, ...]
    columns: Mapping[str, int]


def read_wanted(sheet: Sheet, state: OrganisationState) -> Reading:
    """What a file asks for. Raises `Invalid` where its first line makes it unreadable.

    ``state`` serves to recognise by name what the file gives no code for.
    """
    columns = read_header(sheet.rows[0])
    lines = sheet.rows[1:]
    if not lines:
        raise Invalid(_("This file has a first line and nothing under it."))
    if len(lines) > MAX_LINES:
        raise Invalid(
            _("An organisation has at most %(limit)s lines here: split it into several files.")
            % {"limit": MAX_LINES}
        )
    reader = _Reader(Cells(columns), state)
    for row in lines:
        reader.read(row)
    wanted = reader.wanted()
    return Reading(wanted=wanted, problems=tuple(reader.cells.problems), columns=columns)


class _Reader:
    def __init__(self, cells: Cells, state: OrganisationState) -> None:
        self.cells = cells
        self.state = state
        self.functions: dict[str, FunctionDraft] = {}
        self.seats: dict[str, SeatDraft] = {}
        self.holders: dict[tuple[str, str, object], HolderDraft] = {}
        self._functions_by_name = _by_name(state.functions.values())
        self._seats_by_name: dict[str, dict[str, str]] = {}
        for seat in state.seats.values():
            if seat.closed_on is None:
                here = self._seats_by_name.setdefault(seat.function, {})
                here.update(_by_name([seat]))

    def read(self, row: Row) -> None:
        function = self._function(row)
        if function is None:
            return
        self._keep(self.functions, function, _FUNCTION_COLUMNS)
        seat = self._seat(row, function.key)
        if seat is None:
            return
        self._keep(self.seats, seat, _SEAT_COLUMNS)
        self._holder(row, seat.key)

    def wanted(self) -> Wanted:
        """References become keys once every line is known; empty cells become what they mean."""
        functions = _Names(self.state.functions, self.functions)
        open_seats = {k: s for k, s in self.state.seats.items() if s.closed_on is None}
        seats = _Names(open_seats, self.seats)
        return Wanted(
            functions=tuple(
                replace(d, parent=self._reference(d.line, "parent", d.parent, functions))
                for d in self.functions.values()
            ),
            seats=tuple(self._finished(draft, seats) for draft in self.seats.values()),
            holders=tuple(self.holders.values()),
        )

    # One line

    def _function(self, row: Row) -> FunctionDraft | None:
        key = self.cells.key(row, "function_key")
        if key is None:
            return None
        name = self.cells.first(row, "function_fr", "function_en")
        if not key and not name:
            self.cells.problem(
                row.line, "function_key", _("Which function? Give its code or its name.")
            )
            return None
        found = key or self._functions_by_name.get(plain(name)) or key_from(name)
        known = None if key else self.state.functions.get(found)
        return FunctionDraft(
            key=found,
            line=row.line,
            name_fr=self._name(row, "function_fr", known.name_fr if known else ""),
            name_en=self._name(row, "function_en", known.name_en if known else ""),
            kind=self.cells.kind(row),
            parent=self.cells.text(row, "parent"),
        )

    def _seat(self, row: Row, function: str) -> SeatDraft | None:
        key = self.cells.key(row, "seat_key")
        if key is None:
            return None
        name = self.cells.first(row, "seat_fr", "seat_en")
        if not key and not name:
            if self.cells.first(row, "email", "name"):
                self.cells.problem(
                    row.line, "seat_key", _("Somebody is named on this line, and no seat.")
                )
            return None
        found = key or self._key_of_seat(name, function)
        known = None if key else self.state.seats.get(found)
        return SeatDraft(
            key=found,
            function=function,
            line=row.line,
            name_fr=self._name(row, "seat_fr", known.name_fr if known else ""),
            name_en=self._name(row, "seat_en", known.name_en if known else ""),
            heads=self.cells.yes(row, "heads"),
            places=self.cells.places(row),
            superior=self.cells.text(row, "superior"),
            dotted=self.cells.several(row, "dotted"),
        )

    def _name(self, row: Row, column: str, known: str) -> str | None:
        """A name; where it is how we recognised the thing, other capitals are no new name."""
        name = self.cells.name(row, column)
        return known if name and known and plain(name) == plain(known) else name

    def _key_of_seat(self, name: str, function: str) -> str:
        """The code of the seat of that name in that function, or one of its own."""
        known = self._seats_by_name.get(function, {}).get(plain(name))
        if known:
            return known
        key = key_from(name)
        elsewhere = self.seats.get(key) or self.state.seats.get(key)
        if elsewhere is not None and elsewhere.function != function:
            return key_from(f"{name} {function}")
        return key

    def _holder(self, row: Row, seat: str) -> None:
        cells = self.cells
        email = cells.email(row)
        if email is None:
            return
        if not email:
            if cells.first(row, "name", "starts", "ends"):
                cells.problem(row.line, "email", _("The e-mail address of this person is missing."))
            return
        starts, ends = cells.day(row, "starts"), cells.day(row, "ends")
        if starts and ends and ends < starts:
            cells.problem(row.line, "ends", _("The last day comes before the first one."))
            return
        same = self.holders.get((seat, email, starts))
        if same is not None:
            cells.problem(row.line, "email", _("The same as line %(line)s.") % {"line": same.line})
            return
        self.holders[seat, email, starts] = HolderDraft(
            seat=seat,
            email=email,
            line=row.line,
            name=cells.name(row, "name") or "",
            starts=starts,
            ends=ends,
            states_end="ends" in cells.columns,
        )

    # Several lines

    def _keep(self, kept: dict[str, Draft], draft: Draft, columns: Mapping[str, str]) -> None:
        """Join what several lines say of one thing; where they contradict, that is a problem."""
        first = kept.get(draft.key)
        if first is None:
            kept[draft.key] = draft
            return
        joined: dict[str, object] = {}
        for field in fields(draft):
            new, old = getattr(draft, field.name), getattr(first, field.name)
            if field.name not in columns or new in (None, "", ()) or _same(new, old):
                continue
            if old not in (None, "", ()):
                self.cells.problem(
                    draft.line,
                    columns[field.name],
                    _(
                        "Line %(line)s says otherwise of “%(key)s”. Give each its own code, or "
                        "write the same twice."
                    )
                    % {"line": first.line, "key": draft.key},
                )
                continue
            joined[field.name] = new
        if joined:
            kept[draft.key] = replace(first, **joined)  # type: ignore[arg-type]

    def _finished(self, draft: SeatDraft, names: _Names) -> SeatDraft:
        dotted = draft.dotted
        if dotted:
            found = {self._reference(draft.line, "dotted", text, names) for text in dotted}
            dotted = tuple(sorted(key for key in found if key))
            if len(dotted) > MAX_DOTTED:
                self.cells.problem(
                    draft.line,
                    "dotted",
                    _("At most %(limit)s dotted lines from one seat.") % {"limit": MAX_DOTTED},
                )
        has = self.cells.columns
        return replace(
            draft,
            superior=self._reference(draft.line, "superior", draft.superior, names),
            dotted=dotted,
            heads=False if draft.heads is None and "heads" in has else draft.heads,
            places=1 if draft.places is None and "places" in has else draft.places,
        )

    def _reference(self, line: int, column: str, text: str | None, names: _Names) -> str | None:
        if not text:
            return text
        key = names.key(text)
        if key is None:
            message = (
                _("Several are called “%(name)s”: write the code of the one you mean.")
                if names.several(text)
                else _("“%(name)s” is neither in this file nor in the organisation.")
            )
            self.cells.problem(line, column, message % {"name": text[:SHOWN]})
        return key


class _Names:
    """Finds a key from a key or, where only one thing bears it, from a name."""

    def __init__(
        self,
        old: Mapping[str, FunctionState] | Mapping[str, SeatState],
        new: Mapping[str, FunctionDraft] | Mapping[str, SeatDraft],
    ) -> None:
        self._keys = {*old, *new}
        self._named: dict[str, set[str]] = {}
        for key, thing in (*old.items(), *new.items()):
            for name in (thing.name_fr, thing.name_en):
                if name:
                    self._named.setdefault(plain(name), set()).add(key)

    def key(self, text: str) -> str | None:
        if text.lower() in self._keys:
            return text.lower()
        found = self._named.get(plain(text), set())
        return next(iter(found)) if len(found) == 1 else None

    def several(self, text: str) -> bool:
        return len(self._named.get(plain(text), ())) > 1


def _by_name(things: Iterable[FunctionState] | Iterable[SeatState]) -> dict[str, str]:
    return {
        plain(name): thing.key
        for thing in things
        for name in (thing.name_fr, thing.name_en)
        if name
    }


def _same(new: object, old: object) -> bool:
    if isinstance(new, str) and isinstance(old, str):
        return plain(new) == plain(old)
    return new == old
