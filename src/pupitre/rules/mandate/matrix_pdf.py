"""A matrix on paper, for a meeting: four marks, names in full, what is wrong, what was left out.

What people wrote reaches typst as JSON and is printed as text: nothing of it is ever markup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import font_source_serif_pro
import msgspec
import typst
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from pupitre.core.templatetags.house import day_short
from pupitre.rules.mandate.findings import Finding, errors, opening_sentence, warnings
from pupitre.rules.mandate.law import Law, SeatFacts
from pupitre.rules.mandate.matrix_print import A3_SEATS, Printing, Rows, blocks_of, fits_grid, paper

TEMPLATE = Path(__file__).parent / "templates" / "mandate" / "matrix.typ"
FINDINGS_PRINTED = 30

__all__ = ["Printing", "matrix_pages", "matrix_pdf"]


def matrix_pdf(law: Law, rows: Rows, *, findings: tuple[Finding, ...], printing: Printing) -> bytes:
    """The matrix as a tagged PDF in the reader's language.

    A grid on A4 or A3, cut into parts where it is wide; where even that is too much, a list of
    rows that names the seats. What is left out is said.
    """
    document = _document(law, rows, findings, printing)
    return typst.compile(
        TEMPLATE.read_bytes(), font_paths=_fonts(), format="pdf", sys_inputs=_inputs(document)
    )


def matrix_pages(
    law: Law, rows: Rows, *, findings: tuple[Finding, ...], printing: Printing, ppi: float = 96
) -> tuple[bytes, ...]:
    """The same pages as PNG images, to look at."""
    document = _document(law, rows, findings, printing)
    made: bytes | list[bytes] = typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        format="png",
        ppi=ppi,
        sys_inputs=_inputs(document),
    )
    return tuple(made) if isinstance(made, list) else (made,)


def _inputs(document: Mapping[str, Any]) -> dict[str, str]:
    return {"matrix": msgspec.json.encode(document).decode()}


@cache
def _fonts() -> typst.Fonts:
    """Our own fonts, and the machine's for scripts that they lack."""
    own = [
        str(Path(module.__file__ or "").parent / "files")
        for module in (font_source_sans_pro, font_source_serif_pro)
    ]
    return typst.Fonts(include_system_fonts=True, font_paths=own)


def _document(
    law: Law, rows: Rows, findings: tuple[Finding, ...], printing: Printing
) -> Mapping[str, Any]:
    """All that the template prints, as JSON-able text and numbers."""
    rows = {place: row for place, row in rows.items() if row}
    lettered = {seat for row in rows.values() for seat in row}
    seats = [seat for seat in law.seats.values() if seat.id in lettered]
    opening = opening_sentence(findings, printing.number, in_force=printing.in_force)
    matrix = _("Responsibility matrix")
    stamp = _("Version %(number)s · %(state)s · %(day)s") % {
        "number": printing.number,
        "state": printing.state,
        "day": day_short(printing.day),
    }
    return {
        "lang": (get_language() or "fr")[:2],
        "title": _("Responsibility matrix, version %(number)s") % {"number": printing.number},
        "paper": paper(len(seats), len(rows)),
        "stamp": f"{matrix} · {stamp}",
        "footer": f"Pupitre · {matrix} · {stamp}",
        "opening": {
            "lead": str(opening.lead),
            "point": "" if opening.point is None else str(opening.point),
            "rest": str(opening.rest),
        },
        "count": _count(findings),
        "legend": [
            ("A", _("approves, and answers for the outcome")),
            ("R", _("acts, and asks for decisions")),
            ("C", _("is asked before")),
            ("I", _("is told afterwards")),
        ],
        "words": {
            "activity": _("Activity"),
            "enforced": _("enforced by Pupitre"),
            "joint": _("decided by marketing and IT together"),
            "findings": _("What deserves a look"),
        },
        "omitted": _omitted(law, rows, seats),
        "blocks": blocks_of(law, rows, findings, printing, seats),
        "findings": [_finding(finding) for finding in findings[:FINDINGS_PRINTED]],
        "more": _more(len(findings) - FINDINGS_PRINTED),
    }


def _count(findings: tuple[Finding, ...]) -> str:
    """ "2 errors, 3 warnings", or "" where the opening sentence has said it all."""
    wrong, doubtful = len(errors(findings)), len(warnings(findings))
    if not (wrong and doubtful):
        return ""
    in_errors = ngettext("%(n)s error", "%(n)s errors", wrong) % {"n": wrong}
    in_warnings = ngettext("%(n)s warning", "%(n)s warnings", doubtful) % {"n": doubtful}
    return f"{in_errors}, {in_warnings}"


def _more(left: int) -> str:
    if left <= 0:
        return ""
    return ngettext("And %(n)s other.", "And %(n)s others.", left) % {"n": left}


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "letter": finding.letter,
        "blocks": finding.blocks,
        "title": _("%(title)s:") % {"title": finding.title},
        "message": str(finding.message),
        "why": str(finding.why),
        "remedy": str(finding.remedy),
    }


def _omitted(law: Law, rows: Rows, seats: Sequence[SeatFacts]) -> list[str]:
    """What the reader does not see, or not where they would look for it."""
    said = []
    held = {seat.id for seat in seats}
    silent = sum(1 for s in law.seats.values() if s.closed_on is None and s.id not in held)
    if silent:
        said.append(
            ngettext(
                "One seat without a letter is left out.",
                "%(n)s seats without a letter are left out.",
                silent,
            )
            % {"n": silent}
        )
    empty = sum(1 for key in law.activities if ("", key) not in rows)
    if empty:
        said.append(
            ngettext(
                "One activity without a row is left out.",
                "%(n)s activities without a row are left out.",
                empty,
            )
            % {"n": empty}
        )
    if not fits_grid(len(seats), len(rows)):
        said.append(
            _("%(n)s seats hold letters: too many for columns, so that each row names them.")
            % {"n": len(seats)}
        )
    elif len(seats) > A3_SEATS:
        said.append(
            _("The seats are cut into parts; each leaves out the rows that do not name its seats.")
        )
    return said
