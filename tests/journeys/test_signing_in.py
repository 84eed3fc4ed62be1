"""A newcomer is invited, opens the account, and comes back: by password, then by a code too."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from tests.journeys.people import (
    AT_A_DESK,
    ON_A_PHONE,
    PLAIN,
    PLAIN_PHONE,
    People,
    Person,
    Reading,
)

PASSWORD = "un piano sous la pluie"
ADDRESS = "nora.petit@ardoise.example"
ARRIVES_WITHIN_SECONDS = 20


def newest_mail(folder: Path, to: str) -> str:
    """The text of the last message to somebody, waited for."""
    deadline = time.monotonic() + ARRIVES_WITHIN_SECONDS
    while time.monotonic() < deadline:
        for path in sorted(folder.glob("*"), key=lambda path: path.stat().st_mtime, reverse=True):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            if to in str(message["To"]) and body is not None and (text := body.get_content()):
                return str(text)
        time.sleep(0.1)
    raise AssertionError(f"nothing arrived for {to} in {folder}")


def invited(by: Person, *, language: str) -> str:
    """Somebody who may invites her; the link that her e-mail holds."""
    by.opens("/organisation/members/")
    by['a[href$="/members/invite/"]'].click()
    by.fills(name="Nora Petit", email=ADDRESS)
    by['[name="language"]'].select_option(language)
    by.finds_it_sound("invite")
    by.presses()
    by.is_at(re.compile(r"/organisation/members/\d+/$"))
    by.reads("Nora Petit", ADDRESS)
    text = newest_mail(by.served.data_dir / "demo" / "mail", ADDRESS)
    link = re.search(r"http://\S+/account/invitation/\S+", text)
    assert link, text
    assert "Paul Ndiaye" in text
    return link.group()


def signs_in(person: Person, password: str) -> None:
    person.opens("/account/sign-in/")
    person.fills(login=ADDRESS, password=password)
    person['form[action$="/sign-in/"] .btn.main'].first.click()


@pytest.mark.parametrize("reading", [PLAIN, ON_A_PHONE], ids=str)
def test_a_newcomer_opens_an_account_and_comes_back(people: People, reading: Reading) -> None:
    link = invited(people("Paul Ndiaye", reading), language=reading.language)
    nora = people(reading=reading)
    nora.opens(link.removeprefix(nora.served.url))
    nora.is_at("/account/invitation/")  # the secret is out of the address bar
    nora.reads("Paul Ndiaye", ADDRESS)
    nora.finds_it_sound("invitation")
    nora.fills(password1="court", password2="court")
    nora.presses()
    assert nora["#id_password1"].get_attribute("aria-invalid") == "true"
    nora.finds_it_sound("too-short")
    nora.fills(password1=PASSWORD, password2=PASSWORD)
    nora.presses()
    nora.is_at("/")
    nora.finds_it_sound("no-seat-yet")
    nora.leaves()
    nora.finds_it_sound("sign-in")
    signs_in(nora, "not her password")
    nora.is_at("/account/sign-in/")
    nora.finds_it_sound("wrong-password")
    signs_in(nora, PASSWORD)
    nora.is_at("/")
    again = people(reading=reading)
    again.opens(link.removeprefix(nora.served.url))
    assert again["form"].count() == 0, "the link opened the account a second time"
    again.finds_it_sound("link-used")


@pytest.mark.parametrize("reading", [AT_A_DESK, ON_A_PHONE], ids=str)
def test_a_code_is_asked_for_once_an_app_is_there(people: People, reading: Reading) -> None:
    link = invited(people("Paul Ndiaye", reading), language=reading.language)
    nora = people(reading=reading)
    nora.opens(link.removeprefix(nora.served.url))
    nora.fills(password1=PASSWORD, password2=PASSWORD)
    nora.presses()
    nora.is_at("/")
    nora.opens("/account/")
    nora['a[href$="/factors/app/"]'].click()
    nora.finds_it_sound("show-that-it-is-you")
    nora.fills(password=PASSWORD)
    nora.presses()
    nora.finds_it_sound("add-an-app")
    nora["summary"].click()  # the key, for those who cannot scan
    found = re.search(r"\b[A-Z2-7]{4}(?: ?[A-Z2-7]{4}){7}\b", nora.text)
    assert found, nora.text
    secret = found.group().replace(" ", "")
    nora.fills(code=code(secret))
    nora.presses()
    nora.is_at(re.compile(r"/account/factors/codes/|/account/$"))
    nora.finds_it_sound("recovery-codes")
    nora.leaves()
    signs_in(nora, PASSWORD)
    nora.is_at(re.compile("/account/factors/code/"))
    nora.finds_it_sound("code-asked")
    nora.opens("/")
    nora.is_at("/demo/?next=/")  # half signed in is not signed in
    nora.opens("/account/factors/code/")
    nora.fills(code=code(secret, later=1))  # a code opens once: the next one
    nora["form .btn.main"].first.click()
    nora.is_at("/")


def code(secret: str, *, later: int = 0) -> str:
    """What the app would show, now or so many times 30 seconds later (RFC 6238, RFC 4226)."""
    moment = struct.pack(">Q", int(time.time()) // 30 + later)
    mac = hmac.digest(base64.b32decode(secret), moment, "sha1")
    (number,) = struct.unpack_from(">I", mac, mac[-1] & 15)
    return f"{(number & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.mark.parametrize("reading", [PLAIN_PHONE, ON_A_PHONE], ids=str)
def test_the_language_is_kept_where_one_signs_in_next(people: People, reading: Reading) -> None:
    other = {"fr": "en", "en": "fr"}[reading.language]
    claire = people("Claire Delmas", reading)
    claire.opens("/account/")  # at the top on a desk, below on a phone: here everywhere
    claire[f'.prefs button[value="{other}"]'].click()
    claire.is_at("/account/")
    html = claire.page.locator("html")
    assert html.get_attribute("lang") == other
    elsewhere = people("Claire Delmas", reading)
    assert elsewhere.page.locator("html").get_attribute("lang") == other
