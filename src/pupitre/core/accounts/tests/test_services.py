"""What actions of the mandate ask of accounts."""

from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from pupitre.core.accounts import mailing, services
from pupitre.core.accounts.devices import device
from pupitre.core.accounts.events import AccountEvent
from pupitre.core.accounts.models import User
from pupitre.core.errors import Invalid


def test_an_account_is_made_without_a_way_in(db, heard):
    user = services.create_account(email=" Émilie@Ardoise.example".replace("É", "E"), language="en")
    assert (user.email, user.language) == ("emilie@ardoise.example", "en")
    assert not user.has_usable_password()
    assert heard.only(AccountEvent.ACCOUNT_CREATED).user == user


@pytest.mark.parametrize(
    "email", ["", "claire", "claire@", "a b@c.example", "x" * 250 + "@y.example"]
)
def test_what_is_no_address_is_refused(db, email):
    with pytest.raises(Invalid) as refused:
        services.create_account(email=email, language="fr")
    assert refused.value.field == "email"
    assert not User.objects.exists()


def test_an_address_is_taken_once_however_it_is_written(person):
    with translation.override("en"), pytest.raises(Invalid, match="Another account"):
        services.create_account(email="CLAIRE.MOREL@ardoise.example", language="fr")
    User.objects.filter(pk=person.pk).update(is_active=False)
    with translation.override("en"), pytest.raises(Invalid, match="closed account"):
        services.create_account(email=person.email, language="fr")
    assert User.objects.count() == 1


def test_an_unknown_language_falls_back_to_the_houses(db):
    assert services.create_account(email="a@b.example", language="xx").language == "fr"


def test_a_changed_address_ends_sessions_and_tells_the_former_one(
    person, at_home, heard, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        services.change_address(user=person, email="Claire@Elsewhere.example")
    assert User.objects.get(pk=person.pk).email == "claire@elsewhere.example"
    assert at_home.get("/account/").status_code == 302
    told = heard.only(AccountEvent.ADDRESS_CHANGED)
    assert "ardoise" not in told.detail
    mailing.wait_until_sent()
    (message,) = mail.outbox
    assert message.to == ["claire.morel@ardoise.example"]
    assert "claire@elsewhere.example" in message.body


def test_an_address_cannot_be_changed_to_one_that_is_taken(person, somebody_else, heard):
    with pytest.raises(Invalid):
        services.change_address(user=person, email=somebody_else.email)
    assert person.email == "claire.morel@ardoise.example"
    assert User.objects.get(pk=person.pk).email == "claire.morel@ardoise.example"
    assert AccountEvent.ADDRESS_CHANGED not in heard.kinds()


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Firefox · Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
            "Gecko) Version/18.0 Safari/605.1.15",
            "Safari · macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
            "Edge · Windows",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/140.0.0.0 Mobile Safari/537.36",
            "Chrome · Android",
        ),
        ("curl/8.5.0", ""),
        ("", ""),
        ("<script>alert(1)</script>", ""),
    ],
)
def test_a_browser_is_named_in_three_words(agent, said):
    assert str(device(agent)) == said
