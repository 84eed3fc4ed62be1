"""What a finding is: a point of the matrix that keeps it from ruling well, and its remedies."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.findings.words import WORDINGS, FindingCode, Wording
from pupitre.rules.mandate.sentences import Name, Sentence, Value, say


class Severity(enum.StrEnum):
    ERROR = "error"  # with it, the matrix cannot enter into force
    WARNING = "warning"


Place = tuple[str, str, int]  # (scope, activity, seat id): one cell
Edit = tuple[str, str, int, str]  # a cell, and what it shall hold; "" empties it


@dataclass(frozen=True, slots=True)
class Fix:
    """A remedy in one click: what the button says, and the cells that it changes."""

    label: Sentence
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: which cells, why it matters, what to do. Said in the language of its reader.

    ``activity`` is None where the finding is about seats rather than a row. ``cells`` are those
    to outline; they are empty where the trouble is that a cell is missing.
    """

    code: FindingCode
    scope: str
    activity: str | None
    seats: tuple[int, ...]
    cells: tuple[Place, ...] = ()
    fixes: tuple[Fix, ...] = ()
    variant: str = ""
    subject: Bilingual | None = None  # the activity or the seat that it is about
    scope_name: Bilingual | None = None
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def severity(self) -> Severity:
        return Severity.ERROR if self.code in ERRORS else Severity.WARNING

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def letter(self) -> str:
        """The mark that stands before it on a page."""
        return self._wording.letter

    @property
    def title(self) -> Sentence:
        """What it is about: the activity's name (and the initiative's), or the seat's."""
        if self._wording.title is not None:
            return self._say(self._wording.title)
        subject = self.subject or Bilingual(fr="", en="")
        if self.scope_name is not None:
            return say("%(subject)s (%(scope)s)", subject=subject, scope=self.scope_name)
        return say("%(subject)s", subject=subject)

    @property
    def headline(self) -> Sentence:
        """The whole matter as a clause, to stand inside another sentence. No capital, no stop."""
        return self._say(self._wording.headline)

    @property
    def message(self) -> Sentence:
        """What is wrong, as one sentence to read after the title."""
        return self._say(self._wording.message)

    @property
    def why(self) -> Sentence:
        return self._say(self._wording.why)

    @property
    def remedy(self) -> Sentence:
        return self._say(self._wording.remedy)

    @property
    def rule(self) -> Sentence | None:
        """What the rule is, where that fits in a few words: “only one may be”."""
        return None if self._wording.rule is None else self._say(self._wording.rule)

    @property
    def _wording(self) -> Wording:
        return WORDINGS[self.code, self.variant]

    def _say(self, pattern: Value) -> Sentence:
        subject = Name(self.subject) if self.subject is not None else ""
        return say(pattern, subject=subject, **dict(self.values))  # type: ignore[arg-type]


ERRORS = frozenset(
    {
        FindingCode.NO_ACCOUNTABLE,
        FindingCode.SEVERAL_ACCOUNTABLE,
        FindingCode.NO_RESPONSIBLE,
        FindingCode.SEAT_VACANT,
        FindingCode.SEAT_CLOSED,
        FindingCode.JOINT_ONE_SIDED,
        FindingCode.NO_ROW,
    }
)


def errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.blocks)


def warnings(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if not finding.blocks)
