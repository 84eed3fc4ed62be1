"""Counting events by day: the company's days, whatever the clocks do; the query told in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from pupitre.flow.collect.pages.counting import Asked, count_events, question
from pupitre.flow.collect.tests.sources_kit import (
    a_company_with_sources_in_its_matrix,
    a_source,
    some_events,
    words,
)
from pupitre.lake import queries as lake
from pupitre.lake import services as lake_services
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]


@pytest.fixture(autouse=True)
def lake_of_our_own(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    settings.TIME_ZONE = "Europe/Paris"
    lake.close()
    lake_services.close()
    yield
    lake.close()
    lake_services.close()


def at(text: str, count: int = 1, source: str = "web-shop", name: str = "Seen") -> None:
    """Events at an instant, in UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(hours=1)
    some_events(source, name, count, {}, at=moment)


def by_day(since: str, until: str, **given: str) -> dict[str, int]:
    asked = Asked(date.fromisoformat(since), date.fromisoformat(until), **given)
    counted = count_events(asked)
    found = zip(asked.days, counted.by_day(), strict=True)
    return {day.isoformat(): events for day, events in found if events}


def test_a_day_is_the_company_s() -> None:
    at("2026-06-09 21:59", 1)  # still the 9th in Paris
    at("2026-06-09 22:00", 2)  # the 10th
    at("2026-06-10 21:59", 4)
    at("2026-06-10 22:00", 8)  # the 11th
    assert by_day("2026-06-10", "2026-06-10") == {"2026-06-10": 6}
    assert by_day("2026-06-01", "2026-06-30") == {
        "2026-06-09": 1,
        "2026-06-10": 6,
        "2026-06-11": 8,
    }


@pytest.mark.parametrize(
    ("zone", "before", "after", "moved"),
    [
        ("Europe/Paris", "2026-10-24 21:59", "2026-10-25 22:59", "2026-10-25"),  # 25 hours
        ("Europe/Paris", "2026-03-28 22:59", "2026-03-29 21:59", "2026-03-29"),  # 23 hours
        ("America/Sao_Paulo", "2026-10-24 02:59", "2026-10-25 02:59", "2026-10-24"),
        ("Asia/Kolkata", "2026-10-24 18:29", "2026-10-25 18:29", "2026-10-25"),  # half hours
    ],
)
def test_days_on_which_clocks_change(
    settings: Any, zone: str, before: str, after: str, moved: str
) -> None:
    """One minute before the day begins, in it, and one minute before it ends."""
    settings.TIME_ZONE = zone
    at(before, 1)
    at((datetime.fromisoformat(before) + timedelta(minutes=1)).isoformat(), 2)
    at(after, 4)
    at((datetime.fromisoformat(after) + timedelta(minutes=1)).isoformat(), 8)
    day = date.fromisoformat(moved)
    found = by_day((day - timedelta(days=40)).isoformat(), (day + timedelta(days=40)).isoformat())
    assert found == {
        (day - timedelta(days=1)).isoformat(): 1,
        day.isoformat(): 6,
        (day + timedelta(days=1)).isoformat(): 8,
    }


def test_what_is_told_apart_adds_up_and_filters_narrow() -> None:
    at("2026-06-10 10:00", 3, "web-shop", "Seen")
    at("2026-06-10 10:00", 2, "web-shop", "Bought")
    at("2026-06-11 10:00", 4, "tills", "Bought")
    june = Asked(date(2026, 6, 1), date(2026, 6, 30), by="name")
    counted = count_events(june)
    assert counted.totals() == (("Bought", 6), ("Seen", 3))
    assert counted.total == sum(counted.by_day()) == 9
    assert counted.of("Bought")[9:11] == (2, 4)
    assert by_day("2026-06-01", "2026-06-30", source="tills") == {"2026-06-11": 4}
    assert by_day("2026-06-01", "2026-06-30", name="Seen") == {"2026-06-10": 3}
    assert by_day("2026-06-01", "2026-06-30", channel="store") == {}


def test_the_query_says_all_that_was_asked() -> None:
    asked = Asked(date(2026, 6, 1), date(2026, 6, 2), by="source", name="x'; DROP TABLE events")
    step, parameters = question(asked)
    assert "DROP" not in step.text
    assert parameters["name"] == asked.name
    answer = count_events(asked).answer
    assert "AT (VERSION" in answer.sql
    with pytest.raises(ValueError, match="tell events apart"):
        question(Asked(date(2026, 6, 1), date(2026, 6, 2), by="identity"))


@pytest.mark.django_db
@pytest.mark.usefixtures("noon_on_the_clock")
class TestPage:
    @pytest.fixture
    def company(self) -> Company:
        company = a_company_with_sources_in_its_matrix()
        a_source(company)
        some_events("web-shop", "Bought", 30, {}, at=NOON)
        some_events("web-shop", "Seen", 10, {}, at=NOON - timedelta(days=3))
        return company

    def test_it_states_a_point_and_shows_the_query(self, company: Company) -> None:
        page = signed_in(company, "brand").get(reverse("collect:explorer"), {"by": "name"})
        said = words(page)
        assert "40 events from" in said
        assert "Bought brings 75% of the events; the busiest day was Friday 20 November." in said
        assert "SELECT CAST(corrected_at" in page.content.decode()
        assert page.content.decode().count("<rect") == 2

    def test_it_filters_and_exports(self, company: Company) -> None:
        client = signed_in(company, "brand")
        asked = {"by": "name", "name": "Seen", "source": "web-shop"}
        assert "10 events from" in words(client.get(reverse("collect:explorer"), asked))
        file = client.get(reverse("collect:explorer"), asked | {"export": "csv"})
        assert file["Content-Type"].startswith("text/csv")
        lines = file.content.decode("utf-8-sig").splitlines()
        assert lines[0] == '"Day","What","Events"'
        assert lines[1].endswith('"Seen",10')

    @pytest.mark.parametrize(
        "asked",
        [
            {"since": "2026-11-20", "until": "2026-11-01"},
            {"since": "2020-01-01", "until": "2026-11-01"},
            {"since": "x", "by": "identity", "source": "nowhere", "channel": "pigeon"},
            {"since": "0001-01-01", "until": "0001-01-01"},
            {"since": "9999-12-31", "until": "9999-12-31"},
            {"since": "9999-12-31"},
            {"until": "0001-01-01"},
            {"name": "a\0b"},
        ],
    )
    def test_whatever_is_typed_never_breaks_it(
        self, company: Company, asked: dict[str, str]
    ) -> None:
        page = signed_in(company, "brand").get(reverse("collect:explorer"), asked)
        assert page.status_code in (200, 400, 422)
