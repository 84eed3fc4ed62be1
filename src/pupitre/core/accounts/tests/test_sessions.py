"""Where a person is signed in, for how long, and how it ends."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from pupitre.core.accounts import middleware, services
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def here(person, sign_in):
    return sign_in(person, **{"user-agent": CHROME})


@pytest.fixture
def phone(person, sign_in):
    return sign_in(person, **{"user-agent": PHONE})


def test_the_list_names_devices_and_says_which_is_this_one(here, phone):
    page = here.get("/account/sessions/").content.decode()
    assert "You are signed in on 2 devices." in page
    first, second = page.index("Chrome · Windows"), page.index("Safari · iPhone")
    assert first < second  # this one first
    assert "127.0.0.1" in page
    assert page.count("this one") == 1


def test_one_session_is_ended_from_another(person, here, phone, heard):
    phones = UserSession.objects.get(session_key=phone.session.session_key)
    answer = here.post(f"/account/sessions/{phones.pk}/end/", follow=True)
    assert "That session has ended." in answer.content.decode()
    assert phone.get("/account/")["Location"].startswith("/account/sign-in/")
    assert here.get("/account/").status_code == 200
    assert heard.only(AccountEvent.SESSION_REVOKED).user == person


def test_all_the_others_are_ended_at_once(person, here, phone, sign_in, heard):
    third = sign_in(person)
    answer = here.post("/account/sessions/others/end/", follow=True)
    assert "2 other sessions have ended." in answer.content.decode()
    for client in (phone, third):
        assert client.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert heard.only(AccountEvent.SESSION_REVOKED).detail == "2"


def test_ending_ones_own_session_signs_out(here, heard):
    own = UserSession.objects.get(session_key=here.session.session_key)
    assert here.post(f"/account/sessions/{own.pk}/end/")["Location"] == "/account/sign-in/"
    assert here.get("/account/").status_code == 302
    assert AccountEvent.SIGNED_OUT in heard.kinds()


def test_nobody_ends_the_session_of_somebody_else(person, here, somebody_else, sign_in):
    other = sign_in(somebody_else)
    mine = UserSession.objects.get(session_key=here.session.session_key)
    assert other.post(f"/account/sessions/{mine.pk}/end/").status_code == 404
    assert other.post("/account/sessions/others/end/").status_code == 302
    assert here.get("/account/").status_code == 200
    page = other.get("/account/sessions/").content.decode()
    assert f"/account/sessions/{mine.pk}/end/" not in page


def test_ends_are_asked_for_by_post_alone(here, phone):
    phones = UserSession.objects.get(session_key=phone.session.session_key)
    assert here.get(f"/account/sessions/{phones.pk}/end/").status_code == 405
    assert here.get("/account/sessions/others/end/").status_code == 405
    assert phone.get("/account/").status_code == 200


def test_closing_an_account_ends_its_sessions(person, here, phone, heard):
    services.close_account(user=person)
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()
    assert here.get("/account/").status_code == 302
    assert heard.only(AccountEvent.ACCOUNT_CLOSED).user == person
    services.reopen_account(user=person)
    assert heard.only(AccountEvent.ACCOUNT_REOPENED).user == person
    assert here.get("/account/").status_code == 302  # open again, but nobody is signed in
    assert User.objects.get(pk=person.pk).is_active


def test_an_unused_session_ends_after_twelve_hours(here):
    key = here.session.session_key
    expires = Session.objects.get(session_key=key).expire_date
    assert abs(expires - timezone.now() - timedelta(hours=12)) < timedelta(minutes=1)
    Session.objects.filter(session_key=key).update(expire_date=timezone.now())
    assert here.get("/account/").status_code == 302


def test_use_prolongs_it_but_not_for_ever(here, monkeypatch):
    key, began = here.session.session_key, time.time()
    hours = 3600

    def at(seconds: float) -> None:
        monkeypatch.setattr(middleware.time, "time", lambda: began + seconds)

    here.get("/account/")
    before = Session.objects.get(session_key=key).expire_date
    Session.objects.filter(session_key=key).update(expire_date=before - timedelta(hours=11))
    at(0.5 * hours)
    here.get("/account/")
    assert Session.objects.get(session_key=key).expire_date > before - timedelta(minutes=1)
    at(7 * 24 * hours + 60)
    answer = here.get("/account/sessions/")
    assert answer["Location"] == "/account/sessions/"
    assert here.get("/account/sessions/")["Location"].startswith("/account/sign-in/?next=")
    assert not Session.objects.filter(session_key=key).exists()


def test_a_page_writes_nothing_unless_five_minutes_have_passed(
    here, django_assert_num_queries, monkeypatch
):
    here.get("/account/sessions/")
    seen = UserSession.objects.get().last_seen_at
    here.get("/account/sessions/")
    assert UserSession.objects.get().last_seen_at == seen
    later = time.time() + 301
    monkeypatch.setattr(middleware.time, "time", lambda: later)
    here.get("/account/sessions/")
    assert UserSession.objects.get().last_seen_at > seen


def test_a_changed_address_is_noted_at_once(here):
    here.get("/account/")
    here.get("/account/", REMOTE_ADDR="198.51.100.7")
    assert UserSession.objects.get().ip == "198.51.100.7"


def test_ended_sessions_are_forgotten_by_the_daily_job(here, phone, person):
    Session.objects.filter(session_key=phone.session.session_key).update(
        expire_date=timezone.now() - timedelta(days=1)
    )
    assert services.forget_ended_sessions(at=timezone.now()) == 1
    assert UserSession.objects.get().session_key == here.session.session_key
    assert Session.objects.count() == 1
