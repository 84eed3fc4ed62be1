"""The audit log: search it, read a line, export it, and see whether it is whole."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

import django_filters
import django_tables2 as tables
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from pupitre.core.bilingual import Bilingual
from pupitre.core.tables import HouseFilters, HouseTable, MomentColumn, export_table, table_page
from pupitre.rules.mandate import activities
from pupitre.rules.mandate.audit_export import ExportAudit, agreed_exports
from pupitre.rules.mandate.contracts import OwnAffair, Performed, enforced_activities
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.standing import current_law
from pupitre.rules.mandate.web import NoSeat, acting_view, ask, presence_of, reading_view
from pupitre.rules.mandate.words import actor_label, seat_label, verb_label


class AuditTable(HouseTable):
    seq = tables.Column(verbose_name=gettext_lazy("Line"))
    at = MomentColumn(verbose_name=gettext_lazy("When"))
    actor = tables.Column(verbose_name=gettext_lazy("Who"))
    seat_name = tables.Column(verbose_name=gettext_lazy("Seat"))
    verb = tables.Column(verbose_name=gettext_lazy("Did"))
    title = tables.Column(
        verbose_name=gettext_lazy("What"), empty_values=(), order_by=("title_fr",)
    )

    class Meta(HouseTable.Meta):
        model = AuditLine
        fields = ("seq", "at", "actor", "seat_name", "verb", "title")
        caption = gettext_lazy("Audit log")
        empty_text = gettext_lazy("No line answers this search.")
        order_by = ("-seq",)

    def render_seq(self, record: AuditLine) -> str:
        return format_html('<a href="/audit/{0}/">{0}</a>', record.seq)

    def value_seq(self, record: AuditLine) -> int:
        return int(record.seq)

    def render_actor(self, record: AuditLine) -> str:
        return str(actor_label(record.actor))

    @cached_property
    def _law(self) -> Law:
        return current_law()

    def render_seat_name(self, record: AuditLine) -> str:
        return seat_label(record, self._law)

    def render_verb(self, record: AuditLine) -> str:
        return str(verb_label(record.verb))

    def render_title(self, record: AuditLine) -> str:
        return str(Bilingual(fr=record.title_fr, en=record.title_en))


class AuditFilter(HouseFilters):
    text = django_filters.CharFilter(label=gettext_lazy("Contains"), method="by_text")
    since = django_filters.DateFilter(
        label=gettext_lazy("From"), field_name="at", lookup_expr="date__gte"
    )
    until = django_filters.DateFilter(
        label=gettext_lazy("To"), field_name="at", lookup_expr="date__lte"
    )
    activity = django_filters.ChoiceFilter(
        label=gettext_lazy("Activity"),
        choices=lambda: _activities(),
        empty_label=gettext_lazy("all"),
    )

    class Meta:
        model = AuditLine
        fields = ("text", "since", "until", "activity")

    def by_text(self, rows: Any, _name: str, text: str) -> Any:
        return rows.filter(
            Q(actor__icontains=text)
            | Q(title_fr__icontains=text)
            | Q(title_en__icontains=text)
            | Q(seat_name__icontains=text)
        )


def _activities() -> list[tuple[str, str]]:
    """Everything that the audit may be about, by its name."""
    own = [value for value in vars(activities).values() if isinstance(value, OwnAffair)]
    return sorted(
        ((known.key, str(known.name)) for known in (*enforced_activities, *own)),
        key=lambda choice: choice[1],
    )


@reading_view
def search(request: HttpRequest) -> HttpResponse:
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    return table_page(
        request,
        table=AuditTable,
        rows=AuditLine.objects.all(),
        filters=AuditFilter,
        template="mandate/audit.html",
        context={"lines": AuditLine.objects.count(), "agreed": agreed_exports(presence)},
    )


@reading_view
def one_line(request: HttpRequest, seq: int) -> HttpResponse:
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    line = AuditLine.objects.filter(pk=seq).first()
    if line is None:
        raise Http404
    context = {
        "line": line,
        "title": Bilingual(fr=line.title_fr, en=line.title_en),
        "verb": verb_label(line.verb),
        "actor": actor_label(line.actor),
        "seat": seat_label(line, presence.law),
        "activity": dict(_activities()).get(line.activity, line.activity),
        "detail": json.dumps(json.loads(line.detail or "{}"), ensure_ascii=False, indent=2),
    }
    return render(request, "mandate/audit_line.html", context)


@acting_view(ExportAudit)
def export(request: HttpRequest) -> HttpResponse:
    """Ask for the export; whoever may, gets the file; whoever may only ask, a decision."""
    if request.method != "POST":
        return redirect("mandate:audit")
    form = AuditFilter(request.POST, queryset=AuditLine.objects.all(), request=request)
    rows: QuerySet[AuditLine] = form.qs
    newest = rows.order_by("-seq").values_list("seq", flat=True).first() or 0
    asked = tuple(
        (name, request.POST[name][:200])
        for name in ("text", "since", "until", "activity")
        if request.POST.get(name)
    )
    outcome = ask(request, ExportAudit(filters=asked, up_to=newest))
    if not isinstance(outcome, Performed):
        return redirect("mandate:audit")
    return _file(rows, up_to=newest, kind=request.POST.get("kind", ""))


@reading_view
def take(request: HttpRequest, decision_id: int) -> HttpResponse:
    """The file that a decision agreed to, for whoever asked for it."""
    presence = presence_of(request)
    if presence is None:
        raise NoSeat
    agreed = next((a for a in agreed_exports(presence) if a.decision_id == decision_id), None)
    if agreed is None:
        raise Http404
    asked = QueryDict(urlencode(agreed.action.filters))
    form = AuditFilter(asked, queryset=AuditLine.objects.all(), request=request)
    return _file(form.qs, up_to=agreed.action.up_to, kind=request.GET.get("kind", ""))


def _file(rows: QuerySet[AuditLine], *, up_to: int, kind: str) -> HttpResponse:
    table = AuditTable(rows.filter(seq__lte=up_to).order_by("seq"))
    return export_table(table, "xlsx" if kind == "xlsx" else "csv", "audit")
