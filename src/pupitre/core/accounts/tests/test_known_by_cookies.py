"""Told from the cookies alone, before there is a request."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from pupitre.core.accounts.models import User
from pupitre.core.accounts.queries import is_signed_in

pytestmark = pytest.mark.django_db(transaction=True)


def cookies_of(client: Client) -> str:
    return f"x=y; {settings.SESSION_COOKIE_NAME}={client.session.session_key}"


def test_somebody_signed_in_is_told_from_everybody_else() -> None:
    somebody = User.objects.create_user(email="a@ardoise.example")
    client = Client()
    session = client.session
    session["seen"] = True
    session.save()
    assert not is_signed_in(cookies=cookies_of(client))  # a session, and nobody in it
    client.force_login(somebody)
    kept = cookies_of(client)
    assert is_signed_in(cookies=kept)
    client.logout()
    assert not is_signed_in(cookies=kept)


@pytest.mark.parametrize("cookies", ["", "x=y", "%s=", "%s=made-up", '%s="\\000"', "%s=\xff;;="])
def test_what_is_no_session_is_nobody(cookies: str) -> None:
    said = cookies % settings.SESSION_COOKIE_NAME if "%s" in cookies else cookies
    assert not is_signed_in(cookies=said)
