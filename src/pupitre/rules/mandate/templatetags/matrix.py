"""What templates about matrices ask for: cells by the thousand, a row in words, another page."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from urllib.parse import quote, urlencode

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from pupitre.rules.mandate.matrix.filters import Filters
from pupitre.rules.mandate.matrix.story import story as story_of
from pupitre.rules.mandate.matrix.table import Line, Mark
from pupitre.rules.mandate.sentences import Sentence

register = template.Library()


@register.filter
def story(line: Line) -> tuple[Sentence, ...]:
    """What happens when somebody acts, sentence by sentence."""
    return story_of(line)


@register.simple_tag(takes_context=True)
def row_cells(context: Context, line: Line) -> SafeString:
    """The cells of one row. A page has thousands: their few faces are drawn once each."""
    editable, changes = bool(context.get("editable")), bool(context.get("changes"))
    return mark_safe(  # noqa: S308  (faces come from a template, the rest is escaped below)
        "".join(_td(context, line, cell, editable=editable, changes=changes) for cell in line.cells)
    )


def _td(context: Context, line: Line, cell: Mark, *, editable: bool, changes: bool) -> str:
    vacant = "vacant" if cell.vacant and cell.letters else ""
    classes = " ".join(filter(None, [cell.change, vacant]))
    attributes = f' class="{classes}"' if classes else ""
    if not editable:
        return f"<td{attributes}>{_face(cell, editable=False, changes=changes)}</td>"
    attributes += f' data-seat="{cell.seat.id}" data-letters="{cell.letters}"'
    return f"<td{attributes}>{cell_link(context, line, cell)}</td>"


@register.simple_tag(takes_context=True)
def cell_link(context: Context, line: Line, cell: Mark) -> SafeString:
    """What one clicks in a cell of a draft."""
    view = context.get("view") or ""
    query = f"{line.query}&seat={cell.seat.id}" + (f"&view={quote(view)}" if view else "")
    return format_html(
        '<a class="{}" href="{}?{}">{}</a>',
        "cell" if cell.letters else "cell blank",
        context["cell_url"],
        query,
        _face(cell, editable=True, changes=False),
    )


def _face(cell: Mark, *, editable: bool, changes: bool) -> SafeString:
    language = get_language() or "fr"
    return _drawn(language, cell.letters, cell.before, cell.wrong, editable, changes)


@lru_cache(maxsize=1_024)
def _drawn(
    _language: str, letters: str, before: str | None, wrong: bool, editable: bool, changes: bool
) -> SafeString:
    change = (
        "" if before is None else "added" if not before else "changed" if letters else "removed"
    )
    return mark_safe(  # noqa: S308  (a template's own output)
        render_to_string(
            "mandate/matrix/_face.html",
            {
                "letters": letters,
                "before": before or "",
                "change": change,
                "wrong": wrong,
                "editable": editable,
                "changes": changes,
            },
        ).strip()
    )


@register.simple_tag(takes_context=True)
def other_page(context: Context, **changes: int) -> str:
    """The view as it is filtered, on another page of rows (``page``) or seats (``column_page``).

    Made from the filters, not from the address: a fragment is asked for at another one.
    """
    filters: Filters = context["filters"]
    compared = [
        (name, context[key].number)
        for name, key in (("from", "old"), ("to", "new"))
        if key in context
    ]
    query = "&".join(filter(None, [urlencode(compared), replace(filters, **changes).query]))  # type: ignore[arg-type]
    return f"?{query}"


@register.simple_tag
def with_seat(seat_id: int) -> str:
    """Where one seat's letters are listed."""
    return f"{reverse('mandate:matrix')}?seat={seat_id}"
