"""The copy of what we hold: whole, readable, nobody else's, handed over once, gone after a week."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
import threading
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pupitre.core.erasing import Erased
from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.consents.tests.kit import a_purpose, line, note
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.merging.actions import JoinPeople, TakeBackHand
from pupitre.flow.identify.models import Hand, Identifier, Pause, RightsExport, RightsRequest, Said
from pupitre.flow.identify.rights import exporting, portable, work
from pupitre.flow.identify.rights.deciding import AnswerRequest, EraseCustomer
from pupitre.flow.identify.rights.exporting import (
    HandOver,
    Parted,
    delete_old,
    make,
    place_of,
)
from pupitre.flow.identify.rights.requests import WithdrawRequest
from pupitre.flow.identify.rights.tests.kit import (
    ROWS,
    asked_by_their_link,
    checked,
    collected,
    done,
    entered,
    erasure_decided,
    found,
    record,
)
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Refused
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company, a_company

pytestmark = pytest.mark.django_db
FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
def company(lake: Path) -> Company:
    collected(
        record(
            1,
            type="identify",
            user_id="zoe-1",
            anonymous_id="b-1",
            traits=json.dumps({"email": "zoe@orange.fr", "lastName": "Lemoine"}),
        ),
        *(record(n, user_id="zoe-1", name=f"event {n}") for n in range(2, 452)),
        record(500, user_id="zoe-1", name=FORMULA),
        record(600, user_id="other-1", name="not hers"),
    )
    return a_company(rows={**ROWS, "person.merge": {"crm": "AR", "cmo": "I"}})


def made(company: Company, *, by_link: bool = False) -> tuple[int, RightsExport]:
    asks = asked_by_their_link if by_link else checked
    number = asks(company, "access", found(Kind.EMAIL, "zoe@orange.fr").pk)
    done(AnswerRequest(number), company.actor("dpo"))
    assert make(number, now=lambda: NOON)
    assert not make(number, now=lambda: NOON)  # a second time does nothing
    return number, RightsExport.objects.get(request=number)


def test_it_is_whole_and_has_nobody_else_s(company: Company) -> None:
    _number, export = made(company)
    path = place_of(export.token)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert export.bytes == path.stat().st_size
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        whole = json.loads(packed.read("data.json"))
        rows = list(csv.DictReader(io.StringIO(packed.read("events.csv").decode("utf-8-sig"))))
        pages = {name: packed.read(name).decode() for name in packed.namelist() if "html" in name}
    assert len(whole["events"]) == len(rows) == 452
    assert {row["value"] for row in whole["identifiers"]} == {"zoe-1", "zoe@orange.fr", "b-1"}
    assert {row["other_value"] for row in whole["links"]} | {
        row["value"] for row in whole["links"]
    } == {"zoe-1", "zoe@orange.fr"}
    assert {(row["name"], row["source"]) for row in whole["traits"]} >= {("lastName", "shop")}
    assert "not hers" not in str(whole)
    assert rows[0]["name"] == f"'{FORMULA}"  # newest first; no spreadsheet runs it
    assert "Lemoine" in pages["vos-donnees.html"]
    assert "What we hold on you" in pages["your-data.html"]
    assert "&quot;http://x&quot;" in pages["your-data.html"]


def test_its_page_speaks_to_the_customer_in_their_language(company: Company) -> None:
    with guard.permitted():
        a_purpose("marketing", ("email",))
        for key in ("zoe@orange.fr", "zoe-1"):  # one refusal, written on all that names them
            kind = Kind.EMAIL if "@" in key else Kind.USER_ID
            note(line(found(kind, key).pk, Said.REFUSED))
    number, export = made(company)
    with zipfile.ZipFile(place_of(export.token)) as packed:
        said = {
            name: " ".join(re.sub(r"<[^>]+>", " ", packed.read(f"{name}.html").decode()).split())
            for name in ("vos-donnees", "your-data")
        }
    assert "Surname Lemoine" in said["your-data"]
    assert "Nom de famille Lemoine" in said["vos-donnees"] or "Nom Lemoine" in said["vos-donnees"]
    assert said["your-data"].count("by e-mail refused") == 1
    assert said["vos-donnees"].count("refusé") == 1
    for raw in ("lastName", "user_id", "anonymous_id"):
        assert raw not in said["vos-donnees"], number


def test_it_has_what_they_asked_and_when_they_wanted_to_hear_nothing(company: Company) -> None:
    zoe = found(Kind.EMAIL, "zoe@orange.fr")
    other = found(Kind.USER_ID, "other-1")
    for whose in (zoe, other):
        number = checked(company, "restriction", whose.pk)
        done(AnswerRequest(number), company.actor("dpo"))
    with guard.permitted():
        RightsRequest.objects.filter(identifier=zoe).update(words="Leave it as it is.")
        RightsRequest.objects.filter(identifier=other).update(words="not hers")
        noon_us = since_1970(NOON)
        for whose in (zoe, other):
            Pause.objects.create(identifier=whose, at_us=noon_us, until_us=noon_us + 86_400_000_000)
    _number, export = made(company)
    with zipfile.ZipFile(place_of(export.token)) as packed:
        whole = json.loads(packed.read("data.json"))
        page = packed.read("your-data.html").decode()
    assert len(whole["pauses"]) == 1
    asked = {row["right"]: row for row in whole["requests"]}
    assert asked["restriction"]["words"] == "Leave it as it is."
    assert asked["restriction"]["since"]
    assert set(asked) == {"access", "restriction"}
    assert "not hers" not in str(whole)
    assert "Your data are kept, and not used, since" in page
    assert "Leave it as it is." in page
    assert "When you wanted to hear nothing" in page


def test_it_is_handed_over_once_by_who_answers_and_audited(company: Company) -> None:
    number, _export = made(company)
    with pytest.raises(Refused):
        act(HandOver(number), by=company.actor("brand"), at=NOON)
    token = str(done(HandOver(number), company.actor("crm")))
    with exporting.opened(token) as file:
        assert zipfile.is_zipfile(file)
    assert RightsRequest.objects.get(pk=number).state == "done"
    with pytest.raises(Invalid):
        done(HandOver(number), company.actor("dpo"))  # another seat did not take it
    line = AuditLine.objects.get(action__endswith=".HandOver", verb="performed")
    assert line.actor == "CRM"
    assert token not in "".join(AuditLine.objects.values_list("detail", flat=True))


def test_a_customer_takes_it_by_their_own_link(company: Company) -> None:
    number, export = made(company, by_link=True)
    mine = [found(Kind.EMAIL, "zoe@orange.fr").pk]
    other = [found(Kind.USER_ID, "other-1").pk]
    assert portable.take(number, identifiers=other, at=NOON) is None
    assert [one.number for one in portable.waiting(mine, at=NOON)] == [number]
    file = portable.take(number, identifiers=mine, at=NOON)
    assert file is not None
    with file:
        assert zipfile.is_zipfile(file)
    assert RightsRequest.objects.get(pk=number).steps.last().by == "system:customer"  # type: ignore[union-attr]
    with pytest.raises(Invalid):
        done(HandOver(number), company.actor("crm"))  # it is with them, and with nobody else
    broken_off = NOON + timedelta(minutes=59)
    (offered,) = portable.waiting(mine, at=broken_off)
    assert offered.again_until == NOON + timedelta(hours=1)
    file = portable.take(number, identifiers=mine, at=broken_off)
    assert file is not None
    with file:
        assert zipfile.is_zipfile(file)
    an_hour = NOON + timedelta(hours=1)
    assert portable.waiting(mine, at=an_hour) == ()
    assert portable.take(number, identifiers=mine, at=an_hour) is None
    delete_old(at=broken_off)
    assert place_of(export.token).exists()
    delete_old(at=an_hour)
    assert not place_of(export.token).exists()
    assert RightsRequest.objects.get(pk=number).state == "done"
    said = RightsRequest.objects.get(pk=number).steps.values_list("what", flat=True)
    assert list(said) == ["entered", "checked", "decided", "made", "taken", "deleted"]


def test_what_nobody_took_for_a_week_goes_and_can_be_made_again(company: Company) -> None:
    number, export = made(company)
    delete_old(at=NOON + timedelta(days=6))
    assert place_of(export.token).exists()
    delete_old(at=NOON + timedelta(days=7))
    assert not place_of(export.token).exists()
    assert RightsRequest.objects.get(pk=number).state == "checked"
    done(AnswerRequest(number), company.actor("dpo"))
    assert make(number, now=lambda: NOON)


def joined_then_made(company: Company, *, by_link: bool) -> tuple[int, RightsExport, list[int]]:
    """A copy for Zoé, made while somebody else was joined to her; who she is now, after they were
    separated."""
    one, other = found(Kind.EMAIL, "zoe@orange.fr"), found(Kind.USER_ID, "other-1")
    done(JoinPeople(one.pk, other.pk, "the same address"), company.actor("crm"))
    number, export = made(company, by_link=by_link)
    with zipfile.ZipFile(place_of(export.token)) as packed:
        assert "not hers" in packed.read("data.json").decode()
    hers = [one.pk, found(Kind.USER_ID, "zoe-1").pk]
    assert [known.number for known in portable.waiting(hers, at=NOON)] == [number] * by_link
    done(TakeBackHand(Hand.objects.get().pk), company.actor("crm"))
    return number, export, hers


def test_a_copy_that_holds_somebody_separated_since_is_given_to_no_seat(company: Company) -> None:
    number, export, _hers = joined_then_made(company, by_link=False)
    with pytest.raises(Parted):
        act(HandOver(number), by=company.actor("crm"), at=NOON)
    assert not make(number, now=lambda: NOON)  # the worker passes by, and drops it
    assert not place_of(export.token).exists()
    row = RightsRequest.objects.get(pk=number)
    assert (row.state, row.steps.last().what) == ("checked", "parted")  # type: ignore[union-attr]
    assert not RightsExport.objects.exists()
    done(AnswerRequest(number), company.actor("dpo"))
    assert make(number, now=lambda: NOON)
    token = str(done(HandOver(number), company.actor("crm")))
    with zipfile.ZipFile(place_of(token)) as packed:
        assert "not hers" not in packed.read("data.json").decode()


def test_a_copy_that_holds_somebody_separated_since_is_not_given_by_a_link(
    company: Company,
) -> None:
    number, export, hers = joined_then_made(company, by_link=True)
    assert portable.waiting(hers, at=NOON) == ()
    assert portable.take(number, identifiers=hers, at=NOON) is None
    assert not make(number, now=lambda: NOON)
    assert not place_of(export.token).exists()
    assert RightsRequest.objects.get(pk=number).state == "checked"


def test_somebody_separated_within_the_hour_is_not_given_a_second_time(company: Company) -> None:
    one, other = found(Kind.EMAIL, "zoe@orange.fr"), found(Kind.USER_ID, "other-1")
    done(JoinPeople(one.pk, other.pk, "the same address"), company.actor("crm"))
    number, export = made(company)
    done(HandOver(number), company.actor("crm"))
    done(TakeBackHand(Hand.objects.get().pk), company.actor("crm"))
    with pytest.raises(Parted):
        act(HandOver(number), by=company.actor("crm"), at=NOON + timedelta(minutes=5))
    exporting.drop_parted(number, at=NOON)
    exporting.drop_parted(number, at=NOON)  # a second time does nothing
    assert not place_of(export.token).exists()
    row = RightsRequest.objects.get(pk=number)
    assert row.state == "done"
    assert [step.what for step in row.steps.all()][-2:] == ["taken", "parted"]


def test_who_is_joined_while_a_copy_is_written_is_counted_with_it(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = found(Kind.EMAIL, "zoe@orange.fr"), found(Kind.USER_ID, "other-1")
    write = exporting._write

    def joined_meanwhile(*given: Any, **more: Any) -> None:
        done(JoinPeople(one.pk, other.pk, "the same address"), company.actor("crm"))
        write(*given, **more)

    monkeypatch.setattr(exporting, "_write", joined_meanwhile)
    _number, export = made(company)
    assert other.pk in export.made_of
    assert one.pk in export.made_of


def test_what_joins_a_customer_since_holds_their_copy_up_for_nobody(company: Company) -> None:
    number, _export = made(company)
    one, other = found(Kind.EMAIL, "zoe@orange.fr"), found(Kind.USER_ID, "other-1")
    done(JoinPeople(one.pk, other.pk, "the same address"), company.actor("crm"))
    done(HandOver(number), company.actor("crm"))


def test_an_erasure_deletes_a_copy_within_its_hour(company: Company) -> None:
    number, export = made(company)
    done(HandOver(number), company.actor("crm"))
    assert place_of(export.token).exists()
    removed = exporting.erase(Erased(number=0, at=NOON, records=(zoe(),)))
    assert (removed.found, removed.left) == (1, 0)
    with pytest.raises(Invalid):
        act(HandOver(number), by=company.actor("crm"), at=NOON)


def test_a_copy_that_a_crash_cut_off_is_made_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = checked(company, "portability", found(Kind.EMAIL, "zoe@orange.fr").pk)
    done(AnswerRequest(number), company.actor("dpo"))
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_json", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make(number, now=lambda: NOON)
    assert list(exporting.folder().glob("*.part"))
    assert make(number, now=lambda: NOON)
    assert not list(exporting.folder().glob("*.part"))


def zoe() -> int:
    return found(Kind.EMAIL, "zoe@orange.fr").pk


def test_a_copy_that_is_owed_is_given_before_anything_is_erased(company: Company) -> None:
    owed, _export = made(company)
    checked_only = checked(company, "portability", found(Kind.USER_ID, "zoe-1").pk)
    erasure = checked(company, "erasure", zoe())
    with pytest.raises(Invalid, match=str(owed)):
        act(EraseCustomer(erasure), by=company.actor("cmo"), at=NOON)
    done(HandOver(owed), company.actor("crm"))
    with pytest.raises(Invalid, match=str(checked_only)):
        act(EraseCustomer(erasure), by=company.actor("cmo"), at=NOON)
    done(WithdrawRequest(checked_only), company.actor("crm"))
    erasure_decided(company, erasure)
    states = dict(RightsRequest.objects.values_list("pk", "state"))
    assert states == {owed: "done", checked_only: "withdrawn", erasure: "under_way"}


def test_what_else_was_open_ends_with_the_customer_and_nobody_withdrew_it(
    company: Company,
) -> None:
    open_ones = [
        entered(company, "access", zoe()),
        checked(company, "rectification", found(Kind.USER_ID, "zoe-1").pk),
    ]
    other = entered(company, "access", found(Kind.USER_ID, "other-1").pk)
    erasure_decided(company, checked(company, "erasure", zoe()))
    for number in open_ones:
        row = RightsRequest.objects.get(pk=number)
        assert row.state == "erased"
        assert row.done_at == NOON
        assert row.steps.last().what == "erased"  # type: ignore[union-attr]
    assert RightsRequest.objects.get(pk=other).state == "received"


def test_nothing_is_answered_to_who_is_being_erased(company: Company) -> None:
    erasure_decided(company, checked(company, "erasure", zoe()))
    number = checked(company, "access", zoe())
    with pytest.raises(Invalid):
        act(AnswerRequest(number), by=company.actor("dpo"), at=NOON)


def test_a_copy_of_a_closed_request_is_neither_made_nor_given_and_opens_nothing(
    company: Company,
) -> None:
    number, export = made(company)
    file = place_of(export.token)
    with guard.permitted():
        RightsRequest.objects.filter(pk=number).update(state="erased", identifier=None)
    with pytest.raises(Invalid):
        act(HandOver(number), by=company.actor("crm"), at=NOON)
    delete_old(at=NOON + timedelta(days=7))
    assert not file.exists()
    assert RightsRequest.objects.get(pk=number).state == "erased"
    with guard.permitted():
        RightsExport.objects.all().delete()
    with pytest.raises(Invalid):
        make(number, now=lambda: NOON)
    assert not list(exporting.folder().glob("*"))


def test_a_copy_that_was_being_made_when_its_customer_was_erased_is_nowhere(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = checked(company, "access", zoe())
    done(AnswerRequest(number), company.actor("dpo"))
    write = exporting._write

    def erased_meanwhile(*given: object, **more: object) -> None:
        write(*given, **more)  # type: ignore[arg-type]
        with guard.permitted():
            RightsRequest.objects.filter(pk=number).update(state="erased", identifier=None)

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_write", erased_meanwhile)
        with pytest.raises(Invalid):
            make(number, now=lambda: NOON)
    assert not list(exporting.folder().glob("*"))
    exporting.place_of(f"{number}-left").write_bytes(b"by a process that died here")
    removed = exporting.erase(Erased(number=0, at=NOON))
    assert (removed.found, removed.left) == (1, 0)


def test_a_request_that_fails_holds_no_later_one_up_and_is_not_quoted(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    poisoned = checked(company, "access", zoe())
    later = checked(company, "access", found(Kind.USER_ID, "other-1").pk)
    for number in (poisoned, later):
        done(AnswerRequest(number), company.actor("dpo"))
    theirs = exporting._write

    def write(file: Any, identifier: Identifier, *more: Any, **given: Any) -> None:
        if identifier.pk == zoe():
            raise KeyError("zoe@orange.fr")
        theirs(file, identifier, *more, **given)

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_write", write)
        assert not work.once(threading.Event(), now=lambda: NOON)
    assert [one.request_id for one in RightsExport.objects.all()] == [later]
    assert "KeyError" in caplog.text
    assert "zoe@orange.fr" not in caplog.text
    assert work.once(threading.Event(), now=lambda: NOON)
    assert RightsExport.objects.filter(request=poisoned).exists()
