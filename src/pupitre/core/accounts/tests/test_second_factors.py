"""Codes from an app, recovery codes, and what a stolen password is then worth."""

from __future__ import annotations

import re
import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache.backends import db as db_cache
from django.test import Client
from django.utils import timezone

from pupitre.core.accounts import mailing, sealing, services
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.tests.conftest import PASSWORD, browser


def code(secret: str, *, steps: int = 0) -> str:
    """What an app shows: RFC 6238 over SHA-1, six digits, 30 s."""
    return f"{totp.hotp_value(secret, int(time.time()) // 30 + steps):06d}"


def secret_of(person) -> str:
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    return sealing.unseal(kept.data["secret"])


@pytest.fixture
def app(person, proven) -> str:
    """The person has added an app; its secret."""
    page = proven.get("/account/factors/app/").content.decode()
    secret = re.search(r'<code class="secret"[^>]*>(\w+)</code>', page).group(1)
    answer = proven.post("/account/factors/app/", {"code": code(secret)})
    assert answer["Location"] == "/account/factors/codes/"
    return secret


def by_password(person) -> Client:
    client = browser()
    answer = client.post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    assert answer["Location"] == "/account/factors/code/"
    assert "_auth_user_id" not in client.session
    return client


@pytest.fixture
def recovery_codes(app, proven) -> list[str]:
    page = proven.get("/account/factors/codes/").content.decode()
    codes = re.findall(r"<li><code>(\d{8})</code></li>", page)
    assert len(codes) == 10
    return codes


