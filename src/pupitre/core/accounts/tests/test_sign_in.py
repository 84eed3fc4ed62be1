"""Coming in by address and password, and going out."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from pupitre.core.accounts.events import AccountEvent, hashed
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD, browser


def tried(client: Client, email: str, password: str, **more):
    return client.post("/account/sign-in/", {"login": email, "password": password}, **more)


def test_address_and_password_open_the_desk(client, person, heard):
    answer = tried(client, "  Claire.MOREL@ardoise.example ", PASSWORD)
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)
    told = heard.only(AccountEvent.SIGNED_IN)
    assert (told.user, told.detail) == (person, "password")
    assert told.at.tzinfo is not None


def test_the_page_asked_for_is_found_again_but_no_other_site(client, person):
    assert tried(client, person.email, PASSWORD)["Location"] == "/"
    for asked, led_to in [("/account/sessions/", "/account/sessions/"), ("//evil.example/", "/")]:
        answer = browser().post(
            f"/account/sign-in/?next={asked}",
            {"login": person.email, "password": PASSWORD, "next": asked},
        )
        assert answer["Location"] == led_to


def test_a_wrong_password_and_an_unknown_address_read_alike(client, person, heard):
    wrong = tried(client, person.email, "not the password")
    unknown = tried(browser(), "nobody@ardoise.example", "not the password")
    said = "This address and this password do not go together."
    assert said in wrong.content.decode()
    assert said in unknown.content.decode()
    assert "_auth_user_id" not in client.session
    first, second = heard
    assert (first.kind, first.user, first.detail) == (AccountEvent.SIGN_IN_FAILED, person, "")
    assert (second.user, second.detail) == (None, hashed("Nobody@ardoise.example"))
    assert "nobody" not in second.detail


def test_an_unknown_address_costs_the_same_hash_as_a_known_one(client, person, monkeypatch):
    """Else the time that the answer takes would tell whether an address is known."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    hashed_times = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        hashed_times.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    tried(client, person.email, "wrong")
    for_known = len(hashed_times)
    hashed_times.clear()
    tried(browser(), "nobody@ardoise.example", "wrong")
    assert len(hashed_times) == for_known == 1


def test_a_session_gets_a_new_key_at_sign_in(client, person):
    client.get("/account/invitation/")
    session = client.session
    session["planted"] = "by whoever knew the key"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    tried(client, person.email, PASSWORD)
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_a_closed_account_does_not_open(client, person, heard):
    User.objects.filter(pk=person.pk).update(is_active=False)
    answer = tried(client, person.email, PASSWORD)
    assert answer["Location"] == "/account/closed/"
    assert "_auth_user_id" not in client.session
    assert "This account is closed." in client.get("/account/closed/").content.decode()
    assert AccountEvent.SIGNED_IN not in heard.kinds()


def test_an_open_session_ends_the_moment_its_account_closes(at_home, person):
    assert at_home.get("/account/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert at_home.get("/account/")["Location"].startswith("/account/sign-in/")


def test_an_account_without_password_does_not_open_with_an_empty_one(client, db):
    waiting = User.objects.create_user(email="new@ardoise.example")
    for password in ("", waiting.password, "!"):
        tried(client, waiting.email, password)
        assert "_auth_user_id" not in client.session


def test_signing_out_asks_first_and_then_leaves_nothing(at_home, person, heard):
    key = at_home.session.session_key
    assert "Sign out of this device?" in at_home.get("/account/sign-out/").content.decode()
    assert Session.objects.filter(session_key=key).exists()
    assert at_home.post("/account/sign-out/")["Location"] == "/account/sign-in/"
    assert not Session.objects.filter(session_key=key).exists()
    assert heard.only(AccountEvent.SIGNED_OUT).user == person


def test_the_pages_follow_the_language_of_whoever_signs_in(person):
    reader = Client(headers={"accept-language": "fr"})
    assert 'lang="fr"' in reader.get("/account/sign-in/").content.decode()
    tried(reader, person.email, PASSWORD)
    assert 'lang="en"' in reader.get("/account/").content.decode()


@pytest.mark.parametrize(
    "gone",
    [
        "/account/signup/",
        "/account/email/",
        "/account/confirm-email/",
        "/account/login/code/",
        "/account/3rdparty/",
        "/account/3rdparty/signup/",
        "/account/social/connections/",
        "/account/passkeys/signup/",
    ],
)
def test_what_allauth_offers_and_we_do_not_has_no_page(proven, gone):
    assert proven.get(gone).status_code == 404
    assert proven.post(gone, {"email": "me@elsewhere.example"}).status_code == 404


def test_no_name_of_allauths_leads_to_a_page_that_makes_accounts():
    from django.urls import NoReverseMatch, reverse

    for name in (
        "account_signup",
        "account_signup_by_passkey",
        "account_email",
        "mfa_signup_webauthn",
        "socialaccount_signup",
        "socialaccount_connections",
        "account_request_login_code",
    ):
        with pytest.raises(NoReverseMatch):
            reverse(name)
