"""The copy that customers ask for on their own page, and download there: theirs, once."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client

from pupitre.flow.identify.consents import links
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import RightsRequest
from pupitre.flow.identify.rights.deciding import AnswerRequest
from pupitre.flow.identify.rights.exporting import make
from pupitre.flow.identify.rights.tests.kit import a_house, collected, done, found, record
from pupitre.rules.mandate.testing import NOON, Company
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in

__all__ = ["noon_on_the_clock"]
pytestmark = pytest.mark.django_db
READY = "Your copy is ready"


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


def test_whoever_asked_by_their_own_link_downloads_it_there_once(company: Company) -> None:
    zoe = asked_and_made(company)
    assert READY in zoe.get("/preferences/").text
    officer = signed_in(company, "dpo").get(
        f"/rights/{RightsRequest.objects.get().pk}/", headers={"Accept-Language": "en"}
    )
    assert "Tell them to download it on their own page" in officer.text
    assert zoe.get("/preferences/copy/")["Location"] == "/preferences/"  # looking takes nothing
    given = zoe.post("/preferences/copy/")
    assert given["Content-Disposition"].startswith('attachment; filename="my-data-')
    assert "no-store" in given["Cache-Control"]
    whole = b"".join(given.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(io.BytesIO(whole)) as packed:
        said = packed.read("data.json").decode()
    assert "zoe@orange.fr" in said
    assert "ana@orange.fr" not in said
    assert RightsRequest.objects.get().state == "done"
    assert READY not in zoe.get("/preferences/").text
    again = zoe.post("/preferences/copy/", follow=True)
    assert again["Content-Type"].startswith("text/html")
    assert "Ask for a new one" in again.text


def test_nobody_else_and_no_link_that_a_seat_saw_takes_it(company: Company) -> None:
    asked_and_made(company)
    for other in (visitor("ana@orange.fr"), visitor("zoe@orange.fr", seat=7)):
        assert READY not in other.get("/preferences/").text
        assert other.post("/preferences/copy/")["Content-Type"].startswith("text/html")
    without = Client().post("/preferences/copy/")
    assert without.status_code == 410
    assert RightsRequest.objects.get().state == "under_way"
