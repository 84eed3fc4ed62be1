"""A link that opens one account, once, for a few days."""

from __future__ import annotations

import time
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from pupitre.core.accounts import invitations, mailing, services
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD, browser
from pupitre.core.errors import Invalid

CHOSEN = {"password1": PASSWORD, "password2": PASSWORD, "language": "en"}


@pytest.fixture
def invited(db) -> User:
    return services.create_account(email="New.Member@Ardoise.example", language="fr")


def path_of(link: str) -> str:
    return urlsplit(link).path


def follow(client: Client, user: User):
    link = services.invitation_link(user, inviter_name="Claire Morel", company="Maison Ardoise")
    return client.get(path_of(link), follow=True)


def test_the_invited_person_sees_by_whom_and_for_which_address_and_comes_in(invited, heard):
    client = Client(headers={"accept-language": "en"})
    page = follow(client, invited)
    assert page.redirect_chain == [("/account/invitation/", 302)]  # the secret leaves the bar
    text = page.content.decode()
    assert 'lang="fr"' in text  # the language that the inviter gave
    assert "Claire Morel" in text
    assert "Maison Ardoise" in text
    assert "new.member@ardoise.example" in text
    answer = client.post("/account/invitation/", CHOSEN)
    assert answer["Location"] == "/"
    invited.refresh_from_db()
    assert invited.check_password(PASSWORD)
    assert invited.language == "en"
    assert client.session["_auth_user_id"] == str(invited.pk)
    assert heard.kinds() == [AccountEvent.INVITATION_ACCEPTED, AccountEvent.SIGNED_IN]
    assert heard[-1].detail == "invitation"


def test_looking_uses_nothing_up_but_accepting_does(invited):
    link = path_of(services.invitation_link(invited))
    for _ in range(3):
        assert browser().get(link, follow=True).status_code == 200
    first = browser()
    first.get(link)
    first.post("/account/invitation/", CHOSEN)
    again = browser().get(link, follow=True)
    assert again.status_code == 410
    late = browser()
    late.get(link)
    assert late.post("/account/invitation/", CHOSEN | {"password1": "x" * 20}).status_code == 410
    invited.refresh_from_db()
    assert invited.check_password(PASSWORD)


def test_it_holds_seven_days_and_no_longer(invited, monkeypatch):
    token = invitations.invitation_token(invited)
    now = time.time()
    day = 24 * 3600
    monkeypatch.setattr(signing.time, "time", lambda: now + 7 * day - 60)
    assert invitations.read(token) is not None
    monkeypatch.setattr(signing.time, "time", lambda: now + 7 * day + 60)
    assert invitations.read(token) is None


@pytest.mark.parametrize(
    "change",
    [
        {"password": "md5$x$y"},
        {"last_login": timezone.now() - timedelta(days=1)},
        {"is_active": False},
        {"email": "other@ardoise.example"},
    ],
)
def test_a_changed_account_voids_it(invited, change):
    token = invitations.invitation_token(invited)
    User.objects.filter(pk=invited.pk).update(**change)
    assert invitations.read(token) is None


def test_a_forged_or_borrowed_token_opens_nothing(invited, somebody_else):
    token = invitations.invitation_token(invited)
    said = signing.loads(token, salt="pupitre.invitation")
    forged = [
        "",
        "nonsense",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        signing.dumps(said, salt="another purpose"),
        signing.dumps(said, key="another key", salt="pupitre.invitation"),
        signing.dumps(said | {"u": somebody_else.pk}, salt="pupitre.invitation"),
        signing.dumps(said | {"u": 10**9}, salt="pupitre.invitation"),
    ]
    for one in forged:
        assert invitations.read(one) is None
    client = browser()
    assert client.get("/account/invitation/").status_code == 410
    assert client.post("/account/invitation/", CHOSEN).status_code == 410
    assert User.objects.get(pk=invited.pk).has_usable_password() is False


