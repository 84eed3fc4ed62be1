"""What templates about matrices ask for: a row in words, the same view with another page."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse

from pupitre.rules.mandate.matrix.filters import Filters
from pupitre.rules.mandate.matrix.story import story as story_of
from pupitre.rules.mandate.matrix.table import Line
from pupitre.rules.mandate.sentences import Sentence

register = template.Library()


@register.filter
def story(line: Line) -> tuple[Sentence, ...]:
    """What happens when somebody acts, sentence by sentence."""
    return story_of(line)


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
