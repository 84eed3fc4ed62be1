"""Versions: all of them, one of them, two of them side by side, and the drafts among them."""

from __future__ import annotations

from dataclasses import dataclass

import django_tables2 as tables
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pupitre.core.tables import DayColumn, HouseTable, table_page
from pupitre.rules.mandate.comparison import ChangeKind, compare, comparison_sentence
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.findings import errors
from pupitre.rules.mandate.matrix.actions import EnterIntoForce, StartDraft
from pupitre.rules.mandate.matrix.draft import open_decision
from pupitre.rules.mandate.matrix.filters import read_filters
from pupitre.rules.mandate.matrix.queries import (
    all_versions,
    decisions_on,
    findings_of,
    named_activities,
    open_drafts,
    rows_in,
    scope_names,
    version_in_force,
)
from pupitre.rules.mandate.matrix.table import Source, draw
from pupitre.rules.mandate.matrix.views.common import (
    filter_context,
    may_prepare,
    preparers,
    present,
    tabs,
    version_or_404,
)
from pupitre.rules.mandate.models import Decision, MatrixVersion
from pupitre.rules.mandate.web import Presence, acting_view, ask, reading_view

STATES = {
    MatrixVersion.State.DRAFT: gettext_lazy("draft"),
    MatrixVersion.State.IN_FORCE: gettext_lazy("in force"),
    MatrixVersion.State.SUPERSEDED: gettext_lazy("superseded"),
    MatrixVersion.State.ABANDONED: gettext_lazy("abandoned"),
}
MOST_CHOICES = 100  # versions offered for a comparison


class VersionTable(HouseTable):
    number = tables.Column(verbose_name=gettext_lazy("Version"))
    state = tables.Column(verbose_name=gettext_lazy("State"))
    started_by = tables.Column(
        verbose_name=gettext_lazy("Begun by"), accessor="started_by__name", default="—"
    )
    started_at = DayColumn(verbose_name=gettext_lazy("Begun on"))
    entered_at = DayColumn(verbose_name=gettext_lazy("In force from"))
    left_at = DayColumn(verbose_name=gettext_lazy("In force until"))
    note = tables.Column(verbose_name=gettext_lazy("Note"), default="")

    class Meta(HouseTable.Meta):
        model = MatrixVersion
        fields = (
            "number",
            "state",
            "started_by",
            "started_at",
            "entered_at",
            "left_at",
            "note",
        )
        caption = gettext_lazy("Versions of the responsibility matrix")
        empty_text = gettext_lazy(
            "No version yet. The first begins from one of five starting points."
        )
        order_by = ("-number",)

    def render_number(self, record: MatrixVersion) -> str:
        url = reverse("mandate:version", args=[record.number])
        return format_html('<a href="{}">{}</a>', url, _version(record.number))

    def value_number(self, record: MatrixVersion) -> int:
        return int(record.number)

    def render_state(self, record: MatrixVersion) -> str:
        return str(STATES[MatrixVersion.State(record.state)])


def _version(number: int) -> str:
    return _("version %(number)s") % {"number": number}


@reading_view
def all_of_them(request: HttpRequest) -> HttpResponse:
    present(request)
    return table_page(
        request,
        table=VersionTable,
        rows=all_versions(),
        template="mandate/matrix/versions.html",
        context={"tabs": tabs("versions"), "in_force": version_in_force()},
        export_name="versions",
        may_export=True,
    )


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in the list: how far it is, and whether its decision is open."""

    version: MatrixVersion
    error_count: int
    decision: Decision | None


@reading_view
def drafts(request: HttpRequest) -> HttpResponse:
    presence = present(request)
    lines = tuple(
        DraftLine(
            version,
            len(errors(findings_of(version, law=presence.law, day=presence.day))),
            open_decision(version.number),
        )
        for version in open_drafts()
    )
    context = {
        "tabs": tabs("drafts"),
        "lines": lines,
        "in_force": version_in_force(),
        "may_prepare": may_prepare(presence),
        "preparers": preparers(presence),
    }
    return render(request, "mandate/matrix/drafts.html", context)


@acting_view(StartDraft)
def start(request: HttpRequest) -> HttpResponse:
    """Begin a draft: a copy of a version, or an empty one. The starting points have their page."""
    if request.method != "POST":
        return redirect("mandate:drafts")
    wanted = request.POST.get("copy_of", "")
    copies = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    outcome = ask(request, StartDraft(copy_of=int(wanted) if copies else None))
    if not isinstance(outcome, Performed):
        return redirect("mandate:drafts")
    return redirect("mandate:draft", outcome.result)


@reading_view
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version as it was or is; a draft opens in its editor."""
    presence = present(request)
    found = version_or_404(number)
    if found.state == MatrixVersion.State.DRAFT:
        return redirect("mandate:draft", number)
    filters = read_filters(request.GET)
    context = {
        "tabs": tabs("versions"),
        "version": found,
        "state": STATES[MatrixVersion.State(found.state)],
        "table": draw(_source(presence, found), filters),
        "decisions": decisions_on(number, action=EnterIntoForce.key),
        "in_force": version_in_force(),
        "may_prepare": may_prepare(presence),
        **filter_context(presence, filters),
    }
    return render(request, "mandate/matrix/version.html", context)