def test_our_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: the secret "12345678901234567890" at T=1 shows 287082."""
    assert totp.hotp_value("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 1) == 287082


def test_sensitive_pages_ask_for_the_password_once_more(at_home):
    answer = at_home.get("/account/factors/app/")
    assert answer["Location"].startswith("/account/confirm/?next=")
    refused = at_home.post("/account/confirm/?next=/account/factors/app/", {"password": "wrong"})
    assert "This is not your password." in refused.content.decode()
    assert at_home.get("/account/factors/app/").status_code == 302


def test_a_code_from_the_app_opens_after_the_password(person, app, heard):
    client = by_password(person)
    assert client.get("/account/").status_code == 302  # half-way in is not in
    answer = client.post("/account/factors/code/", {"code": code(app, steps=1)})
    assert answer["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert heard.only(AccountEvent.SIGNED_IN).detail == "password+totp"


def test_a_wrong_code_does_not(person, app, heard):
    client = by_password(person)
    answer = client.post("/account/factors/code/", {"code": "000000"})
    assert "This code is not right." in answer.content.decode()
    assert "_auth_user_id" not in client.session
    assert heard.only(AccountEvent.SECOND_FACTOR_FAILED).user == person


def test_a_code_works_once_for_as_long_as_it_would_be_accepted(person, app, monkeypatch):
    seen = code(app, steps=1)
    assert by_password(person).post("/account/factors/code/", {"code": seen}).status_code == 302
    now, cached_at = time.time(), timezone.now()
    monkeypatch.setattr(time, "time", lambda: now + 31)  # allauth has forgotten it by then
    monkeypatch.setattr(db_cache, "tz_now", lambda: cached_at + timedelta(seconds=31))
    for again in (f"{seen[:3]} {seen[3:]}", f" {seen[:3]}-{seen[3:]} ", seen):
        thief = by_password(person)
        answer = thief.post("/account/factors/code/", {"code": again})
        assert answer.status_code == 200
        assert "_auth_user_id" not in thief.session


def test_clocks_may_differ_by_half_a_minute_and_no_more(person, app):
    assert by_password(person).post("/account/factors/code/", {"code": code(app, steps=-1)})[
        "Location"
    ]
    for steps in (-3, 3):
        late = by_password(person).post("/account/factors/code/", {"code": code(app, steps=steps)})
        assert late.status_code == 200


def test_codes_cannot_be_guessed_five_by_five(person, app):
    for _ in range(5):
        by_password(person).post("/account/factors/code/", {"code": "000000"})
    held_back = by_password(person).post("/account/factors/code/", {"code": code(app, steps=1)})
    assert "Too many tries." in held_back.content.decode()


def test_the_secret_is_sealed_in_the_database(person, app, settings):
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP).data["secret"]
    assert app not in kept
    assert sealing.unseal(kept) == app
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key"
    with pytest.raises(sealing.CannotOpen):
        sealing.unseal(kept)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.unseal(kept) == app
    codes = Authenticator.objects.get(user=person, type=Authenticator.Type.RECOVERY_CODES)
    assert re.fullmatch(r"gAAAA[\w=-]+", codes.data["seed"])


def test_a_recovery_code_opens_once(person, recovery_codes, heard):
    client = by_password(person)
    assert client.post("/account/factors/code/", {"code": recovery_codes[0]})["Location"] == "/"
    assert heard.only(AccountEvent.RECOVERY_CODE_USED).user == person
    again = by_password(person)
    assert again.post("/account/factors/code/", {"code": recovery_codes[0]}).status_code == 200
    assert "_auth_user_id" not in again.session
    assert "You have 9 recovery codes left." in page_of_codes(client)


def page_of_codes(client: Client) -> str:
    client.post("/account/confirm/?next=/account/", {"password": PASSWORD})
    return client.get("/account/factors/codes/").content.decode()


def test_new_codes_void_the_old_ones(
    person, recovery_codes, proven, heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        proven.post("/account/factors/codes/new/")
    fresh = re.findall(r"<li><code>(\d{8})</code></li>", page_of_codes(proven))
    assert len(fresh) == 10
    assert not set(fresh) & set(recovery_codes)
    client = by_password(person)
    assert client.post("/account/factors/code/", {"code": recovery_codes[1]}).status_code == 200
    assert heard.only(AccountEvent.RECOVERY_CODES_MADE).user == person


def test_codes_can_be_kept_as_a_file(person, recovery_codes, proven):
    answer = proven.get("/account/factors/codes/file/")
    assert answer["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert "no-store" in answer["Cache-Control"]
    text = answer.content.decode()
    assert person.email in text
    assert all(one in text for one in recovery_codes)


def test_codes_come_only_with_a_factor_to_recover(proven):
    answer = proven.post("/account/factors/codes/new/")
    assert "Recovery codes come with an authenticator app or a passkey" in answer.content.decode()
    assert proven.get("/account/factors/codes/").status_code == 404


def test_adding_and_removing_is_told_and_mailed(person, app, proven, heard):
    assert "Sign in without the authenticator app" in (
        proven.get("/account/factors/app/remove/").content.decode()
    )
    proven.post("/account/factors/app/remove/")
    assert not Authenticator.objects.filter(user=person).exists()
    assert heard.kinds()[-2:] == [
        AccountEvent.TOTP_REMOVED,
        AccountEvent.RECOVERY_CODES_REMOVED,
    ]
    mailing.wait_until_sent()
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "removed" in mail.outbox[0].subject
    assert (
        browser().post("/account/sign-in/", {"login": person.email, "password": PASSWORD})[
            "Location"
        ]
        == "/"
    )


def test_adding_is_told(person, proven, heard, django_capture_on_commit_callbacks):
    page = proven.get("/account/factors/app/").content.decode()
    secret = re.search(r'<code class="secret"[^>]*>(\w+)</code>', page).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        proven.post("/account/factors/app/", {"code": code(secret)})
    assert {AccountEvent.TOTP_ADDED, AccountEvent.RECOVERY_CODES_MADE} <= set(heard.kinds())
    mailing.wait_until_sent()
    assert "authenticator app was added" in mail.outbox[0].subject


def test_a_lost_phone_and_lost_codes_are_an_administrators_act(person, app, at_home, heard):
    assert services.forget_second_factors(user=person) == 2
    assert at_home.get("/account/").status_code == 302  # its sessions ended too
    fresh = browser().post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    assert fresh["Location"] == "/"
    told = heard.only(AccountEvent.TOTP_REMOVED)
    assert (told.user, told.detail) == (person, "by an administrator")
    assert services.forget_second_factors(user=person) == 0


def test_nobody_touches_the_factors_of_somebody_else(person, app, somebody_else, sign_in):
    other = sign_in(somebody_else)
    other.post("/account/confirm/?next=/account/", {"password": PASSWORD})
    assert other.post("/account/factors/app/remove/").status_code == 404
    assert other.get("/account/factors/codes/").status_code == 404
    kept = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    assert other.post(f"/account/passkeys/{kept.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(user=person).count() == 2
