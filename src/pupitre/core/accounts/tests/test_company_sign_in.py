"""OpenID Connect against a real provider, on this machine: who comes in, and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from socket import socket
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from pupitre.core.accounts import services
from pupitre.core.accounts.events import AccountEvent, hashed
from pupitre.core.accounts.models import User
from pupitre.core.accounts.tests.conftest import PASSWORD, browser

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider’s own
START = "/account/company/ardoise/"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def offered(settings, issuer) -> str:
    settings.OIDC_NAME, settings.OIDC_ID = "Ardoise ID", "ardoise"
    settings.SOCIALACCOUNT_PROVIDERS = provider(issuer)
    return issuer


def provider(issuer: str) -> dict:
    app = {
        "provider_id": "ardoise",
        "name": "Ardoise ID",
        "client_id": "pupitre",
        "secret": "shared with the issuer",
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def identity(issuer: str, sub: str, **claims) -> None:
    answer = httpx.put(f"{issuer}/users/{sub}", json=claims)
    assert answer.status_code == 204, answer.text


def go_through(client: Client, sub: str, start: str = START):
    """What the browser does: to the issuer, sign in there, and back with a code."""
    leaving = client.get(start)
    assert leaving.status_code == 302
    there = leaving["Location"]
    query = parse_qs(urlsplit(there).query)
    assert query["code_challenge_method"] == ["S256"]
    back = httpx.post(there, data={"sub": sub}, follow_redirects=False)
    assert back.status_code == 302, back.text
    way = urlsplit(back.headers["Location"])
    assert way.path == f"{START}callback/"
    return client.get(f"{way.path}?{way.query}")


def test_it_is_offered_only_where_the_operator_set_it(client, db, settings, issuer):
    settings.OIDC_NAME = ""
    assert "Ardoise ID" not in client.get("/account/sign-in/").content.decode()
    assert client.get(START).status_code == 404


def test_an_invited_person_comes_in_and_is_linked(client, person, offered, heard):
    identity(offered, "claire", email="Claire.Morel@ardoise.example", email_verified=True)
    assert "Ardoise ID" in client.get("/account/sign-in/").content.decode()
    answer = go_through(client, "claire", f"{START}?next=/account/sessions/")
    assert answer["Location"] == "/account/sessions/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert heard.kinds() == [AccountEvent.OIDC_LINKED, AccountEvent.SIGNED_IN]
    assert heard[-1].detail == "socialaccount"
    person.refresh_from_db()
    assert person.check_password(PASSWORD)  # linking takes nothing away
    assert "Your company signs you in" in client.get("/account/").content.decode()


def test_once_linked_the_identity_counts_not_the_address(person, offered, heard):
    identity(offered, "claire2", email=person.email, email_verified=True)
    go_through(browser(), "claire2")
    identity(offered, "claire2", email="claire.dubois@ardoise.example", email_verified=True)
    client = browser()
    assert go_through(client, "claire2")["Location"] == "/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert heard.kinds().count(AccountEvent.OIDC_LINKED) == 1


def test_an_invitation_is_accepted_by_coming_in_this_way(db, offered):
    invited = services.create_account(email="new@ardoise.example", language="en")
    link = urlsplit(services.invitation_link(invited)).path
    identity(offered, "new", email=invited.email, email_verified=True)
    client = browser()
    assert go_through(client, "new")["Location"] == "/"
    assert browser().get(link, follow=True).status_code == 410
    page = client.get("/account/").content.decode()
    assert "You sign in through Ardoise ID." in page


def refused(client: Client, sub: str, heard) -> str:
    answer = go_through(client, sub)
    assert answer.status_code == 403
    assert "_auth_user_id" not in client.session
    assert not SocialAccount.objects.exists()
    assert AccountEvent.SIGNED_IN not in heard.kinds()
    page = answer.content.decode()
    assert "Nobody has invited you to Pupitre" in page
    return page


def test_whoever_was_not_invited_is_refused_and_no_account_appears(client, db, offered, heard):
    identity(offered, "eve", email="eve@ardoise.example", email_verified=True)
    assert "eve@ardoise.example" in refused(client, "eve", heard)
    assert not User.objects.exists()
    told = heard.only(AccountEvent.OIDC_REFUSED)
    assert (told.user, told.detail) == (None, hashed("eve@ardoise.example"))


@pytest.mark.parametrize("verified", [False, None, "false", "no", 0, 1, "1"])
def test_an_address_that_the_company_does_not_confirm_opens_nothing(
    client, person, offered, heard, verified
):
    claims = {"email": person.email}
    if verified is not None:
        claims["email_verified"] = verified
    identity(offered, f"thief{verified}", **claims)
    refused(client, f"thief{verified}", heard)


def test_no_address_at_all_opens_nothing(client, person, offered, heard):
    identity(offered, "nameless")
    refused(client, "nameless", heard)


def test_a_closed_account_stays_closed_before_and_after_linking(person, offered, heard):
    identity(offered, "claire3", email=person.email, email_verified=True)
    User.objects.filter(pk=person.pk).update(is_active=False)
    client = browser()
    refused(client, "claire3", heard)
    User.objects.filter(pk=person.pk).update(is_active=True)
    go_through(browser(), "claire3")
    User.objects.filter(pk=person.pk).update(is_active=False)
    late = browser()
    assert go_through(late, "claire3")["Location"] == "/account/closed/"
    assert "_auth_user_id" not in late.session


def test_the_second_factor_is_asked_for_here_too(person, offered):
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(person, generate_totp_secret())
    identity(offered, "claire4", email=person.email, email_verified=True)
    client = browser()
    assert go_through(client, "claire4")["Location"] == "/account/factors/code/"
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("process", ["connect", "redirect", "anything"])
def test_an_identity_cannot_be_slipped_into_an_open_session(at_home, person, offered, process):
    """Else a page elsewhere could link its author's identity to whoever looks at it."""
    identity(offered, "mallory", email="mallory@ardoise.example", email_verified=True)
    answer = go_through(at_home, "mallory", f"{START}?process={process}")
    assert answer["Location"] == "/account/"
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_is_refused(client, person, offered):
    identity(offered, "claire5", email=person.email, email_verified=True)
    leaving = browser().get(START)["Location"]
    back = urlsplit(
        httpx.post(leaving, data={"sub": "claire5"}, follow_redirects=False).headers["Location"]
    )
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 401
    assert "_auth_user_id" not in client.session


