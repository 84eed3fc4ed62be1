"""A matrix out as a file, and back into a draft after a look at what it would change."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.spreadsheets import CSV_TYPE, XLSX_TYPE
from pupitre.core.templatetags.house import day as day_of_page
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.comparison import Comparison, compare
from pupitre.rules.mandate.findings import Finding, errors, warnings
from pupitre.rules.mandate.matrix.actions import EditDraft, ReplaceDraft
from pupitre.rules.mandate.matrix.cells import CellEdit
from pupitre.rules.mandate.matrix.draft import DraftState, points, read_draft
from pupitre.rules.mandate.matrix.filters import read_filters
from pupitre.rules.mandate.matrix.forms import ImportForm
from pupitre.rules.mandate.matrix.queries import (
    Rows,
    findings_in,
    named_activities,
    rows_in,
    scope_names,
)
from pupitre.rules.mandate.matrix.table import MatrixTable, Source, draw
from pupitre.rules.mandate.matrix.views.common import (
    filter_context,
    may,
    present,
    tabs,
    version_or_404,
)
from pupitre.rules.mandate.matrix.views.editor import state_context
from pupitre.rules.mandate.matrix.views.versions import STATES
from pupitre.rules.mandate.matrix_pdf import Printing, matrix_pdf
from pupitre.rules.mandate.models import MatrixVersion
from pupitre.rules.mandate.sheets_matrix import MatrixImport, matrix_csv, matrix_xlsx, read_matrix
from pupitre.rules.mandate.web import Presence, acting_view, actor_of, reading_view

PREVIEW_SECONDS = 3_600  # how long a preview may be looked at before it is too old to confirm
MAX_SEALED_CHARACTERS = 1_500_000  # under the size at which Django refuses a posted form
_SALT = "mandate.matrix.import"


@reading_view
def export(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    """Any version as CSV, XLSX or PDF, in the reader's language."""
    presence = present(request)
    version = version_or_404(number)
    rows = rows_in(version, law=presence.law)
    title = _("Responsibility matrix, version %(number)s") % {"number": number}
    if kind == "csv":
        body = matrix_csv(presence.law, rows, language=get_language() or "fr")
        content_type = CSV_TYPE
    elif kind == "xlsx":
        body, content_type = matrix_xlsx(presence.law, rows, title=title), XLSX_TYPE
    elif kind == "pdf":
        body, content_type = _pdf(presence, version, rows), "application/pdf"
    else:
        raise Http404
    response = HttpResponse(body, content_type=content_type)
    name = _("matrix-v%(number)s") % {"number": number}
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


