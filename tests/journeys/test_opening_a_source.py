"""From a question of marketing's to the first event: asked for, opened, given a key, received."""

from __future__ import annotations

import base64
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.people import AT_A_DESK, ON_A_PHONE, People, Reading
from tests.serving import Served, serving

WHY = "Savoir si les clients reviennent après une réparation."
SECONDS = 30  # for an event to be drained and shown, on a machine with other work to do


@pytest.fixture
def served_afresh(demonstration: Path, tmp_path: Path) -> Iterator[Served]:
    """With the worker at its side: what is received is drained."""
    folder = tmp_path / "var"
    shutil.copytree(demonstration, folder)
    with serving(folder, "--demo") as running:
        yield running


def send(served: Served, key: str, body: Mapping[str, object]) -> int:
    """As a server of the company's would."""
    secret = base64.b64encode(f"{key}:".encode()).decode()
    request = urllib.request.Request(  # noqa: S310  (a server of this test, on loopback)
        served.url + "/v1/track",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json", "authorization": f"Basic {secret}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_a_source_is_opened_and_its_first_event_shows(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    claire = people("Claire Delmas", reading)
    claire.opens("/sources/")
    claire.finds_it_sound("sources")
    claire['a.btn.main[href="/sources/new/"]'].click()
    claire.finds_it_sound("form")
    claire.fills(name_fr="Atelier de réparation", name_en="Repair shop", why=WHY)
    claire['[name="channel"]'].select_option("service")
    claire['[name="owner"]'].select_option(index=3)
    claire.presses()
    decision = int(claire.page.url.rstrip("/").rsplit("/", 1)[1])
    claire.finds_it_sound("decision")

    mireille = people("Mireille Faure", reading)
    mireille.opens("/sources/repair-shop/")  # what it is for, before anybody has opened it
    mireille.reads(WHY)
    mireille.finds_it_sound("asked-for")
    mireille.says("opine", decision, verdict="for")
    paul = people("Paul Ndiaye", reading)
    paul.says("approve", decision)
    paul.opens("/sources/repair-shop/")
    paul.reads(WHY)
    paul.finds_it_sound("open")

    sonia = people("Sonia Marchetti", reading)
    sonia.opens("/sources/repair-shop/")
    sonia['a[href$="/keys/new/"]'].click()
    sonia.presses()
    key = sonia["#secret"].inner_text().strip()
    sonia.finds_it_sound("key")
    sonia.opens("/sources/repair-shop/")
    assert key not in sonia.page.content()

    paul.opens("/live/?source=repair-shop")
    paul.finds_it_sound("live-before")
    event = {"userId": "42", "event": "Repair Collected", "properties": {"days": 9}}
    assert send(served_afresh, key, event) == 200
    assert send(served_afresh, key, {"userId": "42"}) == 400  # refused, and kept: see below
    line = paul["#live li"].filter(has_text="Repair Collected")
    expect(line).to_have_count(1, timeout=SECONDS * 1_000)  # by itself: nobody reloads the page
    line.locator("summary").click()
    expect(line.locator("pre")).to_contain_text('"days": 9')
    paul.finds_it_sound("live")

    paul.opens("/quarantine/?source=repair-shop")
    paul['ul.rows a.btn[href^="/quarantine/"]'].first.click()
    paul.reads('"userId": "42"')
    paul.finds_it_sound("held")

    sonia.opens("/sources/repair-shop/")
    sonia['a.btn.danger[href$="/revoke/"]'].click()
    sonia.finds_it_sound("revoke")
    sonia.presses("form .btn.danger")
    deadline = time.monotonic() + 2  # the book is looked at again ten times a second
    while (status := send(served_afresh, key, event)) == 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status == 401

    rose = people("Rose Guillou", reading)
    assert rose.opens("/live/").status == 403
    assert "Repair" not in rose.text
    rose.finds_it_sound("not-for-this-seat")