@reading_view
def two(request: HttpRequest) -> HttpResponse:
    """What changes from one version to another, row by row."""
    presence = present(request)
    choices = tuple(all_versions()[:MOST_CHOICES])
    new = _chosen(request.GET.get("to", ""), choices) or _newest(choices)
    old = _chosen(request.GET.get("from", ""), choices) or _before(new, choices)
    context: dict[str, object] = {"tabs": tabs("versions"), "choices": choices}
    if old is None or new is None:
        return render(request, "mandate/matrix/compare.html", {**context, "nothing": True})
    comparison = compare(rows_in(old, law=presence.law), rows_in(new, law=presence.law))
    source = _source(presence, new, before=old, only=set(comparison.by_row()))
    filters = read_filters(request.GET)
    counts = comparison.counts
    context |= {
        "old": old,
        "new": new,
        "comparison": comparison,
        "sentences": comparison_sentence(
            comparison,
            old=old.number,
            new=new.number,
            activities={key: activity.name for key, activity in source.activities.items()},
            scopes=source.scopes,
        ),
        "counts": [(kind.value, counts[kind], _counted(kind, counts[kind])) for kind in ChangeKind],
        "table": draw(source, filters),
        "states": STATES,
        **filter_context(presence, filters),
    }
    return render(request, "mandate/matrix/compare.html", context)


def _counted(kind: ChangeKind, n: int) -> str:
    said = {
        ChangeKind.ADDED: ngettext("%(n)s letter added", "%(n)s letters added", n),
        ChangeKind.REMOVED: ngettext("%(n)s letter removed", "%(n)s letters removed", n),
        ChangeKind.CHANGED: ngettext("%(n)s cell changed", "%(n)s cells changed", n),
    }
    return said[kind] % {"n": n}


def _source(
    presence: Presence,
    found: MatrixVersion,
    *,
    before: MatrixVersion | None = None,
    only: set[tuple[str, str]] | None = None,
) -> Source:
    law = presence.law
    rows = rows_in(found, law=law)
    old = rows_in(before, law=law) if before is not None else None
    if only is not None:
        rows = {place: rows.get(place, {}) for place in only}
        old = {place: row for place, row in (old or {}).items() if place in only}
    return Source(
        law=law,
        rows=rows,
        activities=named_activities(law),
        scopes=scope_names(),
        day=presence.day,
        before=old,
    )


def _chosen(text: str, choices: tuple[MatrixVersion, ...]) -> MatrixVersion | None:
    return next((version for version in choices if str(version.number) == text), None)


def _newest(choices: tuple[MatrixVersion, ...]) -> MatrixVersion | None:
    return choices[0] if choices else None


def _before(new: MatrixVersion | None, choices: tuple[MatrixVersion, ...]) -> MatrixVersion | None:
    """What a version is naturally compared with: the one in force, else the one before it."""
    if new is None:
        return None
    ruled = [v for v in choices if v.entered_at is not None and v.pk != new.pk]
    in_force = [v for v in ruled if v.state == MatrixVersion.State.IN_FORCE]
    earlier = [v for v in ruled if v.number < new.number]
    if new.state == MatrixVersion.State.DRAFT and in_force:
        return in_force[0]
    return earlier[0] if earlier else next((v for v in choices if v.pk != new.pk), None)
