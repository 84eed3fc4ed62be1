"""Every account page as a browser draws it: readable by all, nothing cut off, nothing blocked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.tokens import default_token_generator
from django.utils.http import int_to_base36

from pupitre.core.accounts import services
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD
from tests.fixtures import DESKTOP, PHONE, keep_screenshot

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]
LOOKS = [
    pytest.param("en", DESKTOP, "dark", id="en-desktop-dark"),
    pytest.param("fr", PHONE, "light", id="fr-phone-light"),
]


def shown(page: Page, name: str, look: str) -> None:
    """The page stands: axe-core finds nothing, nothing sticks out, every word is translated."""
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == [], name
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{name} is {wider} px too wide"
    keep_screenshot(page, f"account-{name}-{look}")


def walk(page: Page, url: str, paths: dict[str, str], look: str) -> Iterator[str]:
    for name, path in paths.items():
        page.goto(f"{url}{path}")
        assert urlsplit(page.url).path == path.partition("?")[0], name
        shown(page, name, look)
        yield name


def sign_in(page: Page, url: str, person: User) -> None:
    page.goto(f"{url}/account/sign-in/?next=/account/")
    page.locator("#id_login").fill(person.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main .btn.main").click()


def prove(page: Page) -> None:
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main .btn.main").click()


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS)
def test_before_the_door(
    live_server, open_page: Callable[..., Page], person, complaints, request, language, size, theme
):
    look, url = request.node.callspec.id, live_server.url
    page = open_page(language=language, size=size, theme=theme)
    invited = services.create_account(email="new.member@ardoise.example", language=language)
    link = services.invitation_link(invited, inviter_name="Claire Morel", company="Maison Ardoise")
    reset = f"{int_to_base36(person.pk)}-{default_token_generator.make_token(person)}"
    complaints.allow("410")
    complaints.allow("422")
    complaints.allow("401")
    paths = {
        "sign-in": "/account/sign-in/",
        "closed": "/account/closed/",
        "forgotten": "/account/password/reset/",
        "sent": "/account/password/reset/sent/",
        "reset-void": "/account/password/reset/1-nonsense/",
        "invitation-void": "/account/invitation/",
        "company-cancelled": "/account/company/cancelled/",
        "company-failed": "/account/company/failed/",
    }
    assert list(walk(page, url, paths, look)) == list(paths)

    page.goto(f"{url}/account/password/reset/{reset}/")
    shown(page, "reset", look)
    page.goto(f"{url}{urlsplit(link).path}")
    shown(page, "invitation", look)
    page.locator("main .btn.main").click()
    page.locator(".summary").wait_for()
    shown(page, "invitation-errors", look)
    page.goto(f"{url}/account/sign-in/")
    page.locator("#id_login").fill(person.email)
    page.locator("#id_password").fill("wrong")
    page.locator("main .btn.main").click()
    page.locator(".summary").wait_for()
    shown(page, "sign-in-errors", look)


@pytest.mark.parametrize(("language", "size", "theme"), LOOKS)
def test_behind_the_door(
    live_server, open_page: Callable[..., Page], person, request, language, size, theme
):
    look, url = request.node.callspec.id, live_server.url
    User.objects.filter(pk=person.pk).update(language=language)
    page = open_page(language=language, size=size, theme=theme)
    sign_in(page, url, person)
    page.wait_for_url(f"{url}/account/")
    shown(page, "home-plain", look)
    page.goto(f"{url}/account/factors/app/")
    shown(page, "confirm", look)
    prove(page)
    page.locator(".qr").wait_for()
    shown(page, "app", look)
    secret = page.locator(".secret").text_content()
    page.locator("#id_code").fill(totp.format_hotp_value(totp.hotp_value(secret, _period())))
    page.locator("main .btn.main").click()
    page.locator(".codes").wait_for()
    shown(page, "codes", look)
    kept = Authenticator.objects.create(
        user=person,
        type=Authenticator.Type.WEBAUTHN,
        data={
            "name": "Chrome · Windows",
            "credential": {"clientExtensionResults": {"credProps": {"rk": True}}},
        },
    )
    paths = {
        "home": "/account/",
        "password": "/account/password/",
        "app-remove": "/account/factors/app/remove/",
        "codes-new": "/account/factors/codes/new/",
        "passkey-rename": f"/account/passkeys/{kept.pk}/rename/",
        "passkey-remove": f"/account/passkeys/{kept.pk}/remove/",
        "sign-out": "/account/sign-out/",
    }
    assert list(walk(page, url, paths, look)) == list(paths)
    kept.delete()
    page.goto(f"{url}/account/passkeys/add/")
    shown(page, "passkey-add", look)
    page.goto(f"{url}/account/passkeys/add/".replace("localhost", "127.0.0.1"))

    elsewhere = open_page(language=language, size=size, theme=theme)
    sign_in(elsewhere, url, person)
    elsewhere.wait_for_url(f"{url}/account/factors/code/")
    shown(elsewhere, "second-step", look)
    codes = RecoveryCodes(
        Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    )
    elsewhere.locator("#id_code").fill(codes.get_unused_codes()[0])
    elsewhere.locator("main .btn.main").click()
    elsewhere.wait_for_url(f"{url}/account/")
    page.goto(f"{url}/account/sessions/")
    assert page.locator(".rows > li").count() == 2
    shown(page, "sessions", look)


def _period() -> int:
    return int(time.time()) // 30
