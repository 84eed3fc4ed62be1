"""The pages: from a customer's letter to the receipt, in both languages, for the right seats."""

from __future__ import annotations

import re
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils.translation import override

from pupitre.core import clock
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import RightsExport, RightsRequest
from pupitre.flow.identify.rights.exporting import make
from pupitre.flow.identify.rights.tests.kit import (
    TODAY,
    a_house,
    checked,
    collected,
    entered,
    found,
    record,
)
from pupitre.flow.identify.rights.words import counted
from pupitre.flow.identify.rights.work import once
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import noon_on_the_clock, signed_in, text

__all__ = ["noon_on_the_clock"]
pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def company(lake: Path, noon_on_the_clock: datetime) -> Company:
    collected(
        record(1, user_id="zoe-1", context='{"traits":{"email":"zoe@orange.fr"}}'),
        record(2, user_id="zoe-1"),
    )
    return a_house()


def zoe() -> int:
    return found(Kind.EMAIL, "zoe@orange.fr").pk


def read(company: Company, seat: str, path: str) -> tuple[int, str]:
    answer = signed_in(company, seat).get(path, headers=ENGLISH)
    return answer.status_code, text(answer)


def test_the_list_says_first_how_many_are_open_and_late(company: Company) -> None:
    status, said = read(company, "crm", "/rights/")
    assert status == 200
    assert "No customer waits" in said
    entered(company, "access", zoe(), received_on=TODAY - timedelta(days=60))
    entered(company, "erasure", zoe())
    _status, said = read(company, "crm", "/rights/")
    assert "Two requests by right are open. <strong>One is late.</strong>" in said


def test_another_seat_is_told_who_reads_them(company: Company) -> None:
    number = entered(company, "access", zoe(), words="secret words")
    for path in ("/rights/", f"/rights/{number}/", "/rights/new/"):
        status, said = read(company, "brand", path)
        assert status == 403
        assert "secret" not in said
        assert "Head of service" in said


def test_a_letter_is_entered_tied_and_checked_by_forms(company: Company) -> None:
    desk = signed_in(company, "crm")
    new = {
        "right": "access",
        "kind": "email",
        "value": " ZOE@orange.fr",
        "way": "letter",
        "received_on": TODAY.isoformat(),
        "asker": "",
        "words": "Je veux voir",
    }
    wrong = desk.post("/rights/new/", {**new, "received_on": "2027-01-01"}, headers=ENGLISH)
    assert wrong.status_code == 422
    assert desk.post("/rights/new/", new).status_code == 302
    row = RightsRequest.objects.get()
    assert row.identifier_id == zoe()
    assert desk.post(f"/rights/{row.pk}/identity/", {"how": "called_back"}).status_code == 302
    _status, said = read(company, "crm", f"/rights/{row.pk}/")
    assert "A customer asked to see what we hold on them." in said
    assert "zo…@orange.fr" in said
    assert "zoe@orange.fr" not in said


def test_nobody_found_stays_in_their_words(company: Company) -> None:
    desk = signed_in(company, "crm")
    new = {"right": "erasure", "kind": "email", "value": "nobody@orange.fr", "way": "email"}
    desk.post("/rights/new/", {**new, "received_on": TODAY.isoformat()})
    row = RightsRequest.objects.get()
    assert (row.identifier_id, row.asker) == (None, "nobody@orange.fr")
    tie = reverse("identify:right_tie", args=[row.pk])
    wrong = desk.post(tie, {"kind": "email", "value": "nobody@orange.fr"})
    assert wrong.status_code == 422
    assert desk.post(tie, {"kind": "user_id", "value": "zoe-1"}).status_code == 302


