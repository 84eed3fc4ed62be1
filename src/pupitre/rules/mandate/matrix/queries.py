"""What is read of matrices: versions, their rows, what is found in them, who decided them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from django.db.models import QuerySet

from pupitre.core.bilingual import Bilingual
from pupitre.rules.mandate.contracts import Activity, Domain, enforced_activities
from pupitre.rules.mandate.findings import Finding, FindingCode, find
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import CompanyActivity, Decision, MatrixVersion, Scope, Voice
from pupitre.rules.mandate.standing import current_epoch, read_law, rows_of

Rows = Mapping[tuple[str, str], Mapping[int, str]]


def version_in_force() -> MatrixVersion | None:
    return MatrixVersion.objects.filter(state=MatrixVersion.State.IN_FORCE).first()


def version_numbered(number: int) -> MatrixVersion | None:
    return (
        MatrixVersion.objects.select_related("started_by", "based_on").filter(number=number).first()
    )


def open_drafts() -> tuple[MatrixVersion, ...]:
    drafts = MatrixVersion.objects.select_related("started_by", "based_on")
    return tuple(drafts.filter(state=MatrixVersion.State.DRAFT))


def all_versions() -> QuerySet[MatrixVersion]:
    """Newest first."""
    return MatrixVersion.objects.select_related("started_by", "based_on")


def scope_names() -> Mapping[str, Bilingual]:
    return MappingProxyType({scope.key: scope.name for scope in Scope.objects.all()})


def named_activities(law: Law) -> Mapping[str, Activity]:
    """Every activity that a version may speak of, retired ones too: an old version keeps its
    names."""
    retired = {
        own.key: Activity(own.key, own.name, Domain(own.domain), joint=own.joint)
        for own in CompanyActivity.objects.filter(retired_on__isnull=False)
    }
    return MappingProxyType({**retired, **law.activities})


def fresh_law() -> Law:
    """The law read now, whatever this process remembers."""
    return read_law(epoch=current_epoch())


def rows_in(version: MatrixVersion, *, law: Law) -> Rows:
    """Its rows; those of the version in force are in memory already."""
    return law.rows if law.matrix_id == version.pk else rows_of(version)


def findings_of(version: MatrixVersion, *, law: Law, day: date) -> tuple[Finding, ...]:
    """What is wrong with a version in the company of that day."""
    return findings_in(rows_in(version, law=law), law=law, day=day)


def findings_in(rows: Rows, *, law: Law, day: date) -> tuple[Finding, ...]:
    found = find(law, day=day, rows=rows, enforced=enforced_activities.keys(), scopes=scope_names())
    if not any(finding.code is FindingCode.ACTIVITY_UNKNOWN for finding in found):
        return found
    named = named_activities(law)
    return tuple(_named(finding, named) for finding in found)


def _named(finding: Finding, activities: Mapping[str, Activity]) -> Finding:
    """A finding about a retired activity, by its name rather than its key."""
    retired = activities.get(finding.activity or "")
    if finding.code is not FindingCode.ACTIVITY_UNKNOWN or retired is None:
        return finding
    return replace(finding, subject=retired.name)


@dataclass(frozen=True, slots=True)
class Said:
    """One voice in the making of a version: who, from which seat, what."""

    decision: Decision
    voices: tuple[Voice, ...]


def decisions_on(number: int, *, action: str) -> tuple[Said, ...]:
    """Every decision that was asked about a version, newest first, with its last round."""
    decisions = (
        Decision.objects.filter(subject=f"matrix:{number}", action=action)
        .select_related("member", "seat")
        .prefetch_related("voices__member", "voices__seat")
        .order_by("-requested_at")[:20]
    )
    return tuple(
        Said(
            decision=decision,
            voices=tuple(v for v in decision.voices.all() if v.round == decision.round),
        )
        for decision in decisions
    )
