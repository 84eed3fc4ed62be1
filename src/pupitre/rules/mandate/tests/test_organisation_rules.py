"""The organisation's pure rules: circles, places, days, keys, and words that fit."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import font_source_sans_pro
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from pupitre.rules.mandate.contracts import Span
from pupitre.rules.mandate.organisation.cells import day_from
from pupitre.rules.mandate.organisation.lettering import fitting, text_width
from pupitre.rules.mandate.organisation.rules import (
    KEY,
    KEY_CHARACTERS,
    circle,
    covered,
    crowded_on,
    free_key,
    key_from,
    overlap,
)

DAY = date(2026, 11, 20)


def day(number: int) -> date:
    return DAY + timedelta(days=number)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    starts = draw(st.integers(0, 20))
    length = draw(st.one_of(st.none(), st.integers(0, 10)))
    return Span(day(starts), None if length is None else day(starts + length))


def days_of(span: Span) -> set[date]:
    """The days of a span within the forty that these tests look at."""
    return {day(n) for n in range(40) if span.covers(day(n))}


@given(spans(), spans())
def test_spans_overlap_when_they_share_a_day(one: Span, other: Span) -> None:
    assert overlap(one, other) == bool(days_of(one) & days_of(other))


@given(st.lists(spans(), max_size=6), st.integers(1, 3))
def test_the_first_crowded_day_is_the_first_with_more_people_than_places(
    held: list[Span], places: int
) -> None:
    crowded = [d for d in map(day, range(40)) if sum(s.covers(d) for s in held) > places]

    assert crowded_on(held, places) == min(crowded, default=None)


@given(spans(), st.lists(spans(), max_size=4))
def test_a_span_is_covered_when_each_of_its_days_is(span: Span, others: list[Span]) -> None:
    whole = set().union(*map(days_of, others)) if others else set()

    assert covered(span, others) == (days_of(span) <= whole)


@given(st.lists(st.one_of(st.none(), st.integers(0, 7)), min_size=8, max_size=8))
def test_a_circle_is_found_exactly_where_walking_up_never_ends(above: list[int | None]) -> None:
    superiors = dict(enumerate(above))

    def ends(seat: int) -> bool:
        at: int | None = seat
        for _ in range(len(above) + 1):
            if at is None:
                return True
            at = superiors[at]
        return False

    found = circle(superiors)

    assert bool(found) == any(not ends(seat) for seat in superiors)
    for seat, up in zip(found, (*found[1:], *found[:1]), strict=True):
        assert superiors[seat] == up


@given(st.text(max_size=130))
def test_every_name_in_every_script_gives_a_key(name: str) -> None:
    key = key_from(name)

    assert KEY.fullmatch(key)
    assert key_from(name) == key, "the same name gives the same key"


def test_a_key_that_is_taken_gets_a_number_and_stays_short() -> None:
    assert free_key("Buyer", []) == "buyer"
    assert free_key("Buyer", ["buyer", "buyer-2"]) == "buyer-3"
    assert free_key("市场总监", []) != free_key("技术总监", [])
    long = "a" * 200
    assert len(free_key(long, [free_key(long, [])])) <= KEY_CHARACTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-1-5", date(2026, 1, 5)),
        ("31/01/2026", date(2026, 1, 31)),
        ("31.01.2026", date(2026, 1, 31)),
        ("2026-01-31 00:00:00", date(2026, 1, 31)),
        ("31/02/2026", None),
        ("01/31/2026", None),
        ("0001-01-01", None),
        ("9999-01-01", None),
        ("tomorrow", None),
        ("46053", None),
        ("٣١/٠١/٢٠٢٦", None),
    ],
)
def test_a_day_is_read_as_it_is_written_or_not_at_all(text: str, expected: date | None) -> None:
    assert day_from(text) == expected


NAMES = (
    "Directeur des systèmes d’information",
    "Chief marketing officer",
    "Responsable de la transformation numérique & des données",
    "Élodie Lefèbvre-Courtois",
    "WWW MMM @@@",
    "iiiiiiiii lllll",
    "Coordinateur des campagnes internationales",
)


@pytest.mark.parametrize("name", NAMES)
def test_the_server_knows_how_wide_the_page_sets_a_name(name: str) -> None:
    """Never narrower than the font, for then a name would leave its box; hardly wider."""
    path = Path(font_source_sans_pro.__file__).parent / "files" / "SourceSansPro-Semibold.otf"
    font = ImageFont.truetype(path, 1000)

    real = font.getlength(name) * 13 / 1000

    assert real <= text_width(name, 13) * 1.001
    assert text_width(name, 13) <= real * 1.06


@given(st.text(max_size=60), st.integers(40, 200))
def test_a_shortened_name_fits_and_begins_like_the_name(name: str, width: int) -> None:
    short = fitting(name, width, 13)

    assert text_width(short, 13) <= width
    assert short == name or (short.endswith("…") and name.startswith(short[:-1]))
