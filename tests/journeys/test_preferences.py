"""A customer's own visit: by the link that the service desk sent, on a phone, with no account."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from tests.fixtures import DATABASE
from tests.journeys.people import (
    AT_NIGHT,
    IN_THE_SHOP,
    ON_A_PHONE,
    PLAIN_PHONE,
    People,
    Person,
    Reading,
)
from tests.serving import Served

EMAIL = "camille.riviere@boite.example"


def a_customer(served: Served) -> int:
    """Somebody whom an event named by an address; in the book as who is who would put them."""
    with closing(sqlite3.connect(served.data_dir / "demo" / DATABASE, timeout=20)) as book:
        number: int = book.execute(
            "SELECT coalesce(max(id), 0) + 1 FROM identify_identifier"
        ).fetchone()[0]
        book.execute(
            "INSERT INTO identify_identifier"
            " (id, kind, value, person, component, standing, neighbours)"
            " VALUES (?, 'email', ?, ?, ?, 0, 0)",
            (number, EMAIL, number, number),
        )
        book.commit()
    return number


def said(served: Served, number: int) -> list[tuple[str, str, int, str]]:
    """Purpose, channel, what was said, and the sentence that was read; in the order it was said."""
    with closing(sqlite3.connect(served.data_dir / "demo" / DATABASE, timeout=20)) as book:
        return book.execute(
            "SELECT purpose, channel, said, wording FROM identify_consent"
            " WHERE identifier_id = ? ORDER BY id",
            (number,),
        ).fetchall()


def link_from(agent: Person, number: int) -> str:
    agent.opens(f"/people/{number}/")
    if agent['[name="reason"]'].count():
        agent.fills(reason="Appel au service client")
    agent["form.form button.main"].click()
    agent.opens(f"/people/{number}/preferences/")
    agent.finds_it_sound("link")
    assert EMAIL not in agent.page.content()
    agent.presses()
    agent.finds_it_sound("made")
    url = agent["#link"].input_value()
    agent.opens(f"/people/{number}/preferences/")
    assert url not in agent.page.content()
    return url[url.index("/preferences/") :]


WORDS = {
    "en": ("agree", "Saved", "Everything is paused", "The pause is over", "You asked for it on"),
    "fr": ("acceptez", "Enregistré", "Tout est en pause", "La pause est finie", "Vous l’avez"),
}


@pytest.mark.parametrize("reading", [ON_A_PHONE, IN_THE_SHOP, PLAIN_PHONE], ids=str)
def test_a_customer_sees_to_their_own(
    people: People, served_afresh: Served, reading: Reading
) -> None:
    number = a_customer(served_afresh)
    agent = people("Thomas Giraud", AT_NIGHT)
    path = link_from(agent, number)

    agree, saved, paused, over, asked = WORDS[reading.language]
    camille = people("", reading)
    camille.opens(path)
    camille.is_at("/preferences/")  # the link is out of the address bar
    camille.reads("c•••@boite.example", agree)
    assert EMAIL not in camille.page.content()
    assert camille.page.evaluate("document.documentElement.scrollWidth") == 360
    camille.finds_it_sound("preferences")

    camille['[value="marketing.email"]'].check()
    camille["form .btn.main"].click()
    camille.is_at("/preferences/")
    assert saved in camille.told.inner_text()
    camille.finds_it_sound("saved")
    (first,) = said(served_afresh, number)
    assert first[:3] == ("marketing", "email", 0)
    assert "Maison Ardoise" in first[3]
    camille['[value="marketing.email"]'].uncheck()
    camille["form .btn.main"].click()
    assert saved in camille.told.inner_text()
    assert [line[2] for line in said(served_afresh, number)] == [0, 2]

    camille['[name="months"][value="3"]'].click()
    assert paused in camille.told.inner_text()
    camille.finds_it_sound("paused")
    camille['[name="months"][value="0"]'].click()
    assert over in camille.told.inner_text()

    camille['[name="right"][value="portability"]'].click()
    camille.reads(asked)
    camille['a[href$="right=erasure"]'].click()
    camille.finds_it_sound("erase")
    camille["form .btn.danger"].click()
    camille.is_at("/preferences/")
    assert camille['[name="right"], a[href*="right="]'].count() == 0  # each is asked for once
    camille.finds_it_sound("asked")

    camille['[name="leave"]'].click()
    camille.finds_it_sound("left")
    assert camille.opens("/preferences/").status == 410

    agent.opens(f"/people/{number}/preferences/")
    agent['[name="revoke"]'].click()
    stranger = people("", reading)
    closed = stranger.opens(path)
    assert closed.status == 410
    assert closed.headers["referrer-policy"] == "no-referrer"
    told = stranger.text
    stranger.finds_it_sound("closed")
    forged = re.sub(r"preferences/.", "preferences/x", path)
    assert stranger.opens(forged).status == 410
    assert stranger.text == told  # nobody learns which of the two was ever a link