def test_nobody_is_invited_into_an_account_that_is_open(person, invited):
    """Else whoever may invite could walk into any account."""
    with pytest.raises(invitations.AlreadyIn):
        services.invitation_link(person)
    User.objects.filter(pk=invited.pk).update(last_login=timezone.now())  # came in by OIDC
    invited.refresh_from_db()
    with pytest.raises(Invalid):
        services.send_invitation(user=invited, inviter_name="Claire", company="Ardoise")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"password1": "short1", "password2": "short1"}, "at least 12 characters"),
        ({"password1": "passwordpassword", "password2": "different entirely"}, "differ"),
        ({"password1": "111111111111", "password2": "111111111111"}, "entirely numeric"),
        ({"password1": "new.member@ardoise", "password2": "new.member@ardoise"}, "too similar"),
        ({"password1": "", "password2": ""}, "required"),
        ({"language": "xx"}, "valid choice"),
    ],
)
def test_a_weak_password_is_refused_in_words(invited, chosen, said):
    client = browser()
    follow(client, invited)
    client.cookies["django_language"] = "en"
    answer = client.post("/account/invitation/", CHOSEN | chosen)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not User.objects.get(pk=invited.pk).has_usable_password()


def test_opening_an_account_signs_another_one_out(invited, at_home, heard):
    page = follow(at_home, invited).content.decode()
    assert "claire.morel@ardoise.example" in page
    at_home.post("/account/invitation/", CHOSEN)
    assert at_home.session["_auth_user_id"] == str(invited.pk)
    assert AccountEvent.SIGNED_OUT in heard.kinds()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_open_it_at_the_same_instant_one_is_let_in():
    user = services.create_account(email="race@ardoise.example", language="fr")
    token = invitations.invitation_token(user)
    held = [invitations.read(token), invitations.read(token)]
    start, let_in = Barrier(2), []

    def accept(invitation, password):
        start.wait()
        let_in.append((password, invitations.accept(invitation, password=password, language="en")))
        connection.close()

    racers = [Thread(target=accept, args=(held[n], f"password {n}")) for n in (0, 1)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    (winner,) = [password for password, taken in let_in if taken]
    user.refresh_from_db()
    assert user.check_password(winner)


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("fr", "Claire Morel vous invite", "sept jours|7\xa0jours|7 jours"),
        ("en", "Claire Morel invites you to Pupitre", "within 7 days"),
    ],
)
def test_the_invitation_is_mailed_in_the_invited_persons_language(
    db, settings, heard, django_capture_on_commit_callbacks, language, subject, words
):
    settings.PUBLIC_URL = "https://pupitre.ardoise.example"
    user = services.create_account(email="new@ardoise.example", language=language)
    with django_capture_on_commit_callbacks(execute=True):
        services.send_invitation(user=user, inviter_name="Claire Morel", company="Maison <Ardoise>")
        assert mail.outbox == []  # not before the transaction has held
    mailing.wait_until_sent()
    (message,) = mail.outbox
    assert message.to == ["new@ardoise.example"]
    assert message.subject.startswith(subject)
    drawn = message.alternatives[0].content
    for body in (message.body, drawn):
        assert "https://pupitre.ardoise.example/account/invitation/" in body
        assert any(word in body for word in words.split("|"))
    assert "Maison <Ardoise>" in message.body
    assert "Maison &lt;Ardoise&gt;" in drawn
    assert "Maison <Ardoise>" not in drawn
    assert message.message()["Auto-Submitted"] == "auto-generated"
    link = message.body.split("https://pupitre.ardoise.example")[1].split()[0]
    assert browser().get(link, follow=True).status_code == 200
    assert AccountEvent.INVITATION_SENT in heard.kinds()


def test_a_name_with_a_line_break_cannot_add_a_header(db, django_capture_on_commit_callbacks):
    user = services.create_account(email="new@ardoise.example", language="en")
    with django_capture_on_commit_callbacks(execute=True):
        services.send_invitation(
            user=user, inviter_name="Eve\nBcc: all@ardoise.example", company="Ardoise"
        )
    mailing.wait_until_sent()
    assert mail.outbox[0].message()["Bcc"] is None
    assert mail.outbox[0].recipients() == ["new@ardoise.example"]
