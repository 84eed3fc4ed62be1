"""A tracking plan written by hand: an event made stricter, its effect read, then asked for."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.people import AT_A_DESK, IN_THE_SHOP, PLAIN_PHONE, People, Person, Reading
from tests.serving import Served

PLAN = "/sources/web-shop/plan/"
ORDER = "Order Completed"


def refused(person: Person) -> int:
    """Of the latest events, how many the draft would refuse, as the page says."""
    told = person["#effect strong"]
    return int(re.sub(r"\D", "", told.inner_text())) if told.count() else 0


@pytest.mark.parametrize("reading", [AT_A_DESK, IN_THE_SHOP, PLAIN_PHONE], ids=str)
def test_an_event_is_made_stricter(people: People, served_afresh: Served, reading: Reading) -> None:
    claire = people("Claire Delmas", reading)
    claire.opens(PLAN)
    claire.finds_it_sound("begun")
    claire['[value="take_all"]'].click()  # what arrives is the plan: nothing would be refused
    expect(claire["#effect strong"]).to_have_count(0)
    line = claire[".plan-lines > li"].filter(has_text=ORDER)
    line.locator("summary").click()
    line.locator('[value^="unfold:"]').click()
    expect(claire["#id_property_name"]).to_be_visible()
    claire.finds_it_sound("unfolded")

    claire.fills(property_name="total")
    claire['[value="add_property"]'].click()
    expect(claire["#property_name_error"]).to_be_visible()
    assert claire["#id_property_name"].input_value() == "total"
    claire.finds_it_sound("stands-there-already")

    claire.fills(property_name="gift_message")
    claire['[name="property_required"]'].check()
    claire['[value="add_property"]'].click()
    expect(claire["#effect"]).to_contain_text("gift_message")
    orders = refused(claire)
    assert orders > 0  # no order has ever had one
    seen = line.locator("summary .why").inner_text()
    assert str(orders) in re.sub(r"(?<=\d)\s(?=\d)", "", seen)
    claire.finds_it_sound("stricter")

    if reading.javascript:  # the effect follows by itself
        box = claire[".plan-properties li"].filter(has_text="gift_message").get_by_role("checkbox")
        box.uncheck()
        expect(claire["#effect strong"]).to_have_count(0)
    claire['[name="mode"][value="enforce"]'].check()
    claire['[value="agree"]'].click()
    claire.is_at(re.compile(r"/decisions/\d+/$"))
    claire.finds_it_sound("asked")

    paul = people("Paul Ndiaye", reading)
    paul.opens(PLAN)
    paul.reads("gift_message")  # what it would change, where IT decides on it
    paul.finds_it_sound("waits")
