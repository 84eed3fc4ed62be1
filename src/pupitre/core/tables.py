"""Tables that sort, filter, page and export, from one template for the page and the fragment."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

import django_filters
import django_tables2 as tables
from django.core.paginator import EmptyPage, PageNotAnInteger
from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableQuerysetData

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.core.forms import HouseFields
from pupitre.core.spreadsheets import (
    CSV_TYPE,
    XLSX_TYPE,
    check_export_size,
    write_csv,
    write_xlsx,
)
from pupitre.core.templatetags.house import count, day_short, hour

PER_PAGE = 50
MOST_PER_PAGE = 200


class HouseTable(tables.Table):
    """A table in the house's markup. Subclasses name their columns, a caption, an empty text."""

    class Meta:
        template_name = "core/table.html"
        attrs: ClassVar[dict[str, str]] = {"class": "table"}
        caption: Any = ""
        empty_text: Any = _("Nothing here yet.")

    request: HttpRequest
    filtered = False
    may_export = False

    @property
    def caption(self) -> str:
        return str(getattr(self.Meta, "caption", ""))

    @property
    def region(self) -> str:
        """The id of what HTMX swaps: one for each table of a page."""
        return f"table-{self.prefix or 'main'}"

    @property
    def kept_parameters(self) -> list[tuple[str, str]]:
        """What the filter form must send along, so that filtering keeps the order."""
        names = (self.prefixed_order_by_field, self.prefixed_per_page_field)
        return [(name, value) for name in names for value in self.request.GET.getlist(name)]


class NumberColumn(tables.Column):
    """A column of figures: aligned to the right, thousands apart, numbers in exports."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"th": {"class": "num"}, "td": {"class": "num"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return count(value)

    def value(self, value: Any) -> Any:
        return value


class MomentColumn(tables.Column):
    """A column of instants: day and hour as the reader says them, dates in exports."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"td": {"class": "nowrap"}})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> str:
        return f"{day_short(value)}, {hour(value)}"

    def value(self, value: Any) -> Any:
        return value


class DayColumn(tables.Column):
    """A column of days."""

    def render(self, value: Any) -> str:
        return day_short(value)

    def value(self, value: Any) -> Any:
        return value


class HouseFilters(django_filters.FilterSet):
    """Filters that stand over a table. A wrong value shows its error and filters nothing."""

    def get_form_class(self) -> type[HouseFields]:
        """The library's own form, on ours: days are picked from the browser's calendar."""
        fields = {name: declared.field for name, declared in self.filters.items()}
        return type(f"{type(self).__name__}Form", (HouseFields,), fields)


class Filters(Protocol):
    """What `table_page` asks of filters: a form to show, and the rows that it keeps."""

    def __init__(self, data: QueryDict, queryset: Any, *, request: HttpRequest) -> None: ...

    @property
    def form(self) -> BaseForm: ...

    @property
    def qs(self) -> Any: ...


def table_page(
    request: HttpRequest,
    *,
    table: type[HouseTable],
    rows: QuerySet[Any] | list[Any] | tuple[Any, ...],
    template: str,
    filters: type[Filters] | None = None,
    context: Mapping[str, Any] | None = None,
    export_name: str = "",
    may_export: bool = False,
    table_options: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page around a table, the table alone for HTMX, or its rows as a file.

    ``?export=csv|xlsx`` gives every row that the filters keep, in the order shown, where
    ``may_export``; it is an error of the reader's otherwise.
    """
    filter_set = filters(request.GET, rows, request=request) if filters else None
    kept = filter_set.qs if filter_set is not None else rows
    shown = table(kept, **dict(table_options or {}))
    shown.request = request
    shown.filtered = filter_set is not None and any(
        request.GET.getlist(name) not in ([], [""]) for name in filter_set.form.fields
    )
    shown.may_export = may_export
    _order(shown, request)
    wanted = request.GET.get("export")
    if wanted:
        if not may_export:
            raise Invalid(_("This list is not exported from here."))
        return export_table(shown, wanted, export_name or shown.caption)
    _paginate(shown, request)
    whole = {**(context or {}), "table": shown, "filter": filter_set}
    if request.headers.get("HX-Target") == shown.region:
        response = render(request, "core/table.html", {**whole, "fragment": True})
    else:
        response = render(request, template, whole)
    patch_vary_headers(response, ["HX-Target"])  # one address, a page or its fragment
    return response


def _order(table: HouseTable, request: HttpRequest) -> None:
    asked = request.GET.getlist(table.prefixed_order_by_field)
    if asked:
        table.order_by = asked  # unknown columns are left out by the library
    data = table.data
    if isinstance(data, TableQuerysetData) and data.data.query.order_by:
        # Equal values keep one order, so that no row shows on two pages or on none.
        data.data = data.data.order_by(*data.data.query.order_by, "pk")


def _paginate(table: HouseTable, request: HttpRequest) -> None:
    """Bounded pages: a page that does not exist shows the nearest that does."""
    try:
        per_page = int(request.GET.get(table.prefixed_per_page_field, PER_PAGE))
    except ValueError:
        per_page = PER_PAGE
    per_page = min(max(per_page, 1), MOST_PER_PAGE)
    page = request.GET.get(table.prefixed_page_field, 1)
    try:
        table.paginate(page=page, per_page=per_page)
    except PageNotAnInteger:
        table.paginate(page=1, per_page=per_page)
    except EmptyPage:
        table.paginate(page=table.paginator.num_pages, per_page=per_page)


def _plain(value: Any) -> Any:
    """A cell without its markup; numbers and dates as they are."""
    return html.unescape(strip_tags(value)) if isinstance(value, SafeString) else value


def export_table(table: HouseTable, kind: str, name: str) -> HttpResponse:
    """The rows of a table as a CSV or XLSX download. Raises Invalid where they are too many."""
    check_export_size(len(table.data))  # counted by the database before anything is read
    columns = [column for column in table.columns if not column.column.exclude_from_export]
    header = [_plain(column.header) for column in columns]
    rows = ([_plain(row.get_cell_value(column.name)) for column in columns] for row in table.rows)
    stem = f"{slugify(name) or 'pupitre'}-{clock.day_of(clock.now()).isoformat()}"
    if kind == "csv":
        body = write_csv(header, rows, language=get_language() or "fr")
        content_type, suffix = CSV_TYPE, "csv"
    elif kind == "xlsx":
        body, content_type, suffix = write_xlsx(header, rows, title=name), XLSX_TYPE, "xlsx"
    else:
        raise Invalid(_("Exports are CSV or XLSX."))
    response = HttpResponse(body, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{stem}.{suffix}"'
    response["Cache-Control"] = "no-store"
    return response
