"""The tables of a printed matrix: a grid in parts, or a list of rows with their seats. Pure."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain
from pupitre.rules.mandate.findings import Finding, errors
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.matrix.table import plain

Rows = Mapping[tuple[str, str], Mapping[int, str]]

FLAT_NAMES = 10  # seats whose names can lie flat side by side on A4
A4_SEATS = 16  # seats side by side
A3_SEATS = 26
GRID_SEATS = 3 * A3_SEATS  # beyond three parts nobody puts the grid together again
GRID_CELLS = 30_000  # typst lays out some 20,000 cells a second
NAMES_PRINTED = 40  # seats named for one letter of one row of the list
_WIDTH_MM = {"a4": 297 - 24, "a3": 420 - 24}  # between the margins
_LABEL_MM = 78
_NAME_MM = (22.0, 46.0)  # how tall upright names stand, at least and at most
_MM_A_CHARACTER = 1.35
_PRINTED_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")  # that our fonts have


@dataclass(frozen=True, slots=True)
class Printing:
    """What is printed: a version of the matrix, in the company of a day."""

    number: int
    state: str | Promise  # "draft", "in force since 3 March", in the reader's language
    day: date
    in_force: bool = False
    scopes: Mapping[str, Bilingual] = field(default_factory=dict)
    retired: Mapping[str, Activity] = field(default_factory=dict)  # that the law lists no more


def fits_grid(seats: int, rows: int) -> bool:
    return seats <= GRID_SEATS and seats * rows <= GRID_CELLS


def paper(seats: int, rows: int) -> str:
    return "a3" if seats > A4_SEATS and fits_grid(seats, rows) else "a4"


def blocks_of(
    law: Law,
    rows: Rows,
    findings: tuple[Finding, ...],
    printing: Printing,
    seats: Sequence[SeatFacts],
) -> list[dict[str, object]]:
    """The tables in order, as the template takes them. ``seats`` are those that hold letters."""
    blocks = _Blocks(
        law=law,
        rows=rows,
        printing=printing,
        wrong=frozenset(cell for finding in errors(findings) for cell in finding.cells),
        bad=frozenset((f.scope, f.activity) for f in errors(findings) if f.activity is not None),
    )
    return blocks.grid(seats) if fits_grid(len(seats), len(rows)) else blocks.listing()


@dataclass(frozen=True, slots=True)
class _Blocks:
    law: Law
    rows: Rows
    printing: Printing
    wrong: frozenset[tuple[str, str, int]]  # cells that an error is about
    bad: frozenset[tuple[str, str]]  # rows that an error is about

    def grid(self, seats: Sequence[SeatFacts]) -> list[dict[str, object]]:
        """Parts of the seats; in each, the company's rows, then those of every initiative."""
        parts = max(1, math.ceil(len(seats) / A3_SEATS))
        size = max(1, math.ceil(len(seats) / parts))
        blocks: list[dict[str, object]] = []
        for part in range(parts):
            shown = seats[part * size : (part + 1) * size]
            caption = ""
            if parts > 1:
                caption = _("Seats %(first)s to %(last)s of %(total)s") % {
                    "first": part * size + 1,
                    "last": part * size + len(shown),
                    "total": len(seats),
                }
            for number, scope in enumerate(self._scopes()):
                columns = self._columns(scope, shown)
                if columns:
                    groups = self._groups(scope, columns)
                    block = self._grid_block(columns, groups, self._caption(scope, caption))
                    blocks.append({**block, "new-page": number == 0})
        return blocks

    def _columns(self, scope: str, seats: Sequence[SeatFacts]) -> Sequence[SeatFacts]:
        """All seats of the part for the company; for an initiative only those that it names."""
        named = {s for place, row in self.rows.items() if place[0] == scope for s in row}
        own = [seat for seat in seats if seat.id in named]
        return own if scope or not own else seats

    def listing(self) -> list[dict[str, object]]:
        return [
            {
                "grid": False,
                "new-page": False,
                "caption": self._caption(scope, ""),
                "groups": self._groups(scope, None),
            }
            for scope in self._scopes()
        ]

    def _scopes(self) -> list[str]:
        """The company first; the rows of an initiative replace the company's for it alone."""
        return sorted({scope for scope, _activity in self.rows})

    def _caption(self, scope: str, caption: str) -> str:
        if not scope:
            return caption
        name = self.printing.scopes.get(scope, Bilingual(scope, scope))
        own = _("For the initiative “%(name)s”, instead of the company’s rows") % {"name": name}
        return " · ".join(filter(None, [caption, own]))

    def _grid_block(
        self, seats: Sequence[SeatFacts], groups: list[dict[str, object]], caption: str
    ) -> dict[str, object]:
        upright = len(seats) > FLAT_NAMES
        width = _WIDTH_MM["a4" if len(seats) <= A4_SEATS else "a3"] - _LABEL_MM
        longest = max(len(str(seat.name)) for seat in seats)
        shortest_mm, tallest_mm = _NAME_MM
        return {
            "grid": True,
            "caption": caption,
            "upright": upright,
            "height": min(tallest_mm, max(shortest_mm, 4 + _MM_A_CHARACTER * longest)),
            "label": _LABEL_MM,
            "column": min(width / len(seats), 15.0 if upright else 30.0),
            "seats": [self._seat(seat) for seat in seats],
            "groups": groups,
        }

    def _seat(self, seat: SeatFacts) -> dict[str, str]:
        return {
            "name": legible(str(seat.name), seat.key),
            "kind": seat.kind.value,
            "note": self._note(seat),
        }

    def _note(self, seat: SeatFacts) -> str:
        day = self.printing.day
        if seat.closed_on is not None and seat.closed_on <= day:
            return _("closed")
        if not self.law.occupied(seat.id, day):
            return _("vacant")
        return "" if self.law.holders(seat.id, day) else _("deputised")

    def _groups(self, scope: str, seats: Sequence[SeatFacts] | None) -> list[dict[str, object]]:
        """Rows by domain, by name. ``seats`` are the columns of a grid, None for a list."""
        by_domain: dict[Domain, list[tuple[str, dict[str, object]]]] = {}
        ids = None if seats is None else [seat.id for seat in seats]
        for place, row in self.rows.items():
            if place[0] != scope or (ids is not None and row.keys().isdisjoint(ids)):
                continue
            activity = self._activity(place[1])
            name = legible(str(activity.name), activity.key)
            line: dict[str, object] = {
                "name": name,
                "enforced": activity.enforced,
                "joint": activity.joint,
                "bad": place in self.bad,
                **(self._held(place, row) if ids is None else self._cells(place, row, ids)),
            }
            by_domain.setdefault(activity.domain, []).append((plain(name), line))
        return [
            {
                "title": str(domain.label),
                "rows": [line for _n, line in sorted(by_domain[domain], key=lambda pair: pair[0])],
            }
            for domain in Domain
            if domain in by_domain
        ]

    def _cells(
        self, place: tuple[str, str], row: Mapping[int, str], ids: list[int]
    ) -> dict[str, object]:
        return {
            "cells": [row.get(seat, "") for seat in ids],
            "wrong": [n for n, seat in enumerate(ids) if (*place, seat) in self.wrong],
        }

    def _held(self, place: tuple[str, str], row: Mapping[int, str]) -> dict[str, object]:
        """The seats of each letter by name, in the organisation's order."""
        held = []
        for letter in "ARCI":
            seats = [seat for seat in self.law.seats if letter in row.get(seat, "")]
            left = len(seats) - NAMES_PRINTED
            more = ngettext("and %(n)s other", "and %(n)s others", left) % {"n": left}
            held.append(
                {
                    "seats": [
                        {"name": self._named(seat), "wrong": (*place, seat) in self.wrong}
                        for seat in seats[:NAMES_PRINTED]
                    ],
                    "more": more if left > 0 else "",
                }
            )
        return {"held": held}

    def _named(self, seat_id: int) -> str:
        seat = self.law.seats[seat_id]
        name, note = legible(str(seat.name), seat.key), self._note(seat)
        return f"{name} ({note})" if note else name

    def _activity(self, key: str) -> Activity:
        known = self.law.activities.get(key) or self.printing.retired.get(key)
        return known or Activity(key, Bilingual(key, key), Domain.PROCESS)


def legible(name: str, key: str) -> str:
    """The name, and the key beside it where our fonts lack its script.

    Fonts of the machine are used where they have it; where none does, the key still tells.
    """
    for character in name:
        if character.isascii() or not character.isalpha():
            continue
        if not unicodedata.name(character, "").startswith(_PRINTED_SCRIPTS):
            return f"{name} ({key})"
    return name