def test_the_copy_is_taken_by_a_post_alone_and_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = checked(company, "access", zoe())
    signed_in(company, "dpo").post(f"/rights/{number}/answer/", {"answer": "Voici"})
    make(number, now=lambda: datetime.fromisoformat("2026-11-20T11:00:00+00:00"))
    desk = signed_in(company, "crm")
    assert desk.get(f"/rights/{number}/copy/").status_code == 302
    given = desk.post(f"/rights/{number}/copy/")
    assert given.status_code == 200
    assert given["Content-Type"] == "application/zip"
    assert given["Cache-Control"] == "no-store"
    assert b"".join(given.streaming_content)[:2] == b"PK"  # type: ignore[arg-type]
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "download it again until 13:00" in said  # noon on the clock is 12:00 in Paris
    assert f'action="/rights/{number}/copy/"' in said
    again = desk.post(f"/rights/{number}/copy/")  # the button pressed twice, or a cut network
    assert b"".join(again.streaming_content)[:2] == b"PK"  # type: ignore[arg-type]
    _status, said = read(company, "dpo", f"/rights/{number}/")
    assert "download it again until 13:00" in said
    assert f'action="/rights/{number}/copy/"' not in said
    assert signed_in(company, "dpo").post(f"/rights/{number}/copy/").status_code == 400
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(hours=1))
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "again until" not in said
    assert "not kept here any more" in said
    assert signed_in(company, "crm").post(f"/rights/{number}/copy/").status_code == 400


def test_a_copy_that_holds_somebody_separated_is_not_given_and_its_story_says_why(
    company: Company,
) -> None:
    number = checked(company, "access", zoe())
    signed_in(company, "dpo").post(f"/rights/{number}/answer/", {"answer": "Voici"})
    make(number, now=lambda: NOON)
    with guard.permitted():  # somebody was joined to her when it was made
        RightsExport.objects.update(made_of=[zoe(), 4_711])
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "Take the copy" not in said
    given = signed_in(company, "crm").post(f"/rights/{number}/copy/", headers=ENGLISH)
    assert given.status_code == 400
    assert "separated from this customer since" in text(given)
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "We know who asks: answer them." in said
    assert "somebody who was separated from this customer since" in said


@pytest.mark.django_db(transaction=True)
def test_an_erasure_is_asked_by_one_and_agreed_by_the_other(company: Company) -> None:
    number = checked(company, "erasure", zoe(), words="effacez zoe@orange.fr")
    asked = signed_in(company, "cmo").post(f"/rights/{number}/erase/")
    assert asked.status_code == 302
    assert asked["Location"].startswith("/decisions/")
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "It waits for a decision." in said
    decision = int(asked["Location"].strip("/").split("/")[-1])
    approve(decision_id=decision, by=company.actor("cio"), at=NOON)
    assert once(threading.Event())
    status, said = read(company, "crm", f"/rights/{number}/")
    assert status == 200
    assert "It is done." in said
    assert "Receipt" in said
    assert "zoe" not in said


def test_the_navigation_leads_there_only_those_whom_the_page_opens_to(company: Company) -> None:
    for seat, led in (("crm", True), ("brand", False)):
        status, _said = read(company, seat, "/rights/")
        _status, anywhere = read(company, seat, "/more/")
        assert (status == 200) is led
        assert ('href="/rights/"' in anywhere) is led


def test_a_closed_request_says_what_is_left_to_do_and_names_no_machine(company: Company) -> None:
    refused = checked(company, "access", zoe())
    signed_in(company, "dpo").post(f"/rights/{refused}/refuse/", {"why": "unfounded"})
    _status, said = read(company, "crm", f"/rights/{refused}/")
    assert "they may complain to the authority" in said
    number = checked(company, "access", zoe())
    signed_in(company, "dpo").post(f"/rights/{number}/answer/", {"answer": "Voici"})
    make(number, now=lambda: datetime.fromisoformat("2026-11-20T11:00:00+00:00"))
    signed_in(company, "crm").post(f"/rights/{number}/copy/")
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert "Send them the file" in said
    assert "The copy was made Pupitre" in " ".join(re.sub(r"<[^>]+>", " ", said).split())
    assert "system:" not in said


def test_a_request_leads_to_its_customer_where_the_seat_may_open_them(company: Company) -> None:
    number = entered(company, "rectification", zoe())
    link = f'href="/people/{found(Kind.EMAIL, "zoe@orange.fr").person}/"'
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert link in said
    set_letters(company, "person.read", "crm", "")
    _status, said = read(company, "crm", f"/rights/{number}/")
    assert link not in said


@pytest.mark.parametrize(("n", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows")])
def test_a_receipt_counts_in_the_words_of_the_language(n: int, said: str) -> None:
    with override("en"):
        assert counted("rows", n) == said
        assert counted("what a plugin says", n) == f"{n} what a plugin says"