def _pdf(presence: Presence, version: MatrixVersion, rows: Rows) -> bytes:
    in_force = version.state == MatrixVersion.State.IN_FORCE
    state: str | Promise = STATES[MatrixVersion.State(version.state)]
    if in_force and version.entered_at is not None:
        state = _("in force since %(day)s") % {"day": day_of_page(version.entered_at)}
    named = named_activities(presence.law)
    return matrix_pdf(
        presence.law,
        rows,
        findings=findings_in(rows, law=presence.law, day=presence.day),
        printing=Printing(
            number=version.number,
            state=state,
            day=presence.day,
            in_force=in_force,
            scopes=scope_names(),
            retired={key: named[key] for key in named if key not in presence.law.activities},
        ),
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would make of the draft."""

    filename: str
    comparison: Comparison
    findings: tuple[Finding, ...]
    table: MatrixTable
    sealed: str  # the file's rows, signed, for the confirmation to bring back

    @property
    def error_count(self) -> int:
        return len(errors(self.findings))

    @property
    def warning_count(self) -> int:
        return len(warnings(self.findings))


@acting_view(ReplaceDraft)
def bring_in(request: HttpRequest, number: int) -> HttpResponse:
    """Choose a file, look at what it would change, then take it: all of it or nothing."""
    presence = present(request)
    version = version_or_404(number)
    if version.state != MatrixVersion.State.DRAFT:
        messages.warning(
            request, _("Version %(number)s is no longer a draft.") % {"number": number}
        )
        return redirect("mandate:version", number)
    state = read_draft(version, law=presence.law, day=presence.day)
    if request.method == "POST" and "sealed" in request.POST:
        return _confirm(request, presence, state)
    if request.method == "POST" and not may(presence, EditDraft(number, ())):
        # Refused before the file is read, in the same words as any edit.
        act(ReplaceDraft(number, ()), by=actor_of(request), at=clock.now())
    form = ImportForm(
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
    )
    context = {"tabs": tabs("drafts"), **state_context(presence, state), "form": form}
    if not (form.is_bound and form.is_valid()):
        status = 422 if form.errors else 200
        return render(request, "mandate/matrix/import.html", context, status=status)
    sheet = form.cleaned_data["sheet"]
    read = read_matrix(sheet, presence.law, scopes=tuple(state.source.scopes))
    if not read.ok:
        context |= {"read": read, "problem_count": len(read.problems) + read.more_problems}
        return render(request, "mandate/matrix/import.html", context, status=422)
    shown = _preview(presence, state, read, sheet.filename)
    context |= {
        "preview": shown,
        "table": shown.table,
        "points": points(shown.findings[:8]),
        **filter_context(presence, read_filters({})),
    }
    return render(request, "mandate/matrix/import.html", context)


def _preview(presence: Presence, state: DraftState, read: MatrixImport, filename: str) -> Preview:
    comparison = compare(state.rows, read.rows)
    changed = set(comparison.by_row())
    findings = findings_in(read.rows, law=presence.law, day=presence.day)
    source = Source(
        law=presence.law,
        rows={place: read.rows.get(place, {}) for place in changed},
        activities=named_activities(presence.law),
        scopes=scope_names(),
        day=presence.day,
        findings=findings,
        before={place: row for place, row in state.rows.items() if place in changed},
    )
    return Preview(
        filename=filename,
        comparison=comparison,
        findings=findings,
        table=draw(source, read_filters({})),
        sealed=_seal(state, read.rows, member_id=presence.member_id),
    )


def _seal(state: DraftState, rows: Rows, *, member_id: int) -> str:
    """The rows as the browser keeps them until they are confirmed: signed, for their reader alone.

    Nothing rests on the server. Raises ``Invalid`` where there is too much for one form.
    """
    cells = [
        [scope, activity, seat, letters]
        for (scope, activity), row in rows.items()
        for seat, letters in row.items()
    ]
    content = [state.version.number, _fingerprint(state.rows), cells]
    sealed = signing.dumps(content, salt=f"{_SALT}.{member_id}", compress=True)
    if len(sealed) > MAX_SEALED_CHARACTERS:
        raise Invalid(_("This file says too much at once: leave some rows as they are."))
    return sealed


def _fingerprint(rows: Rows) -> str:
    """What a draft holds, in a few characters: so that a preview knows when it is out of date."""
    said = sorted([*place, sorted(row.items())] for place, row in rows.items() if row)
    return signing.Signer(salt=_SALT).signature(msgspec.json.encode(said).decode())


def _confirm(request: HttpRequest, presence: Presence, state: DraftState) -> HttpResponse:
    number = state.version.number
    try:
        given, fingerprint, cells = signing.loads(
            request.POST["sealed"],
            salt=f"{_SALT}.{presence.member_id}",
            max_age=PREVIEW_SECONDS,
        )
    except signing.BadSignature:
        messages.error(request, _("This preview is too old. Choose the file again."))
        return redirect("mandate:draft_import", number)
    if given != number or fingerprint != _fingerprint(state.rows):
        messages.error(
            request,
            _(
                "The draft has changed since this preview, so nothing was imported. "
                "Choose the file again to see what it would change now."
            ),
        )
        return redirect("mandate:draft_import", number)
    try:
        act(
            ReplaceDraft(number, tuple(CellEdit(*cell) for cell in cells)),
            by=actor_of(request),
            at=clock.now(),
        )
    except Invalid as invalid:
        messages.error(request, str(invalid))
        return redirect("mandate:draft_import", number)
    messages.success(request, _("The file is in the draft."))
    return redirect(reverse("mandate:draft", args=[number]))
