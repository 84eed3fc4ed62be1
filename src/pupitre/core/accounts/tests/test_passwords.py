"""Changing a password, and getting a new one by e-mail without telling who has an account."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from threading import Event
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from pupitre.core.accounts import mailing, services
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD, browser

NEW = "la pluie revient toujours en mars"
TWICE = {"password1": NEW, "password2": NEW}


def asked(email: str, client: Client | None = None, **headers: str):
    client = client or browser()
    return client.post("/account/password/reset/", {"email": email}, headers=headers)


def link() -> str:
    mailing.wait_until_sent()
    (message,) = mail.outbox
    return next(word for word in message.body.split() if word.startswith("http"))


def test_the_page_says_the_same_whether_or_not_the_address_is_known(person):
    pages = []
    for email in (person.email, "nobody@ardoise.example"):
        client = browser()
        answer = asked(email, client)
        assert answer["Location"] == "/account/password/reset/sent/"
        pages.append(client.get(answer["Location"]).content.decode().replace(email, ""))
    mailing.wait_until_sent()
    assert len(mail.outbox) == 1  # Pupitre writes to nobody that it does not know
    tokens = [page.split('csrfmiddlewaretoken" value="')[1][:64] for page in pages]
    assert pages[0].replace(tokens[0], "") == pages[1].replace(tokens[1], "")


def test_a_slow_mail_server_does_not_tell_by_its_delay_who_is_known(person, monkeypatch):
    let_go = Event()
    send = EmailBackend.send_messages

    def slow(self, messages):
        let_go.wait(10)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", slow)
    began = time.monotonic()
    answer = asked(person.email)
    took = time.monotonic() - began
    assert mail.outbox == []
    let_go.set()
    mailing.wait_until_sent()
    assert answer.status_code == 302
    assert took < 5
    assert len(mail.outbox) == 1


def test_a_broken_mail_server_is_logged_without_the_address(person, monkeypatch, caplog):
    def broken(self, messages):
        raise OSError("connection refused")

    monkeypatch.setattr(EmailBackend, "send_messages", broken)
    assert asked(person.email).status_code == 302
    mailing.wait_until_sent()
    assert "connection refused" in caplog.text
    assert person.email not in caplog.text


def test_the_link_lets_in_once_with_a_new_password(person, heard):
    asked(person.email)
    way = urlsplit(link()).path
    client = browser()
    page = client.get(way, follow=True)
    assert "Choose a new password." in page.content.decode()
    (last, _status) = page.redirect_chain[-1]
    assert "set-password" in last  # the secret is out of the address bar
    answer = client.post(last, TWICE)
    assert answer["Location"] == "/"
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert client.session["_auth_user_id"] == str(person.pk)
    assert heard.kinds() == [AccountEvent.PASSWORD_RESET, AccountEvent.SIGNED_IN]
    again = browser().get(way, follow=True)
    assert "This link no longer works." in again.content.decode()


def test_it_lasts_an_hour(person, monkeypatch):
    asked(person.email)
    way = urlsplit(link()).path
    at = datetime.now()  # noqa: DTZ005  (Django's token generator counts in naive local time)
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: at + timedelta(minutes=59))
    assert "Choose a new" in browser().get(way, follow=True).content.decode()
    monkeypatch.setattr(PasswordResetTokenGenerator, "_now", lambda _: at + timedelta(minutes=61))
    assert "no longer works" in browser().get(way, follow=True).content.decode()


def test_a_link_for_a_former_address_is_void(person):
    asked(person.email)
    way = urlsplit(link()).path
    User.objects.filter(pk=person.pk).update(email="claire@elsewhere.example")
    assert "no longer works" in browser().get(way, follow=True).content.decode()


def test_the_link_never_leads_to_the_host_that_a_request_named(person, settings):
    settings.PUBLIC_URL = "https://pupitre.ardoise.example"
    asked(person.email, host="localhost:6666")
    assert link().startswith("https://pupitre.ardoise.example/account/password/reset/")


def test_closed_accounts_and_strangers_get_no_letter(person):
    User.objects.filter(pk=person.pk).update(is_active=False)
    asked(person.email)
    mailing.wait_until_sent()
    assert mail.outbox == []


@pytest.mark.parametrize(("language", "said"), [("fr", "mot de passe"), ("en", "new password")])
def test_the_letter_is_in_its_readers_language(person, language, said):
    User.objects.filter(pk=person.pk).update(language=language)
    asked(person.email, **{"accept-language": "fr" if language == "en" else "en"})
    mailing.wait_until_sent()
    (message,) = mail.outbox
    assert said in message.subject
    assert f'lang="{language}"' in message.alternatives[0].content


def test_changing_it_ends_every_other_session(person, at_home, sign_in, heard):
    elsewhere = sign_in(person)
    assert elsewhere.get("/account/").status_code == 200
    answer = at_home.post("/account/password/", {"oldpassword": PASSWORD} | TWICE)
    assert answer["Location"] == "/account/"
    assert at_home.get("/account/").status_code == 200
    assert elsewhere.get("/account/")["Location"].startswith("/account/sign-in/")
    assert AccountEvent.PASSWORD_CHANGED in heard.kinds()
    mailing.wait_until_sent()
    (notice,) = mail.outbox
    assert notice.to == [person.email]
    assert "changed" in notice.subject
    assert "127.0.0.1" in notice.body


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"oldpassword": "wrong"} | TWICE, "This is not your current password."),
        ({"oldpassword": PASSWORD, "password1": "short", "password2": "short"}, "12 characters"),
        ({"oldpassword": PASSWORD, "password1": NEW, "password2": NEW + "!"}, "same password"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(person, at_home, form, said):
    answer = at_home.post("/account/password/", form)
    assert said in answer.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_somebody_without_a_password_may_set_one(db, heard):
    member = User.objects.create_user(email="sso@ardoise.example", language="en")
    client = browser()
    client.force_login(member)
    assert client.get("/account/password/")["Location"] == "/account/password/first/"
    assert client.post("/account/password/first/", TWICE)["Location"] == "/account/"
    member.refresh_from_db()
    assert member.check_password(NEW)
    assert AccountEvent.PASSWORD_SET in heard.kinds()


def test_the_address_lives_in_one_place(person, at_home):
    """allauth has a table of addresses too: were it filled, an old one would still open."""
    asked(person.email)
    at_home.post("/account/password/", {"oldpassword": PASSWORD} | TWICE)
    assert not EmailAddress.objects.exists()
    services.change_address(user=person, email="claire@elsewhere.example")
    refused = browser().post(
        "/account/sign-in/", {"login": "claire.morel@ardoise.example", "password": NEW}
    )
    assert refused.status_code == 200
    let_in = browser().post(
        "/account/sign-in/", {"login": "claire@elsewhere.example", "password": NEW}
    )
    assert let_in.status_code == 302


def test_passwords_are_kept_under_a_hash_that_costs_memory():
    """The tests run with a quick one; this is what the product runs with."""
    from pupitre.config import settings as product

    assert product.PASSWORD_HASHERS[0].endswith("ScryptPasswordHasher")
    assert product.PASSWORD_RESET_TIMEOUT == 3600
    assert product.INVITATION_DAYS == 7
