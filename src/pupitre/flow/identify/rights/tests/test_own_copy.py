"""The copy that customers ask for on their own page, and download there: theirs, once."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from pupitre.core import clock
from pupitre.core.errors import Invalid
from pupitre.flow.identify.consents import links
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.rights.deciding import AnswerRequest
from pupitre.flow.identify.rights.exporting import make
from pupitre.flow.identify.rights.requests import CheckIdentity
from pupitre.flow.identify.rights.tests.kit import (
    a_house,
    checked,
    collected,
    done,
    entered,
    found,
    record,
)
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = pytest.mark.django_db
READY = "Your copy is ready"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def company(lake: Path, noon_on_the_clock: datetime) -> Company:
    cache.clear()  # rates are counted there
    collected(
        record(1, user_id="zoe-1", context='{"traits":{"email":"zoe@orange.fr"}}'),
        record(2, user_id="ana-1", context='{"traits":{"email":"ana@orange.fr"}}'),
    )
    return a_house()


def visitor(address: str, *, seat: int | None = None) -> Client:
    """A browser in which the link to that address was opened; ``seat``: that made it."""
    client = Client(headers={"accept-language": "en"})
    key = found(Kind.EMAIL, address).pk
    assert client.get(links.path(identifier=key, at=NOON, seat=seat)).status_code == 302
    return client


def asked_and_made(company: Company) -> Client:
    zoe = visitor("zoe@orange.fr")
    zoe.post("/preferences/right/", {"right": "portability"})
    assert READY not in zoe.get("/preferences/").text
    request = RightsRequest.objects.get()
    done(AnswerRequest(request.pk), company.actor("dpo"))
    assert READY not in zoe.get("/preferences/").text
    assert make(request.pk, now=lambda: NOON)
    return zoe


def archive(given: Any) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(given.streaming_content)))


def test_whoever_asked_by_their_own_link_downloads_it_there_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe = asked_and_made(company)
    assert READY in zoe.get("/preferences/").text
    officer = signed_in(company, "dpo").get(
        f"/rights/{RightsRequest.objects.get().pk}/", headers=ENGLISH
    )
    assert "Tell them to download it on their own page" in officer.text
    assert zoe.get("/preferences/copy/")["Location"] == "/preferences/"  # looking takes nothing
    given = zoe.post("/preferences/copy/")
    assert given["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in given["Cache-Control"]
    with archive(given) as packed:
        said = packed.read("data.json").decode()
    assert "zoe@orange.fr" in said
    assert "ana@orange.fr" not in said
    assert RightsRequest.objects.get().state == "done"
    page = zoe.get("/preferences/").text
    assert READY not in page
    assert "it can be downloaded again until 13:00" in page  # noon on the clock is 12:00 in Paris
    with archive(zoe.post("/preferences/copy/")) as packed:  # a second press of the button
        assert packed.testzip() is None
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    assert "downloaded again" not in zoe.get("/preferences/").text
    again = zoe.post("/preferences/copy/", follow=True)
    assert again["Content-Type"].startswith("text/html")
    assert "Ask for a new one" in again.text


def test_a_seat_cannot_say_that_they_opened_a_link(company: Company) -> None:
    """Else it would open a copy on the customer's own page, to whoever has their link."""
    number = entered(company, "access", found(Kind.EMAIL, "zoe@orange.fr").pk)
    desk = signed_in(company, "crm")
    page = desk.get(f"/rights/{number}/identity/").text
    assert "called_back" in page
    assert "signed_link" not in page
    posted = desk.post(f"/rights/{number}/identity/", {"how": "signed_link"})
    assert posted.status_code == 422
    with pytest.raises(Invalid):
        act(CheckIdentity(number, "signed_link"), by=company.actor("crm"), at=NOON)
    assert RightsRequest.objects.get().state == "received"


def test_only_whom_their_own_link_checked_is_sent_to_their_own_page(company: Company) -> None:
    number = checked(company, "access", found(Kind.EMAIL, "zoe@orange.fr").pk)
    with guard.permitted():  # as anybody could tick it once
        RightsRequest.objects.update(check_how="signed_link")
    done(AnswerRequest(number), company.actor("dpo"))
    assert make(number, now=lambda: NOON)
    assert READY not in visitor("zoe@orange.fr").get("/preferences/").text
    page = signed_in(company, "dpo").get(f"/rights/{number}/", headers=ENGLISH).text
    assert "on their own page, by their link" not in page
    assert "Their copy is ready." in page


def test_nobody_else_and_no_link_that_a_seat_saw_takes_it(company: Company) -> None:
    asked_and_made(company)
    for other in (visitor("ana@orange.fr"), visitor("zoe@orange.fr", seat=7)):
        assert READY not in other.get("/preferences/").text
        assert other.post("/preferences/copy/")["Content-Type"].startswith("text/html")
    without = Client().post("/preferences/copy/")
    assert without.status_code == 410
    assert RightsRequest.objects.get().state == "under_way"
