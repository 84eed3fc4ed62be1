"""The mandate's own words in templates."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.words import actor_label, seat_label, verb_label

register = template.Library()


@register.filter
def verb(name: str) -> str | Promise:
    """What an audit line says was done, in the reader's language."""
    return verb_label(name)


@register.filter
def actor(name: str) -> str | Promise:
    """Who an audit line names: a member, or the software by what it calls itself."""
    return actor_label(name)


@register.filter
def seat(line: AuditLine, law: Law) -> str:
    """From which seat an audit line was done."""
    return seat_label(line, law)
