"""What the organisation's templates need beside the house's tags."""

from __future__ import annotations

from django import template

from pupitre.rules.mandate.sentences import Count

register = template.Library()


@register.filter
def in_words(number: int) -> str:
    """A number that opens a sentence: in letters up to nine, with a capital."""
    return str(Count(number, capital=True))
