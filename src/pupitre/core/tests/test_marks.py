"""The four marks, the dots, and days, ages and numbers as each language says them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from pupitre.core.templatetags import house

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def drawn(template: str, **context: object) -> str:
    return Template("{% load house %}" + template).render(Context(context))


@pytest.mark.parametrize(
    ("letter", "meaning"),
    [("A", "accountable"), ("R", "responsible"), ("C", "consulted"), ("I", "informed")],
)
def test_a_letter_is_a_mark_that_speaks(letter, meaning):
    with translation.override("en"):
        mark = drawn("{% raci letter %}", letter=letter)
    assert f'class="raci {letter.lower()}"' in mark
    assert f'role="img" aria-label="{letter}, {meaning}' in mark
    assert f">{letter}</span>" in mark


def test_the_reader_hears_the_letter_in_their_language():
    with translation.override("fr"):
        assert 'aria-label="A, approuve, et en répond"' in house.raci("A")
        assert 'aria-label="C, est consulté avant (à corriger)"' in house.raci("C", error=True)


def test_error_and_past_letters_have_their_classes():
    assert 'class="raci a error"' in house.raci("A", error=True)
    assert 'class="raci c was"' in house.raci("C", was=True)


def test_an_unknown_letter_is_a_programming_error():
    with pytest.raises(KeyError):
        house.raci("X")


def test_a_function_keeps_its_colour_and_escapes_its_name():
    assert house.fn("it", "<DSI>") == '<span class="fn fn-it">&lt;DSI&gt;</span>'
    assert house.fn("it", "DSI", "/s/1/") == '<a class="fn fn-it" href="/s/1/">DSI</a>'
    assert house.fn('x" onload="', "y") == '<span class="fn fn-other">y</span>'
    assert house.fn_class("nothing") == "fn-other"


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (NOW, "mardi 24\xa0novembre", "Tuesday 24\xa0November"),
        (date(2025, 12, 1), "lundi 1er\xa0décembre 2025", "Monday 1\xa0December 2025"),
        (
            datetime(2026, 11, 24, 23, 30, tzinfo=UTC),
            "mercredi 25\xa0novembre",
            "Wednesday 25\xa0November",
        ),
        (None, "", ""),
    ],
)
def test_days(value, french, english):
    with translation.override("fr"):
        assert house.day(value, NOW) == french
    with translation.override("en"):
        assert house.day(value, NOW) == english


def test_short_days_hours_and_moments():
    with translation.override("fr"):
        assert house.day_short(NOW) == "24\xa0nov. 2026"
        assert house.hour(NOW) == "10\xa0h\xa030"
        assert house.moment(NOW, NOW) == "mardi 24\xa0novembre à 10\xa0h\xa030"
    with translation.override("en"):
        assert house.hour(NOW) == "10:30"
        assert house.moment(NOW, NOW) == "Tuesday 24\xa0November at 10:30"


@pytest.mark.parametrize(
    ("delta", "french", "english"),
    [
        (timedelta(seconds=59), "à l’instant", "just now"),
        (timedelta(minutes=1), "il y a 1\xa0minute", "1\xa0minute ago"),
        (timedelta(minutes=59), "il y a 59\xa0minutes", "59\xa0minutes ago"),
        (timedelta(hours=1), "il y a 1\xa0heure", "1\xa0hour ago"),
        (timedelta(hours=23, minutes=59), "il y a 23\xa0heures", "23\xa0hours ago"),
        (timedelta(days=6), "il y a 6\xa0jours", "6\xa0days ago"),
        (timedelta(days=59), "il y a 59\xa0jours", "59\xa0days ago"),
        (timedelta(days=92), "il y a 3\xa0mois", "3\xa0months ago"),
        (timedelta(days=800), "il y a 2\xa0ans", "2\xa0years ago"),
        (timedelta(days=-3), "dans 3\xa0jours", "in 3\xa0days"),
    ],
)
def test_ages(delta, french, english):
    with translation.override("fr"):
        assert house.age(NOW - delta, NOW) == french
    with translation.override("en"):
        assert house.age(NOW - delta, NOW) == english


def test_lateness_is_only_told_of_what_is_late():
    with translation.override("fr"):
        assert house.late(NOW - timedelta(days=2), NOW) == "en retard de 2\xa0jours"
        assert house.late(NOW - timedelta(days=1), NOW) == "en retard de 1\xa0jour"
    assert house.late(NOW + timedelta(seconds=1), NOW) == ""
    assert house.late(None, NOW) == ""


def test_numbers():
    with translation.override("fr"):
        assert house.count(18240) == "18\u202f240"
        assert house.count(Decimal("61.5")) == "61,5"
        assert house.percent(0.3414, 1) == "34,1\u202f%"
    with translation.override("en"):
        assert house.count(18240) == "18,240"
        assert house.percent(-0.05) == "-5%"
    assert house.count(None) == house.percent(None) == ""
