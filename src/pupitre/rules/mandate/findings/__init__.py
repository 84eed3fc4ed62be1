"""What is wrong with a matrix, why it matters, and what to do. Pure: no database, no clock.

``find`` looks at every row once. It is asked at each change of a cell while somebody edits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from types import MappingProxyType

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.findings.company import Company, Rows, company_of
from pupitre.rules.mandate.findings.finding import (
    Edit,
    Finding,
    Fix,
    Place,
    Severity,
    errors,
    warnings,
)
from pupitre.rules.mandate.findings.opening import Opening, opening_sentence
from pupitre.rules.mandate.findings.rows import check_row, sort_row
from pupitre.rules.mandate.findings.seats import (
    check_empty_chairs,
    check_loads,
    check_missing_rows,
    check_silent_seats,
)
from pupitre.rules.mandate.findings.words import FindingCode
from pupitre.rules.mandate.law import Law

__all__ = [
    "Edit",
    "Finding",
    "FindingCode",
    "Fix",
    "Opening",
    "Place",
    "Severity",
    "apply_edits",
    "errors",
    "find",
    "opening_sentence",
    "warnings",
]

_NO_SCOPES: Mapping[str, Bilingual] = MappingProxyType({})
_ORDER = {code: position for position, code in enumerate(FindingCode)}


def find(
    law: Law,
    *,
    day: date,
    rows: Rows | None = None,
    enforced: Collection[str],
    scopes: Mapping[str, Bilingual] = _NO_SCOPES,
) -> tuple[Finding, ...]:
    """All findings of a matrix, errors first.

    ``rows`` is a draft to be looked at in this company, by default the matrix in force.
    ``enforced`` are the keys that must have a row; ``scopes`` names the initiatives.
    """
    asked = law.rows if rows is None else rows
    company = company_of(
        law,
        day=day,
        rows={place: row for place, row in asked.items() if row},
        enforced=enforced,
        scopes=scopes,
    )
    return tuple(
        sorted(
            _all(company),
            key=lambda f: (not f.blocks, _ORDER[f.code], f.scope, f.activity or "", f.seats),
        )
    )


def _all(company: Company) -> Iterator[Finding]:
    rows = [sort_row(place, row) for place, row in company.rows.items()]
    lettered = frozenset().union(*(row.row for row in rows))
    for letters in rows:
        yield from check_row(company, letters, voices=len(lettered))
    yield from check_missing_rows(company)
    yield from check_empty_chairs(company, rows)
    yield from check_loads(company, rows)
    yield from check_silent_seats(company, lettered)


def apply_edits(rows: Rows, edits: Collection[Edit]) -> Rows:
    """The rows after some cells have changed. A row that is left without letters disappears."""
    changed = {place: dict(row) for place, row in rows.items()}
    for scope, activity, seat, letters in edits:
        row = changed.setdefault((scope, activity), {})
        if letters:
            row[seat] = letters
        else:
            row.pop(seat, None)
    return MappingProxyType({place: MappingProxyType(row) for place, row in changed.items() if row})
