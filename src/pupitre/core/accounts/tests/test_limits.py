"""How many tries there are, by address, by network, behind proxies."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from pupitre.core.accounts.events import AccountEvent, hashed
from pupitre.core.accounts.tests.conftest import PASSWORD, browser

WRONG = "not the password"


def tried(email: str, password: str = WRONG, *, ip: str = "203.0.113.9", **headers: str):
    return browser(**headers).post(
        "/account/sign-in/", {"login": email, "password": password}, REMOTE_ADDR=ip
    )


def came_in(answer) -> bool:
    return answer.status_code == 302


def test_five_wrong_passwords_hold_an_account_back_wherever_they_come_from(person, heard):
    for n in range(5):
        tried(person.email, ip=f"203.0.113.{n}")
    refused = tried(person.email, PASSWORD, ip="198.51.100.7")
    assert not came_in(refused)
    assert "Wait five minutes" in refused.content.decode()
    told = heard.only(AccountEvent.SIGN_IN_HELD_BACK)
    assert (told.user, told.detail) == (person, "")


def test_others_still_come_in_and_the_right_password_counts_nothing(person, somebody_else):
    for _ in range(8):
        assert came_in(tried(person.email, PASSWORD))
    for n in range(5):
        tried(person.email, ip=f"203.0.113.{n}")
    assert came_in(tried(somebody_else.email, PASSWORD))


def test_another_spelling_of_host_or_address_wins_no_further_try(person):
    for n in range(5):
        tried(person.email.upper() if n % 2 else person.email, host=f"localhost:{8000 + n}")
    assert not came_in(tried(person.email, PASSWORD, host="127.0.0.1:9999"))


def test_an_unknown_address_is_held_back_alike_and_named_only_by_its_hash(db, heard):
    for n in range(7):
        answer = tried("nobody@ardoise.example", ip=f"203.0.113.{n}")
    assert "Wait five minutes" in answer.content.decode()
    told = heard.only(AccountEvent.SIGN_IN_HELD_BACK)  # one line in the record, not one a try
    assert (told.user, told.detail) == (None, hashed("nobody@ardoise.example"))


def test_ten_wrong_tries_from_one_network_hold_that_network_back(person, db):
    for n in range(10):
        tried(f"guess{n}@ardoise.example")
    assert "Wait five minutes" in tried(person.email, PASSWORD).content.decode()
    assert came_in(tried(person.email, PASSWORD, ip="198.51.100.7"))


def test_a_flood_is_answered_429_in_our_voice(person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    answers = [tried(person.email, PASSWORD) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    page = answers[-1].content.decode()
    assert "Pupitre" in page
    assert "wait a few minutes" in page.lower() or "quelques minutes" in page


def test_the_limit_is_sixty_a_minute_as_documented(settings):
    assert settings.ACCOUNT_RATE_LIMITS["login"] == "60/m/ip"


@pytest.mark.parametrize("page", ["/account/password/reset/", "/account/invitation/"])
def test_other_doors_have_limits_too(page, person, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reset_password": "2/h/ip", "invitation": "2/m/ip"}
    client = browser()
    codes = [client.post(page, {"email": person.email}).status_code for _ in range(3)]
    assert codes[-1] == 429
    assert 429 not in codes[:2]


def test_the_address_of_a_client_is_believed_from_trusted_proxies_only(person, settings):
    """Without a proxy in front, X-Forwarded-For is whatever the client wrote."""
    spoofed = [
        tried(f"guess{n}@ardoise.example", **{"x-forwarded-for": f"192.0.2.{n}"}) for n in range(11)
    ]
    assert "Wait five minutes" in spoofed[-1].content.decode()
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    told_by_proxy = [
        tried(f"guess{n}@ardoise.example", **{"x-forwarded-for": f"1.1.1.1, 192.0.2.{n}"})
        for n in range(11)
    ]
    assert not any("Wait five minutes" in answer.content.decode() for answer in told_by_proxy)


def test_the_number_of_trusted_proxies_is_the_operators_setting(settings):
    assert settings.ENV.trusted_proxies == settings.ALLAUTH_TRUSTED_PROXY_COUNT


def test_the_limits_rest_in_a_cache_that_processes_share_and_nobody_can_fill(settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    assert settings.CACHES["default"]["OPTIONS"]["MAX_ENTRIES"] >= 100_000
