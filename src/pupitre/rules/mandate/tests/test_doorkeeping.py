"""What happens to accounts is in the audit: who, when, and never an address or a secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from pupitre.core.accounts import mailing, services
from pupitre.core.accounts.events import AccountEvent, hashed, tell
from pupitre.core.accounts.models import User
from pupitre.rules.mandate import audit
from pupitre.rules.mandate.models import AuditLine, Ledger, Member
from pupitre.rules.mandate.testing import NOON, Company, a_company

pytestmark = pytest.mark.django_db
PASSWORD = "le tram de 7 h 42 passe toujours"


@pytest.fixture
def company() -> Iterator[Company]:
    yield a_company()
    mailing.wait_until_sent()
    cache.clear()


@pytest.fixture
def person(company: Company) -> User:
    user = Member.objects.get(pk=company.members["cmo"]).user
    user.set_password(PASSWORD)
    user.save()
    return user


def lines(**wanted: object) -> list[AuditLine]:
    return list(AuditLine.objects.filter(verb="noted", **wanted).order_by("seq"))


def only(kind: AccountEvent) -> AuditLine:
    (line,) = lines(action=f"accounts.{kind.value}")
    return line


def come_in(user: User, password: str = PASSWORD) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.post("/account/sign-in/", {"login": user.email, "password": password})
    return client


def test_coming_and_going_are_lines_of_the_member(company: Company, person: User) -> None:
    client = come_in(person)
    line = only(AccountEvent.SIGNED_IN)
    assert (line.member_id, line.actor, line.seat_id) == (company.members["cmo"], "CMO", None)
    assert line.subject == f"member:{company.members['cmo']}"
    assert line.title_en == "Signed in"
    assert '"detail":"password"' in line.detail
    client.post("/account/sign-out/")
    assert only(AccountEvent.SIGNED_OUT).member_id == company.members["cmo"]
    assert audit.verify_chain().whole


def test_a_wrong_password_is_not_laid_at_the_members_door(company: Company, person: User) -> None:
    """Anybody may type it: the line is about the member, and says that the door wrote it."""
    come_in(person, "not the password")
    line = only(AccountEvent.SIGN_IN_FAILED)
    assert (line.member_id, line.actor) == (None, "system:door")
    assert line.subject == f"member:{company.members['cmo']}"


def test_an_unknown_address_is_kept_under_another_name(company: Company) -> None:
    Client().post(
        "/account/sign-in/", {"login": "Jean.Dupont@elsewhere.example", "password": "secret word"}
    )
    line = only(AccountEvent.SIGN_IN_FAILED)
    assert line.subject == hashed("jean.dupont@elsewhere.example")
    assert line.actor == "system:door"
    kept = " ".join(str(value) for value in AuditLine.objects.values().get().values()).lower()
    for word in ("dupont", "elsewhere", "secret"):
        assert word not in kept


def test_no_line_holds_a_password_or_an_address(company: Company, person: User) -> None:
    client = come_in(person)
    client.post("/account/confirm/?next=/account/", {"password": PASSWORD})
    client.post(
        "/account/password/",
        {
            "oldpassword": PASSWORD,
            "password1": "un autre tram, celui de 8 h 12",
            "password2": "un autre tram, celui de 8 h 12",
        },
    )
    assert only(AccountEvent.PASSWORD_CHANGED).member_id == company.members["cmo"]
    for values in AuditLine.objects.values():
        kept = " ".join(str(value) for value in values.values())
        assert "tram" not in kept
        assert person.email not in kept


def test_an_account_of_no_member_has_lines_of_its_own(company: Company) -> None:
    stranger = get_user_model().objects.create_user(  # type: ignore[attr-defined]
        email="stranger@ardoise.example", password=PASSWORD
    )
    come_in(stranger)
    line = only(AccountEvent.SIGNED_IN)
    assert (line.subject, line.member_id, line.actor) == (
        f"account:{stranger.pk}",
        None,
        "system:door",
    )


def test_what_the_operator_hands_over_is_the_operators_doing(
    company: Company, person: User
) -> None:
    link = services.way_in(user=person)
    line = only(AccountEvent.WAY_IN_GIVEN)
    assert (line.actor, line.member_id) == ("system:operator", None)
    assert line.subject == f"member:{company.members['cmo']}"
    assert link.rsplit("/", 2)[-2] not in line.detail  # the key opens the account


def test_every_kind_of_event_makes_one_line(company: Company, person: User) -> None:
    for kind in AccountEvent:
        tell(kind, user=person, detail="d" * 50, at=NOON)
        line = only(kind)
        assert line.at == NOON
        with translation.override("en"):
            assert line.title_en == kind.label
    assert Ledger.objects.get(pk=1).seq == len(AccountEvent)
    assert audit.verify_chain().whole


def test_every_kind_is_named_in_both_languages(company: Company, person: User) -> None:
    for kind in AccountEvent:
        tell(kind, user=person, at=NOON)
    titles = AuditLine.objects.values_list("title_fr", "title_en")
    assert [fr for fr, en in titles if fr == en or not fr or not en] == []


def test_what_cannot_be_recorded_does_not_happen(
    company: Company, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> int:
        raise OSError("no space left on device")

    monkeypatch.setattr(audit, "append", full)
    client = Client(raise_request_exception=False)
    answer = client.post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 500
    assert client.get("/").status_code == 302  # still outside
    assert not lines()


def test_a_closed_account_is_tried_in_vain_and_that_is_noted(
    company: Company, person: User
) -> None:
    services.close_account(user=person)
    come_in(person)
    assert not lines(action="accounts.signed_in")
    assert only(AccountEvent.SIGN_IN_FAILED).subject == f"member:{company.members['cmo']}"
