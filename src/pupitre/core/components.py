"""The developers' page: every component in every state, drawn by the real tags and partials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.functional import lazystr
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from pupitre.core import samples
from pupitre.core.bilingual import Bilingual as Two
from pupitre.core.context import THEMES, theme_of
from pupitre.core.forms import HouseForm, SpreadsheetField
from pupitre.core.tables import HouseTable, MomentColumn, NumberColumn, table_page
from pupitre.core.templatetags.house import KINDS, fn

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def said(fr: str, en: str) -> _StrPromise:
    """A sample's words where Django wants a lazy string."""
    return lazystr(Two(fr, en))


class SampleForm(HouseForm):
    name = forms.CharField(max_length=80, label=said("Nom du siège", "Name of the seat"))
    kind = forms.ChoiceField(choices=[(k, k) for k in KINDS], label=said("Fonction", "Function"))
    starts = forms.DateField(label=said("Du", "From"))
    ends = forms.DateField(
        required=False,
        label=said("Au", "To"),
        help_text=said("Vide : sans terme.", "Empty: without an end."),
    )
    why = forms.CharField(widget=forms.Textarea, required=False, label=said("Motif", "Reason"))
    letters = forms.MultipleChoiceField(
        choices=[(letter, letter) for letter in "RACI"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label=said("Lettres", "Letters"),
    )
    pace = forms.ChoiceField(
        choices=[
            ("day", said("chaque jour", "every day")),
            ("week", said("le lundi", "on Mondays")),
        ],
        widget=forms.RadioSelect,
        label=said("Rythme", "Pace"),
    )
    digest = forms.BooleanField(
        required=False, label=said("Recevoir le résumé du matin", "Receive the morning digest")
    )
    table = SpreadsheetField(required=False, label=said("Tableau à importer", "Table to import"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("ends") and cleaned.get("starts") and cleaned["ends"] < cleaned["starts"]:
            reversed_days = Two(
                "La fin précède le début. Inversez les deux dates.",
                "It ends before it starts. Swap the two dates.",
            )
            self.add_error("ends", str(reversed_days))
        return cleaned


class SampleTable(HouseTable):
    what = tables.Column(verbose_name=Two("Quoi", "What"))
    function_name = tables.Column(verbose_name=Two("Fonction", "Function"), order_by="function")
    amount = NumberColumn(verbose_name=Two("Messages", "Messages"))
    at = MomentColumn(verbose_name=Two("Quand", "When"))

    class Meta(HouseTable.Meta):
        order_by = "-at"
        caption = Two("Ce qui fut fait", "What was done")
        empty_text = Two(
            "Rien encore. Chaque action s’écrira ici.", "Nothing yet. Each action will show here."
        )

    def render_function_name(self, value: Any, record: samples.SampleLine) -> str:
        return fn(record.function, value)


class SampleFilters:
    """The filters of the sample table, over plain rows instead of a queryset."""

    def __init__(self, data: QueryDict, queryset: Any, *, request: HttpRequest) -> None:
        del request

        class Form(forms.Form):
            q = forms.CharField(
                required=False,
                label=said("Chercher", "Search"),
                widget=forms.TextInput(attrs={"type": "search"}),
            )
            function = forms.ChoiceField(
                required=False,
                label=said("Fonction", "Function"),
                choices=[("", "—"), *((kind, label) for kind, label, _ in samples.SEATS)],
            )

        self.form = Form(data)
        self._rows = queryset

    @property
    def qs(self) -> list[samples.SampleLine]:
        self.form.is_valid()
        words = self.form.cleaned_data.get("q", "").lower()
        function = self.form.cleaned_data.get("function", "")
        return [
            line
            for line in self._rows
            if words in str(line.what).lower() and function in ("", line.function)
        ]


@login_not_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """``?theme=light|dark``, ``?signed=0`` for the shell that visitors see."""
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    asked = request.GET.get("theme", "")
    signed = request.GET.get("signed") != "0"
    request.actor_view = samples.ACTOR if signed else None  # type: ignore[attr-defined]
    context = {
        "theme": asked if asked in THEMES else theme_of(request),
        "signed": signed,
        "shell": samples.shell(),
        "samples": samples,
        "lead": mark_safe(str(samples.LEAD)),  # noqa: S308 - our own constant
        "kinds": KINDS,
        "matrix": [_matrix_row(row) for row in samples.MATRIX],
        "letters": "RACI",
        "form": SampleForm(auto_id="good_%s", initial={"name": "DSI"}),
        "wrong_form": SampleForm(
            {"name": "", "kind": "it", "starts": "2026-12-01", "ends": "2026-11-01"},
            auto_id="wrong_%s",
        ),
        "tabs": [
            {"label": Two("En vigueur", "In force"), "url": "#tabs", "current": True},
            {"label": Two("Brouillons", "Drafts"), "url": "#tabs", "count": 2},
            {"label": Two("Anciennes versions", "Past versions"), "url": "#tabs"},
        ],
        "crumbs": [
            {"label": Two("Responsabilités", "Responsibilities"), "url": "#"},
            {"label": Two("Brouillon 8", "Draft 8")},
        ],
        "facts": [
            (Two("Siège", "Seat"), format_html("{}", fn("it", Two("DSI", "CIO")))),
            (Two("Tenu par", "Held by"), "Paul Ndiaye"),
            (Two("Depuis", "Since"), Two("1er mars 2024", "1 March 2024")),
        ],
        "paged": Paginator(range(1000), 25).page(12),
        "sample_messages": [
            {"level_tag": "success", "message": Two("C’est approuvé.", "Approved.")},
            {"level_tag": "warning", "message": Two("Bientôt en retard.", "Soon late.")},
            {"level_tag": "error", "message": Two("Rien n’a changé.", "Nothing changed.")},
            {"level_tag": "info", "message": Two("Version 7 en vigueur.", "Version 7 rules.")},
        ],
        "empty_table": SampleTable([], prefix="empty"),
    }
    if request.GET.get("flash"):
        messages.success(request, str(Two("C’est approuvé.", "Approved.")))
    return table_page(
        request,
        table=SampleTable,
        rows=list(samples.LINES),
        filters=SampleFilters,
        template="core/dev/components.html",
        context=context,
        export_name="sample",
        may_export=True,
    )


def _matrix_row(row: dict[str, Any]) -> dict[str, Any]:
    """Cells of the sample matrix, from the short notation of `samples.MATRIX`."""
    cells = []
    for cell in row.get("cells", ()):
        letters = [letter for letter in cell if letter in "RACI" and cell != "vacant"]
        kind = {"+": "added", "-": "removed", "~": "changed"}.get(cell[:1], "")
        cells.append(
            {
                "letters": letters,
                "kind": "vacant" if cell == "vacant" else kind,
                "error": cell.endswith("!"),
            }
        )
    return {**row, "cells": cells}
