"""The page that says how long data is kept: what stands, what is asked, what a form begins with."""

from __future__ import annotations

from datetime import datetime

import pytest

from pupitre.flow.identify.models import RetentionRule
from pupitre.flow.identify.retention.rules import SetRetention
from pupitre.flow.identify.rights.tests.kit import a_house
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in, text

__all__ = ["noon_on_the_clock"]
pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def company(noon_on_the_clock: datetime) -> Company:
    return a_house()


def read(company: Company, seat: str, path: str = "/retention/") -> str:
    return text(signed_in(company, seat).get(path, headers=ENGLISH))


def test_what_was_asked_stands_there_until_it_is_decided(company: Company) -> None:
    assert "It waits for a decision." not in read(company, "crm")
    given = {"kept": "events", "months": 12, "channel": "store"}
    asked = signed_in(company, "cmo").post("/retention/set/", given)
    assert asked.status_code == 302
    said = read(company, "crm")
    assert "Keep for 12 months: Events of customers · Shop" in said
    assert "It waits for a decision." in said
    assert f'href="{asked["Location"]}"' in said


def test_a_rule_of_one_channel_is_changed_as_it_stands(company: Company) -> None:
    with guard.permitted():
        RetentionRule.objects.create(kept="events", channel="store", months=7, decided_at=NOON)
    said = read(company, "cmo")
    assert 'href="/retention/set/?kept=events&amp;channel=store"' in said
    form = read(company, "cmo", "/retention/set/?kept=events&channel=store")
    assert 'value="7"' in form
    assert '<option value="store" selected>' in form
    assert 'value="36"' in read(company, "cmo", "/retention/set/?kept=events")  # as suggested


def test_a_title_names_the_channel_in_each_language() -> None:
    title = SetRetention("events", 0, "store").title()
    assert (title.en, title.fr) == (
        "Keep for ever: Events of customers · Shop",
        "Garder pour toujours\N{NO-BREAK SPACE}: Événements des clients · Magasin",
    )


def test_nobody_is_led_to_a_refusal(company: Company) -> None:
    assert 'href="/rights/"' in read(company, "crm")
    assert 'href="/rights/"' not in read(company, "brand")