def test_whoever_stops_on_the_way_is_told_so(client, db, offered):
    state = parse_qs(urlsplit(client.get(START)["Location"]).query)["state"][0]
    answer = client.get(f"{START}callback/?error=access_denied&state={state}", follow=True)
    assert "You stopped on the way" in answer.content.decode()


def test_a_company_sign_in_that_does_not_answer_is_a_page_not_a_crash(client, db, settings):
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        nobody_there = f"http://127.0.0.1:{probe.getsockname()[1]}"
    settings.OIDC_NAME, settings.OIDC_ID = "Ardoise ID", "ardoise"
    settings.SOCIALACCOUNT_PROVIDERS = provider(nobody_there)
    answer = client.get(START)
    assert answer.status_code == 401
    assert "did not answer as it should" in answer.content.decode()


def test_each_issuer_has_identities_of_its_own(tmp_path):
    """Another issuer's "subject 1" is another person: its name is part of every link."""
    import subprocess
    import sys

    from tests.serving import clean_environment

    said = []
    for issuer in (
        "https://id.ardoise.example/realms/one",
        "https://id.ardoise.example/realms/two",
    ):
        environment = clean_environment(
            tmp_path, DJANGO_SETTINGS_MODULE="pupitre.config.settings", PUPITRE_OIDC_ISSUER=issuer
        )
        asked = "from django.conf import settings; print(settings.OIDC_ID)"
        said.append(
            subprocess.check_output([sys.executable, "-c", asked], env=environment, text=True)
        )
    assert said == ["id-ardoise-example-realms-one\n", "id-ardoise-example-realms-two\n"]
