"""Tags and filters of the design system: the marks, the functions' dots, days, ages, numbers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_decimal, format_percent
from django import template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from pupitre.core import clock

register = template.Library()

# The kinds of function that have a colour; the stylesheet's tokens bear the same names.
KINDS = (
    "marketing",
    "it",
    "digital",
    "communication",
    "relations",
    "commerce",
    "hr",
    "finance",
    "legal",
    "data",
    "unit",
    "committee",
    "other",
)


@register.filter
def letter_meaning(letter: str) -> str:
    """What a letter asks of the seat that holds it, in the reader's language."""
    meanings = {
        "A": pgettext("letter", "accountable: decides, and answers for it"),
        "R": pgettext("letter", "responsible: does it"),
        "C": pgettext("letter", "consulted: asked before"),
        "I": pgettext("letter", "informed: told afterwards"),
    }
    return meanings[letter]


@register.simple_tag
def raci(letter: str, error: bool = False, was: bool = False) -> SafeString:
    """The mark of one letter. ``error`` rings it; ``was`` strikes it, for what a version drops."""
    letter = str(letter).upper()
    meaning = letter_meaning(letter)
    classes = ["raci", letter.lower(), *(["error"] if error else []), *(["was"] if was else [])]
    if error:
        meaning = gettext("%(meaning)s (to be corrected)") % {"meaning": meaning}
    return format_html(
        '<span class="{}" role="img" aria-label="{}, {}" title="{}">{}</span>',
        " ".join(classes),
        letter,
        meaning,
        meaning,
        letter,
    )


@register.simple_tag
def fn(kind: str, label: object, href: str = "") -> SafeString:
    """A function or a seat behind the colour of its function. An unknown kind is "other"."""
    known = kind if kind in KINDS else "other"
    if href:
        return format_html('<a class="fn fn-{}" href="{}">{}</a>', known, href, label)
    return format_html('<span class="fn fn-{}">{}</span>', known, label)


@register.filter
def fn_class(kind: str) -> str:
    """The class that gives an element its function's colour as --c."""
    return f"fn-{kind if kind in KINDS else 'other'}"


@register.simple_tag
def enforced() -> SafeString:
    """The five lines that mark an activity applied by the software."""
    title = gettext("applied by Pupitre")
    return format_html(
        '<span class="enforced" role="img" aria-label="{}" title="{}"></span>', title, title
    )


# Days and ages


def _locale() -> str:
    return "en_GB" if (get_language() or "fr").startswith("en") else "fr_FR"


def _local_day(value: date) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date()
    return value


@register.filter
def day(value: date | None, now: date | None = None) -> str:
    """A day as one says it, "Tuesday 24 November", with its year unless it is this year."""
    if value is None:
        return ""
    local = _local_day(value)
    this_year = _local_day(now or clock.now()).year
    return _said(local, "EEEE d MMMM" if local.year == this_year else "EEEE d MMMM y")


@register.filter
def day_short(value: date | None) -> str:
    """A day where room is short: "24 Nov 2026"."""
    return "" if value is None else _said(_local_day(value), "d MMM y")


def _said(local: date, pattern: str) -> str:
    # French counts the first of a month as an ordinal. A number keeps to its month at a line's end.
    number = "d'er'" if local.day == 1 and _locale() == "fr_FR" else "d"
    return format_date(local, pattern.replace("d M", f"{number}\xa0M"), locale=_locale())


@register.filter
def hour(value: datetime | None) -> str:
    """The time of an instant in the company's zone: "10:42", in French "10 h 42"."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    if _locale() == "fr_FR":
        return f"{local.hour}\xa0h\xa0{local.minute:02d}"
    return format_time(local, "HH:mm", locale="en_GB")


@register.filter
def moment(value: datetime | None, now: date | None = None) -> str:
    """A day and a time: "Tuesday 24 November at 10:42"."""
    if value is None:
        return ""
    return gettext("%(day)s at %(hour)s") % {"day": day(value, now), "hour": hour(value)}


def _span(delta: timedelta) -> str:
    """A length of time in the largest unit that is fair, on one line: "6 days"."""
    minutes = int(delta.total_seconds() // 60)
    hours, days = minutes // 60, delta.days
    months, years = days * 12 // 365, days // 365
    if minutes < 60:
        text = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    elif hours < 24:
        text = ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    elif days < 60:
        text = ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
    elif months < 24:
        text = ngettext("%(n)s month", "%(n)s months", months) % {"n": months}
    else:
        text = ngettext("%(n)s year", "%(n)s years", years) % {"n": years}
    return text.replace(" ", "\xa0")


@register.filter
def age(value: datetime | None, now: datetime | None = None) -> str:
    """How long ago, or how soon: "6 days ago", "in 3 hours", "just now"."""
    if value is None:
        return ""
    delta = (now or clock.now()) - value
    if abs(delta) < timedelta(minutes=1):
        return gettext("just now")
    if delta > timedelta(0):
        return gettext("%(span)s ago") % {"span": _span(delta)}
    return gettext("in %(span)s") % {"span": _span(-delta)}


@register.filter
def late(due: datetime | None, now: datetime | None = None) -> str:
    """How late something is, "2 days late", or nothing where it is not."""
    if due is None:
        return ""
    delta = (now or clock.now()) - due
    if delta < timedelta(minutes=1):
        return ""
    return gettext("%(span)s late") % {"span": _span(delta)}


# Numbers


@register.filter
def count(value: float | Decimal | None) -> str:
    """A number with its thousands apart: "18 240", narrow no-break space in French."""
    return "" if value is None else str(format_decimal(value, locale=_locale()))


@register.filter
def percent(value: float | Decimal | None, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage: "34.1%", "34,1 %"."""
    if value is None:
        return ""
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(
        format_percent(
            value, pattern + ("\u202f%" if _locale() == "fr_FR" else "%"), locale=_locale()
        )
    )


# Plumbing of templates


@register.filter
def elided(page: Page[Any]) -> list[int | str]:
    """The page numbers worth showing: first, last, the neighbours; "…" for those between."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether a field is one box to tick, whose label stands after it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not field.use_fieldset
