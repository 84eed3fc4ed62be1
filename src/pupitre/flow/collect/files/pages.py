"""Imports on pages: what was brought in, a file sent, what its columns become, how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.flow.collect.details import Detail
from pupitre.flow.collect.files import drafts, guessing, records
from pupitre.flow.collect.files import mapping as mappings
from pupitre.flow.collect.files.actions import RunImport, TakeBackImport
from pupitre.flow.collect.files.chunks import cell_name
from pupitre.flow.collect.files.drafts import Draft
from pupitre.flow.collect.files.forms import MappingForm, UploadForm, initial, mapping_of
from pupitre.flow.collect.files.mapping import Mapping
from pupitre.flow.collect.files.opening import Opened, opened, sample
from pupitre.flow.collect.files.records import ImportRow, State
from pupitre.flow.collect.files.shaping import Origin, shape
from pupitre.flow.collect.pages.access import shows_events
from pupitre.flow.collect.sources.activities import IMPORT_RUN
from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.sources.reading import all_sources
from pupitre.flow.collect.words import TYPES, refusal_words
from pupitre.lake import queries as lake
from pupitre.lake.contracts import EventType
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.queries import offer, open_requests, open_seat, open_to, present
from pupitre.rules.mandate.web import acting_view, ask, reading_view

PREVIEW_ROWS = 10
SHOWN_VALUES = 3
SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """An import as the list shows it."""

    row: ImportRow
    source: str
    state: State


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of the file as the event that it would become."""

    line: int
    at: datetime
    type: object
    name: str
    identity: str
    amount: object
    currency: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Preview:
    events: tuple[Shown, ...]
    bad: tuple[tuple[object, Detail], ...]  # what is wrong, and where


@reading_view
def imports(request: HttpRequest) -> HttpResponse:
    names = {source.key: str(source.name) for source in all_sources()}
    lines = [
        Line(row, names.get(row.source, row.source), row.progress.state)
        for row in records.imports()
    ]
    context = {
        "lines": lines,
        "going": [line for line in lines if not line.row.over],
        "failed": [line for line in lines if line.state == State.FAILED],
        "events": sum(line.row.progress.standing for line in lines),
        "asked": open_requests(action=RunImport, day=present(request).day),
        "offer": offer(request, IMPORT_RUN),
    }
    return render(request, "collect/imports.html", context)


@reading_view
def one_import(request: HttpRequest, number: int) -> HttpResponse:
    row = records.import_numbered(number=number)
    if row is None:
        raise Http404
    names = {source.key: source.name for source in all_sources()}
    seat = None
    if row.taken_back_from is not None:
        seat = open_seat(seat_id=row.taken_back_from, day=present(request).day)
    context = {
        "row": row,
        "progress": row.progress,
        "source": names.get(row.source, row.source),
        "seat": seat,
        "may_take_back": row.may_go and offer(request, IMPORT_RUN).may,
        "asked": [
            asked
            for asked in open_requests(action=TakeBackImport, day=present(request).day)
            if isinstance(asked.action, TakeBackImport) and asked.action.number == number
        ],
    }
    return render(request, "collect/import.html", context)


