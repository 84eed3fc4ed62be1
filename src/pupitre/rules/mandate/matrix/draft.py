"""A draft as its editor sees it: rows, findings with their remedies, what changes, who decides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import msgspec

from pupitre.rules.mandate.comparison import Comparison, compare, comparison_sentence
from pupitre.rules.mandate.findings import (
    Finding,
    Fix,
    Opening,
    errors,
    opening_sentence,
    warnings,
)
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.matrix.actions import EnterIntoForce
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.matrix.queries import (
    Rows,
    findings_in,
    named_activities,
    rows_in,
    scope_names,
    version_in_force,
)
from pupitre.rules.mandate.matrix.table import Source
from pupitre.rules.mandate.models import Decision, MatrixVersion
from pupitre.rules.mandate.sentences import Sentence

FINDINGS_SHOWN = 5  # at once; the others unfold
FINDINGS_UNFOLDED = 60  # beyond that they appear as the first ones are settled


@dataclass(frozen=True, slots=True)
class Remedy:
    """A fix and the token by which its button names it."""

    label: Sentence
    token: str


@dataclass(frozen=True, slots=True)
class Point:
    """A finding with its buttons."""

    finding: Finding
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class DraftState:
    """Everything that the editor's page and its fragments are made of."""

    version: MatrixVersion
    law: Law
    day: date
    rows: Rows
    findings: tuple[Finding, ...]
    in_force: MatrixVersion | None
    comparison: Comparison | None  # with the version in force
    decision: Decision | None  # the open one that would bring it into force
    source: Source

    @property
    def opening(self) -> Opening:
        return opening_sentence(self.findings, self.version.number)

    @property
    def error_count(self) -> int:
        return len(errors(self.findings))

    @property
    def warning_count(self) -> int:
        return len(warnings(self.findings))

    @property
    def points(self) -> tuple[Point, ...]:
        return points(self.findings[:FINDINGS_SHOWN])

    @property
    def first_points(self) -> tuple[Point, ...]:
        """The errors, where there are any; else the warnings."""
        return points((errors(self.findings) or self.findings)[:FINDINGS_SHOWN])

    @property
    def more_points(self) -> tuple[Point, ...]:
        return points(self.findings[FINDINGS_SHOWN:FINDINGS_UNFOLDED])

    @property
    def points_beyond(self) -> int:
        return max(0, len(self.findings) - FINDINGS_UNFOLDED)

    @property
    def changes(self) -> tuple[Sentence, ...]:
        if self.comparison is None or self.in_force is None:
            return ()
        return comparison_sentence(
            self.comparison,
            old=self.in_force.number,
            new=self.version.number,
            activities={key: a.name for key, a in self.source.activities.items()},
            scopes=self.source.scopes,
        )

    @property
    def overtaken(self) -> bool:
        """Whether the version that it was copied from rules no more."""
        base = self.version.based_on
        return bool(
            base and base.entered_at and self.in_force and base.number < self.in_force.number
        )


def read_draft(version: MatrixVersion, *, law: Law, day: date) -> DraftState:
    rows = rows_in(version, law=law)
    in_force = version_in_force()
    findings = findings_in(rows, law=law, day=day)
    before = law.rows if in_force is not None else None
    return DraftState(
        version=version,
        law=law,
        day=day,
        rows=rows,
        findings=findings,
        in_force=in_force,
        comparison=compare(law.rows, rows) if in_force is not None else None,
        decision=open_decision(version.number),
        source=Source(
            law=law,
            rows=rows,
            activities=named_activities(law),
            scopes=scope_names(),
            day=day,
            findings=findings,
            empty_rows=True,
            before=before,
        ),
    )


def open_decision(number: int) -> Decision | None:
    """The decision that waits to bring this draft into force."""
    return (
        Decision.objects.filter(
            subject=f"matrix:{number}", action=EnterIntoForce.key, state=Decision.State.OPEN
        )
        .select_related("member", "seat")
        .first()
    )


def points(findings: tuple[Finding, ...]) -> tuple[Point, ...]:
    return tuple(
        Point(finding, tuple(Remedy(fix.label, token(finding, fix)) for fix in finding.fixes))
        for finding in findings
    )


def token(finding: Finding, fix: Fix) -> str:
    """Names a fix by what it is about and does: when either changes, the button is out of date."""
    said = [finding.code.value, finding.scope, finding.activity, finding.seats, fix.edits]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()[:24]


def fix_named(state: DraftState, wanted: str) -> tuple[CellEdit, ...] | None:
    """The cells that a button changes, or None where the draft has moved on since it was drawn."""
    for finding in state.findings:
        for fix in finding.fixes:
            if token(finding, fix) == wanted:
                return tuple(
                    CellEdit(
                        scope=scope,
                        activity=activity,
                        seat_id=seat,
                        letters=letters,
                        was=state.rows.get((scope, activity), {}).get(seat, ""),
                    )
                    for scope, activity, seat, letters in fix.edits
                )
    return None
