"""One-click seats: in the demonstration, from this machine, and nowhere else."""

from __future__ import annotations

import importlib

import pytest
from django.test import Client
from django.urls import NoReverseMatch, clear_url_caches, reverse

from pupitre.config import urls
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import browser


def reload_routes() -> None:
    importlib.reload(urls)
    clear_url_caches()


@pytest.fixture
def demonstration(settings):
    settings.DEMO = True
    reload_routes()
    yield
    settings.DEMO = False
    reload_routes()


def test_outside_the_demonstration_there_is_no_such_route(person, settings):
    assert settings.DEMO is False
    with pytest.raises(NoReverseMatch):
        reverse("demo_enter", args=[person.pk])
    client = browser()
    assert client.post(f"/demo/enter/{person.pk}/").status_code == 404
    assert "_auth_user_id" not in client.session


def test_were_the_route_there_all_the_same_it_would_refuse(person, demonstration, settings):
    settings.DEMO = False
    assert browser().post(f"/demo/enter/{person.pk}/").status_code == 404


def test_a_seat_is_taken_with_one_click(person, demonstration, heard):
    client = browser()
    assert client.post(f"/demo/enter/{person.pk}/")["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert heard.only(AccountEvent.SIGNED_IN).detail == "demo"


def test_another_seat_is_taken_from_the_first(person, somebody_else, demonstration, heard):
    client = browser()
    client.post(f"/demo/enter/{person.pk}/")
    client.post(f"/demo/enter/{somebody_else.pk}/")
    assert client.session["_auth_user_id"] == str(somebody_else.pk)
    assert [told.detail for told in heard if told.kind == AccountEvent.SIGNED_IN] == ["demo"] * 2


@pytest.mark.parametrize(
    "whence",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "10.0.0.5"},
        {"REMOTE_ADDR": "::ffff:192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_whoever_does_not_come_from_this_machine_is_refused(person, demonstration, whence):
    client = browser()
    assert client.post(f"/demo/enter/{person.pk}/", **whence).status_code == 403
    assert "_auth_user_id" not in client.session


def test_it_takes_a_post_with_a_token_and_an_open_account(person, demonstration):
    assert browser().get(f"/demo/enter/{person.pk}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(f"/demo/enter/{person.pk}/").status_code == 403
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert browser().post(f"/demo/enter/{person.pk}/").status_code == 404
