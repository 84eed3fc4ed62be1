"""People with accounts, browsers of theirs, and an ear on what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.core.cache import cache
from django.test import Client

from pupitre.core.accounts import mailing
from pupitre.core.accounts.events import AccountEvent, account_event
from pupitre.core.accounts.models import User

PASSWORD = "le tram de 7 h 42 passe toujours"


def browser(**headers: str) -> Client:
    """A browser that nobody is signed in with, set to English."""
    return Client(headers={"accept-language": "en", **headers})


@dataclass(frozen=True)
class Told:
    kind: AccountEvent
    user: User | None
    at: datetime
    detail: str


class Heard(list[Told]):
    def kinds(self) -> list[AccountEvent]:
        return [told.kind for told in self]

    def only(self, kind: AccountEvent) -> Told:
        (told,) = [told for told in self if told.kind == kind]
        return told


@pytest.fixture(autouse=True)
def _limits_forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that commit leave the shared cache full; the next one starts from nothing."""
    yield
    mailing.wait_until_sent()
    if "transactional_db" in request.fixturenames or "live_server" in request.fixturenames:
        cache.clear()


@pytest.fixture
def client() -> Client:
    return browser()


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Everything told on `account_event` while the test runs, in order."""
    ear = Heard()

    def hear(user, kind, at, detail, **_):
        ear.append(Told(kind=kind, user=user, at=at, detail=detail))

    account_event.connect(hear)
    yield ear
    account_event.disconnect(hear)


@pytest.fixture
def person(db) -> User:
    return User.objects.create_user(
        email="claire.morel@ardoise.example", password=PASSWORD, language="en"
    )


@pytest.fixture
def somebody_else(db) -> User:
    return User.objects.create_user(
        email="paul.ndiaye@ardoise.example", password=PASSWORD, language="en"
    )


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """Sign in as a person does: through the page, with the password."""

    def through_the_page(user: User, *, client: Client | None = None, **headers: str) -> Client:
        client = client or browser(**headers)
        answer = client.post("/account/sign-in/", {"login": user.email, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return through_the_page


@pytest.fixture
def at_home(person: User, sign_in: Callable[..., Client]) -> Client:
    """The person's own browser, signed in."""
    return sign_in(person)


@pytest.fixture
def proven(person: User, at_home: Client) -> Client:
    """Signed in, and has just shown the password once more: sensitive changes are open."""
    answer = at_home.post("/account/confirm/?next=/account/", {"password": PASSWORD})
    assert answer.status_code == 302
    return at_home
