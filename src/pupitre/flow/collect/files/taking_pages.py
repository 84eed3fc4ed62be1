"""Asking for an import to be taken back: how much would go, and what that means, first."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pupitre.core.errors import Invalid
from pupitre.flow.collect.files import records
from pupitre.flow.collect.files.actions import TakeBackImport
from pupitre.flow.collect.pages.forms import NothingToFill
from pupitre.flow.collect.sources.activities import IMPORT_RUN
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.lake import queries as lake
from pupitre.lake.contracts import LakeError
from pupitre.rules.mandate.queries import open_to
from pupitre.rules.mandate.web import acting_view, asked


@acting_view(TakeBackImport)
def take_back_import(request: HttpRequest, number: int) -> HttpResponse:
    offered = open_to(request, IMPORT_RUN)
    row = records.import_numbered(number=number)
    if row is None:
        raise Http404
    if request.method != "POST" and not row.may_go:
        return redirect("collect:import", number)
    form = NothingToFill(request.POST if request.method == "POST" else None)
    try:
        if asked(request, form, lambda _said: TakeBackImport(row.source, number)) is not None:
            return redirect("collect:import", number)
    except Invalid as error:
        messages.warning(request, str(error))
        return redirect("collect:import", number)
    names = {source.key: source.name for source in all_sources()}
    context = {
        "row": row,
        "progress": row.progress,
        "form": form,
        "offer": offered,
        "source": names.get(row.source, row.source),
        "events": _standing(row),
        "keep_days": settings.ENV.lake_keep_days,
    }
    wrong = request.method == "POST" and bool(form.errors)
    return render(request, "collect/import_back.html", context, status=422 if wrong else 200)


def _standing(row: records.ImportRow) -> int:
    """How many events would go: as the lake has them, or else as they were counted."""
    try:
        return lake.count_brought(row.brought)
    except LakeError:
        return row.progress.standing
