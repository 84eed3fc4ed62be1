"""Passkeys in a real Chromium, with an authenticator that it cannot tell from a real one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator

from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def authenticator(page: Page, *, verifies: bool = True) -> tuple[CDPSession, str]:
    """Plug a platform authenticator into the browser: it keeps keys and knows its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, added["authenticatorId"]


def sign_in(page: Page, url: str, person: User) -> None:
    page.goto(f"{url}/account/sign-in/?next=/account/")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def prove(page: Page) -> None:
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_out(page: Page, url: str) -> None:
    page.goto(f"{url}/account/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/sign-in/")


def add_passkey(page: Page, url: str, *, name: str, alone: bool = True) -> None:
    page.goto(f"{url}/account/passkeys/add/")
    if page.get_by_label("Your password").is_visible():
        prove(page)
    page.get_by_label("A name you will know it by").fill(name)
    page.get_by_label("Sign in with it alone").set_checked(alone)
    page.get_by_role("button", name="Add a passkey").click()


@pytest.fixture
def desk(live_server, open_page: Callable[..., Page], person: User) -> Page:
    """The person's browser, with an authenticator, signed in at their account."""
    page = open_page(language="en")
    authenticator(page)
    sign_in(page, live_server.url, person)
    page.wait_for_url(f"{live_server.url}/account/")
    return page


def test_added_used_to_sign_in_renamed_and_removed(desk, live_server, person, heard):
    url = live_server.url
    add_passkey(desk, url, name="My laptop")
    desk.wait_for_url("**/account/factors/codes/")  # recovery codes come with the first factor
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.WEBAUTHN)
    assert kept.wrap().is_passwordless is True
    assert AccountEvent.PASSKEY_ADDED in heard.kinds()

    sign_out(desk, url)
    desk.goto(f"{url}/account/sign-in/?next=/account/sessions/")
    desk.get_by_role("button", name="Sign in with a passkey").click()
    desk.wait_for_url(f"{url}/account/sessions/")
    signed_in = [told for told in heard if told.kind == AccountEvent.SIGNED_IN]
    assert (signed_in[-1].user, signed_in[-1].detail) == (person, "webauthn")

    desk.goto(f"{url}/account/")
    assert desk.get_by_role("heading", level=1).inner_text().startswith("Your account is well kept")
    desk.get_by_role("link", name="Rename My laptop").click()
    prove(desk)
    desk.get_by_label("A name you will know it by").fill("The grey laptop")
    desk.get_by_role("button", name="Save").click()
    desk.wait_for_url("**/account/")
    desk.get_by_role("link", name="Remove The grey laptop").click()
    desk.get_by_role("button", name="Remove the passkey").click()
    desk.get_by_text("The passkey is removed.").wait_for()
    assert not Authenticator.objects.filter(user=person).exists()
    assert AccountEvent.PASSKEY_REMOVED in heard.kinds()


def test_a_removed_passkey_no_longer_opens_anything(desk, live_server, person, complaints):
    add_passkey(desk, live_server.url, name="Lost")
    desk.wait_for_url("**/account/factors/codes/")
    Authenticator.objects.filter(user=person).delete()
    sign_out(desk, live_server.url)
    desk.get_by_role("button", name="Sign in with a passkey").click()
    desk.get_by_text("This code is not right.").wait_for()
    assert urlsplit(desk.url).path == "/account/sign-in/"
    desk.goto(f"{live_server.url}/account/")
    desk.wait_for_url("**/account/sign-in/?next=**")


def test_it_serves_as_a_second_step_after_the_password(desk, live_server, person, heard):
    url = live_server.url
    add_passkey(desk, url, name="Old key", alone=False)
    desk.wait_for_url("**/account/factors/codes/")
    sign_out(desk, url)
    sign_in(desk, url, person)
    desk.wait_for_url("**/account/factors/code/")
    desk.get_by_role("button", name="Use a passkey").click()
    desk.wait_for_url(f"{url}/account/")
    signed_in = [told for told in heard if told.kind == AccountEvent.SIGNED_IN]
    assert signed_in[-1].detail == "password+webauthn"


def test_it_shows_who_one_is_before_a_sensitive_change(desk, live_server, person):
    url = live_server.url
    add_passkey(desk, url, name="My laptop")
    desk.wait_for_url("**/account/factors/codes/")
    sign_out(desk, url)
    User.objects.filter(pk=person.pk).update(password="!")  # somebody who has no password at all
    desk.goto(f"{url}/account/sign-in/?next=/account/factors/app/")
    desk.get_by_role("button", name="Sign in with a passkey").click()
    desk.get_by_role("heading", name="Before going on").wait_for()
    desk.get_by_role("link", name="With a passkey").click()
    desk.get_by_role("button", name="Use a passkey").click()
    desk.get_by_role("heading", name="Add an app that shows a code").wait_for()


def test_what_went_wrong_is_said_on_the_page(live_server, open_page, person, complaints):
    page = open_page(language="en")
    devtools, known = authenticator(page)
    page.goto(f"{live_server.url}/account/sign-in/")
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": known, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    said = page.get_by_role("alert").filter(has_text="interrupted")
    said.wait_for()
    assert urlsplit(page.url).path == "/account/sign-in/"


def test_at_a_bare_address_the_page_explains_instead_of_failing(live_server, open_page, person):
    port = urlsplit(live_server.url).port
    page = open_page(language="en")
    page.goto(f"http://127.0.0.1:{port}/account/sign-in/")
    page.get_by_text("Passkeys belong to a name").wait_for()
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0
    way = page.get_by_role("link", name=f"http://localhost:{port}/account/sign-in/")
    way.click()
    page.get_by_role("button", name="Sign in with a passkey").wait_for()


def test_without_javascript_the_rest_of_the_page_works(live_server, open_page, person):
    page = open_page(language="en", javascript=False)
    sign_in(page, live_server.url, person)
    page.wait_for_url(f"{live_server.url}/account/")
    page.goto(f"{live_server.url}/account/passkeys/add/")
    prove(page)
    assert page.locator("noscript p").inner_text().startswith("Passkeys need JavaScript.")
