"""Tables sort, filter, page and export by plain GET; HTMX gets the same markup without the page."""

from __future__ import annotations

import io
import re

import django_filters
import django_tables2 as tables
import pytest
from django.test import RequestFactory
from django.utils import translation
from django.utils.html import format_html
from openpyxl import load_workbook

from pupitre.core.accounts.models import User
from pupitre.core.errors import Invalid
from pupitre.core.tables import (
    MOST_PER_PAGE,
    PER_PAGE,
    HouseFilters,
    HouseTable,
    NumberColumn,
    table_page,
)


class UserTable(HouseTable):
    email = tables.Column(verbose_name="E-mail")
    language = tables.Column(empty_values=())
    length = NumberColumn(accessor="pk", orderable=False)

    class Meta(HouseTable.Meta):
        caption = "Accounts"
        empty_text = "Invite somebody: they will show here."
        order_by = "email"

    def render_language(self, value):
        return format_html("<b>{}</b> &amp;", value or "fr")


class UserFilters(HouseFilters):
    email = django_filters.CharFilter(lookup_expr="icontains")
    since = django_filters.DateFilter(field_name="created_at", lookup_expr="date__gte")
    language = django_filters.ChoiceFilter(choices=[("fr", "FR"), ("en", "EN")])

    class Meta:
        model = User
        fields = ()


@pytest.fixture
def people(db):
    with translation.override("en"):
        User.objects.bulk_create(
            User(email=f"p{n:03}@example.fr", language="en" if n % 10 == 0 else "fr")
            for n in range(120)
        )
        yield


def get(query: str = "", *, htmx: bool = False, **options):
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "table-main"} if htmx else {}
    request = RequestFactory().get(f"/people/?{query}", **headers)
    return table_page(
        request,
        table=UserTable,
        rows=options.pop("rows", User.objects.all()),
        filters=UserFilters,
        template="core/table.html",
        export_name="Nos comptes",
        may_export=True,
        **options,
    )


def emails(response) -> list[str]:
    return re.findall(r"p\d{3}@example\.fr", response.content.decode())


def test_the_first_page_in_the_tables_own_order(people):
    shown = emails(get())
    assert shown == [f"p{n:03}@example.fr" for n in range(PER_PAGE)]


def test_sorting_both_ways_says_so_to_screen_readers(people):
    response = get("sort=-email")
    assert emails(response)[0] == "p119@example.fr"
    assert response.content.count(b'aria-sort="descending"') == 1
    assert b'href="?sort=email"' in response.content, "the next click turns it round"
    assert b'aria-sort="ascending"' in get("sort=email").content


def test_a_column_that_does_not_sort_offers_no_link(people):
    head = get().content.decode().split("<thead")[1].split("</thead>")[0]
    assert head.count("<a ") == 2


def test_equal_values_keep_one_order_over_the_pages(people):
    pages = [emails(get(f"sort=language&page={page}")) for page in (1, 2, 3)]
    assert sorted(email for page in pages for email in page) == [
        f"p{n:03}@example.fr" for n in range(120)
    ]


def test_filters_keep_what_matches_and_say_how_many(people):
    response = get("language=en&email=p0")
    assert emails(response) == [f"p0{n}0@example.fr" for n in range(10)]
    assert b"rows 1 to 10 of 10" in response.content
    assert b"show all" in response.content


def test_a_day_is_picked_from_the_browsers_calendar(people):
    page = get("since=2020-01-01").content.decode()
    assert re.search(r'<input type="date" name="since" value="2020-01-01"', page)
    assert len(emails(get("since=2020-01-01"))) == PER_PAGE
    assert emails(get("since=2999-01-01")) == []


def test_a_filter_that_matches_nothing_says_so_and_leads_back(people):
    response = get("email=nobody")
    assert b"Nothing matches these filters." in response.content
    assert b'href="/people/"' in response.content
    assert b"Invite somebody" not in response.content


def test_a_wrong_filter_value_is_told_and_filters_nothing(people):
    response = get("language=klingon")
    assert b'aria-invalid="true"' in response.content
    assert len(emails(response)) == PER_PAGE


def test_an_empty_table_teaches(db):
    assert b"Invite somebody: they will show here." in get().content


@pytest.mark.parametrize(
    ("query", "first"),
    [("page=2", 50), ("page=3", 100), ("page=999999", 100), ("page=zero", 0), ("page=-1", 100)],
)
def test_any_page_number_shows_the_nearest_page(people, query, first):
    assert emails(get(query))[0] == f"p{first:03}@example.fr"


def test_nobody_asks_for_a_million_rows_on_a_page(people):
    User.objects.bulk_create(User(email=f"q{n}@example.fr") for n in range(MOST_PER_PAGE))
    assert get("per_page=1000000").content.count(b"<tr") == MOST_PER_PAGE + 1
    assert get("per_page=0").content.count(b"<tr") == 2
    assert get("per_page=x").content.count(b"<tr") == PER_PAGE + 1


def test_links_carry_the_filters_and_start_at_the_first_page(people):
    page = get("email=p&page=2").content.decode()
    assert "?email=p&amp;sort=-email" in page
    assert 'href="?email=p&amp;page=1"' in page


def test_htmx_gets_the_table_alone_and_caches_keep_them_apart(people):
    page, fragment = get("sort=-email"), get("sort=-email", htmx=True)
    assert b"<form" in page.content
    assert b"<form" not in fragment.content
    assert emails(page) == emails(fragment)
    assert "HX-Target" in page["Vary"]
    assert "HX-Target" in fragment["Vary"]


def test_the_order_survives_the_next_filter(people):
    assert (
        b'<input type="hidden" form="table-main-filters" name="sort" value="-email">'
        in get("sort=-email", htmx=True).content
    )


def test_cells_are_escaped_and_labelled_for_phones(db):
    User.objects.create(email="<script>@x.fr")
    page = get().content.decode()
    assert "&lt;script&gt;@x.fr" in page
    assert 'data-label="E-mail"' in page


def test_an_export_is_every_kept_row_in_the_order_shown_without_markup(people):
    response = get("export=csv&email=p0&sort=-email&page=2")
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == '"E-mail","Language","Length"'
    assert lines[1].startswith('"p099@example.fr","fr &",')
    assert len(lines) == 101
    assert re.fullmatch(
        r'attachment; filename="nos-comptes-\d{4}-\d\d-\d\d\.csv"', response["Content-Disposition"]
    )


def test_figures_leave_as_numbers(people):
    sheet = load_workbook(io.BytesIO(get("export=xlsx").content)).active
    assert sheet.max_row == 121
    assert isinstance(sheet["C2"].value, int)


def test_formulas_leave_as_text(db):
    User.objects.create(email="=cmd()@x.fr")
    assert b'"\'=cmd()@x.fr"' in get("export=csv").content


def test_an_export_is_refused_where_it_is_not_offered(people):
    request = RequestFactory().get("/people/?export=csv")
    with pytest.raises(Invalid):
        table_page(request, table=UserTable, rows=User.objects.all(), template="core/table.html")
    with pytest.raises(Invalid):
        get("export=exe")


def test_an_export_that_is_too_long_is_counted_not_read(
    people, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("pupitre.core.spreadsheets.writing.MAX_EXPORT_ROWS", 100)
    with django_assert_num_queries(1), pytest.raises(Invalid):
        get("export=csv")


def test_a_page_costs_two_queries(people, django_assert_num_queries):
    with django_assert_num_queries(2):
        get("sort=-email&page=2")