@acting_view(RunImport)
def new_import(request: HttpRequest) -> HttpResponse:
    """Send a file. It is kept apart until somebody has said how it is to be read."""
    offered = open_to(request, IMPORT_RUN)
    sources = [source for source in all_sources() if source.open]
    asked = {"source": request.GET.get("source", "")}
    form = UploadForm(request.POST or None, request.FILES or None, sources=sources, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("collect:import_read", _kept(request, form).token)
        except Invalid as error:
            form.refuse(error)
    context = {
        "form": form,
        "offer": offered,
        "sources": sources,
        "most_mb": settings.ENV.import_max_mb,
    }
    wrong = request.method == "POST" and bool(form.errors)
    return render(request, "collect/import_new.html", context, status=422 if wrong else 200)


def _kept(request: HttpRequest, form: UploadForm) -> Draft:
    upload: UploadedFile[Any] = form.cleaned_data["file"]
    draft = drafts.keep(
        parts=upload.chunks(1024 * 1024),
        file=upload.name or "",
        source=form.cleaned_data["source"],
        member_id=present(request).member_id,
    )
    try:
        opened(draft.path, mappings.Layout())
    except Invalid:
        draft.path.unlink()
        raise
    return draft


@acting_view(RunImport)
@shows_events
def read_import(request: HttpRequest, token: str) -> HttpResponse:
    """What each column becomes, the first rows as events; corrected, looked at again, imported."""
    offered = open_to(request, IMPORT_RUN)
    draft = drafts.find(token=token, member_id=present(request).member_id)
    if draft is None:
        raise Http404
    if draft.source not in {source.key for source in all_sources() if source.open}:
        raise PermissionDenied(_("This source is closed: reopen it first."))
    file = opened(draft.path, mappings.Layout())
    if request.method == "POST":
        form, mapping, file = _corrected(request, draft, file)
    else:
        mapping = guessing.guess(file, zone=settings.TIME_ZONE)
        form = MappingForm(initial=initial(mapping, file.columns), columns=file.columns)
    preview = None
    if mapping is not None:
        try:
            mappings.check(mapping)
            preview = _preview(draft, file, mapping)
            if request.POST.get("act") == "import":
                return _asked(request, draft, mapping)
        except Invalid as error:
            if form.is_bound:
                form.refuse(error)
            else:
                messages.warning(request, str(error))
    context = {
        "draft": draft,
        "form": form,
        "rows": _rows(form, file),
        "preview": preview,
        "offer": offered,
    }
    return render(
        request,
        "collect/import_read.html",
        context,
        status=422 if form.is_bound and form.errors else 200,
    )


def _corrected(
    request: HttpRequest, draft: Draft, file: Opened
) -> tuple[MappingForm, Mapping | None, Opened]:
    """The form as it was sent. Read another way, the file may have other columns: guessed anew."""
    layout = MappingForm(request.POST, columns=()).layout(file.layout)
    form = MappingForm(request.POST, columns=file.columns)
    try:
        again = opened(draft.path, layout)
    except Invalid as error:
        form.add_error(None, str(error))
        return form, None, file
    if again.columns != tuple(request.POST.getlist("column")):
        mapping = guessing.guess(again, zone=settings.TIME_ZONE)
        messages.info(request, _("Read this way, the file has other columns: look at them."))
        fresh = MappingForm(initial=initial(mapping, again.columns), columns=again.columns)
        return fresh, mapping, again
    form = MappingForm(request.POST, columns=again.columns)
    if not form.is_valid():
        return form, None, again
    return form, mapping_of(form.cleaned_data, again.columns, again.layout), again


def _asked(request: HttpRequest, draft: Draft, mapping: Mapping) -> HttpResponse:
    outcome = ask(
        request,
        RunImport(
            source_key=draft.source,
            file=draft.file,
            digest=draft.digest,
            mapping=mappings.written(mapping).decode(),
            place=draft.token,
        ),
    )
    if isinstance(outcome, Waiting):
        return redirect("mandate:decision", outcome.decision_id)
    return redirect("collect:import", outcome.result)


def _rows(form: MappingForm, file: Opened) -> list[tuple[str, tuple[str, ...], Any, Any]]:
    """Each column with its first values, and its two fields."""
    table = sample(file).table
    found = []
    for number, (column, role, called) in enumerate(form.of_columns):
        values = [value for value in table[cell_name(number)].to_pylist() if value]
        some = tuple(value[:SHOWN_CHARACTERS] for value in dict.fromkeys(values))[:SHOWN_VALUES]
        found.append((column, some, role, called))
    return found


def _preview(draft: Draft, file: Opened, mapping: Mapping) -> Preview:
    """The first rows, as the import itself would read them."""
    book = shelf.loader.load()
    source = book.source(draft.source)
    if source is None:
        raise Http404
    origin = Origin(source, book, draft.file, draft.digest, clock.now())
    chunk = sample(file)
    with lake.bench() as bench:
        found = shape(
            bench, chunk, mapping=mapping, columns=file.columns, origin=origin, with_lines=True
        )
    events = found.events.slice(0, PREVIEW_ROWS).to_pylist()
    shown = tuple(
        _shown(line, event) for line, event in zip(found.lines or (), events, strict=False)
    )
    bad = tuple((refusal_words(row.reason)[0], row.detail) for row in found.bad[:PREVIEW_ROWS])
    return Preview(shown, bad)


def _shown(line: int, event: dict[str, Any]) -> Shown:
    facts = {
        **msgspec.json.decode(event["traits"]),
        **msgspec.json.decode(event["context"]).get("traits", {}),
        **msgspec.json.decode(event["properties"]),
    }
    return Shown(
        line=line,
        at=event["corrected_at"].replace(tzinfo=UTC),
        type=TYPES[EventType(event["type"])],
        name=event["name"] or "",
        identity=event["identity"].partition(":")[2],
        amount=event["amount"],
        currency=event["currency"] or "",
        facts=tuple((name, str(value)[:SHOWN_CHARACTERS]) for name, value in facts.items()),
    )
