"""What a seat does about one customer: note what they said, and send them to their own page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from pupitre.core.errors import Invalid
from pupitre.flow.identify.consents import links
from pupitre.flow.identify.consents.actions import (
    MakePreferenceLink,
    RecordConsent,
    RevokePreferenceLinks,
)
from pupitre.flow.identify.consents.ledger import Line, Proof
from pupitre.flow.identify.consents.panel import panel
from pupitre.flow.identify.consents.reading import history, standing
from pupitre.flow.identify.consents.tests.kit import (
    MINUTE,
    NOW,
    a_person,
    a_purpose,
    alice,
    belong,
    line,
    note,
)
from pupitre.flow.identify.contracts import PersonAsked, person_panels
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import By, Consent, RightsStep, Said
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heard_shop")]
ROWS = {
    "consent.record": {"crm": "R", "cmo": "A", "dpo": "C", "cdo": "I"},
    "consent.link": {"crm": "R", "cmo": "A", "cdo": "I"},
    "person.read": {"crm": "R", "cmo": "A", "ops": "I"},
}


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr("pupitre.core.clock.now", lambda: NOON)
    return a_company(rows=ROWS)


@pytest.fixture
def person() -> int:
    a_purpose()
    return alice()[0]


def said(person: int) -> RecordConsent:
    return RecordConsent(
        number=person,
        purpose="marketing",
        channel="email",
        said=Said.GIVEN.value,
        said_at=NOON - timedelta(minutes=5),
        place="au téléphone avec Mme Martin",
        version=1,
        language="fr",
    )


def test_what_a_customer_said_holds_at_once_with_its_proof(company: Company, person: int) -> None:
    done = act(said(person), by=company.actor("crm"), at=NOON)  # R: nothing waits for A or C
    assert isinstance(done, Performed)
    (row,) = Consent.objects.all()
    assert (row.by, row.seat_id, row.member_id) == (
        "seat", company.seats["crm"], company.members["crm"],
    )  # fmt: skip
    assert (row.wording, row.version, row.place) == (
        "J’accepte.", "1", "au téléphone avec Mme Martin",
    )  # fmt: skip
    assert row.at_us == NOW - 5 * MINUTE
    assert standing(person, at=NOON)[0].agreed
    audited = AuditLine.objects.order_by("-seq")[0]
    assert audited.subject == f"person:{person}"
    assert "Martin" not in audited.detail + audited.title_fr + audited.title_en


def test_said_twice_is_noted_once_and_hangs_on_the_strongest(company: Company, person: int) -> None:
    for _again in range(2):
        act(said(person), by=company.actor("crm"), at=NOON)
    assert [one.identifier_id for one in Consent.objects.all()] == [person]


def test_what_takes_away_counts_from_the_end_of_its_minute(company: Company, person: int) -> None:
    note(line(person, Said.GIVEN, NOW - 5 * MINUTE + 40_000_000))  # 40 s into it, by an event
    withdrawn = replace(said(person), said=Said.WITHDRAWN.value)
    act(withdrawn, by=company.actor("crm"), at=NOON)
    assert standing(person, at=NOON)[0].said is Said.WITHDRAWN


def test_and_never_later_than_now_nor_than_the_second_that_was_said(
    company: Company, person: int
) -> None:
    refused = replace(said(person), said=Said.REFUSED.value)
    now = NOON + timedelta(seconds=20)
    act(replace(refused, said_at=NOON), by=company.actor("crm"), at=now)
    assert {one.at_us for one in Consent.objects.all()} == {NOW + 20_000_000}
    exact = NOON - timedelta(seconds=50)
    act(replace(refused, said_at=exact), by=company.actor("crm"), at=now)
    assert Consent.objects.order_by("at_us")[0].at_us == NOW - 50_000_000


def test_what_they_refuse_is_refused_by_all_that_names_them(company: Company, person: int) -> None:
    email = person + 1
    note(line(email, Said.GIVEN, NOW - 60 * MINUTE))
    for _again in range(2):
        withdrawn = replace(said(person), said=Said.WITHDRAWN.value)
        act(withdrawn, by=company.actor("crm"), at=NOON)
    assert Consent.objects.filter(said=Said.WITHDRAWN).count() == 4
    assert len(history(person)) == 2  # told once
    belong([email], email)
    assert standing(email, at=NOON)[0].said is Said.WITHDRAWN
    assert standing(person, at=NOON)[0].said is Said.WITHDRAWN


def test_an_old_number_of_a_customer_still_leads_to_them(company: Company) -> None:
    a_purpose()
    first, second = alice(), alice_again()
    belong(second, first[0])
    act(said(second[0]), by=company.actor("crm"), at=NOON)
    assert standing(first[0], at=NOON)[0].agreed


def alice_again() -> list[int]:
    return a_person((Kind.LOYALTY_CARD, "2990009999999"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": 999_999},
        {"purpose": "unheard-of"},
        {"channel": "post"},
        {"said": 7},
        {"place": " "},
        {"place": "x" * 201},
        {"version": 0},
        {"version": 2},
        {"said_at": NOON + timedelta(seconds=1)},
        {"said_at": NOON - timedelta(days=32)},
    ],
    ids=str,
)
def test_what_proves_nothing_is_not_noted(
    company: Company, person: int, wrong: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        act(replace(said(person), **wrong), by=company.actor("crm"), at=NOON)  # type: ignore[arg-type]
    assert not Consent.objects.exists()


def test_a_withdrawal_needs_no_wording_and_holds_for_what_is_retired(company: Company) -> None:
    (person, *_) = alice()
    a_purpose(retired_at=NOON)
    with pytest.raises(Invalid):
        act(said(person), by=company.actor("crm"), at=NOON)
    withdrawn = replace(said(person), said=Said.WITHDRAWN.value, version=0)
    act(withdrawn, by=company.actor("crm"), at=NOON)
    assert {one.said for one in Consent.objects.all()} == {Said.WITHDRAWN}


@pytest.mark.parametrize("seat", ["dpo", "cdo", "ops"])
def test_other_seats_note_nothing_and_make_no_link(
    company: Company, person: int, seat: str
) -> None:
    for action in (said(person), MakePreferenceLink(person, person)):
        if seat == "dpo" and isinstance(action, MakePreferenceLink):
            continue
        with pytest.raises(Refused):
            act(action, by=company.actor(seat), at=NOON)
    client = browser(company, seat)
    assert client.get(f"/people/{person}/consents/").status_code == 403


def browser(company: Company, seat: str) -> Client:
    return signed_in(company, seat)


def test_the_form_notes_what_was_said(company: Company, person: int) -> None:
    client = browser(company, "crm")
    page = client.get(f"/people/{person}/consents/")
    assert page.status_code == 200
    assert "alice" not in page.text  # asks, and shows nothing of what is known
    given = {
        "about": "marketing email 1",
        "said": "0",
        "said_at": "2026-11-20T11:30",
        "place": "au comptoir",
        "language": "en",
    }
    assert client.post(f"/people/{person}/consents/", {**given, "place": ""}).status_code == 422
    assert client.post(f"/people/{person}/consents/", given).status_code == 302
    assert Consent.objects.get().wording == "I agree."
    assert client.get("/people/999999/consents/").status_code == 404


def test_a_link_is_shown_once_audited_and_opens_their_page(company: Company, person: int) -> None:
    client = browser(company, "crm")
    assert client.get(f"/people/{person}/preferences/").status_code == 302  # read them first
    closed = client.post(f"/people/{person}/preferences/", {"identifier": person + 1})
    assert closed.status_code == 302
    open_page(client, company, person)
    page = client.get(f"/people/{person}/preferences/")
    assert "a•••@boite.example" in page.text
    assert "alice" not in page.text
    email = person + 1
    made = client.post(f"/people/{person}/preferences/", {"identifier": email})
    assert made["Cache-Control"] == "no-store"
    found = re.search(r'value="https?://[^/]+/preferences/([^"]+)/"', made.text)
    assert found
    assert links.opened(found[1], at=NOON) == email
    audited = AuditLine.objects.order_by("-seq")[0]
    assert audited.action.endswith(".MakePreferenceLink")
    assert found[1] not in audited.detail
    client.post(f"/people/{person}/preferences/", {"revoke": "1"})
    assert links.opened(found[1], at=NOON) is None


def open_page(client: Client, company: Company, person: int) -> None:
    """As ``people.access`` notes it once the page was opened, by an act."""
    session = client.session
    until = (NOON + timedelta(minutes=30)).isoformat()
    session["identify.opened"] = {str(person): [company.seats["crm"], until]}
    session.save()


def test_what_is_said_by_a_link_that_a_seat_made_says_so(company: Company, person: int) -> None:
    done = act(MakePreferenceLink(person, person + 1), by=company.actor("crm"), at=NOON)
    assert isinstance(done, Performed)
    visitor = Client(headers={"accept-language": "en"})
    visitor.get(done.result)
    seen = re.findall(r'name="shown" value="([^"]+)"', visitor.get("/preferences/").text)
    visitor.post("/preferences/", {"shown": seen, "agreed": ["marketing.email"]})
    row = Consent.objects.get()
    assert (row.by, row.seat_id, row.said) == ("link", company.seats["crm"], Said.GIVEN)
    assert "by a link that" in asked_by(company, "crm", person)
    audited = AuditLine.objects.filter(actor="system:customer").get()
    assert json.loads(audited.detail)["link_of_seat"] == company.seats["crm"]


@pytest.mark.parametrize(
    ("page", "given"),
    [("pause/", {"months": "1"}), ("pause/", {"months": "0"}), ("right/", {"right": "erasure"})],
)
def test_what_is_done_by_a_link_that_a_seat_made_names_the_seat(
    company: Company, person: int, page: str, given: dict[str, str]
) -> None:
    """A seat that made a link can open it: what came by it is not said to be the customer's."""
    done = act(MakePreferenceLink(person, person + 1), by=company.actor("crm"), at=NOON)
    assert isinstance(done, Performed)
    visitor = Client(headers={"accept-language": "en"})
    visitor.get(done.result)
    assert visitor.post(f"/preferences/{page}", given).status_code == 302
    audited = AuditLine.objects.filter(actor__startswith="system:").latest("seq")
    assert json.loads(audited.detail)["link_of_seat"] == company.seats["crm"]
    assert [step.what for step in RightsStep.objects.all()] == ["linked"] * ("right" in page)


def test_a_link_is_made_for_their_own_address_alone(company: Company, person: int) -> None:
    bob = alice_again()[0]
    with pytest.raises(Invalid):
        act(MakePreferenceLink(person, bob), by=company.actor("crm"), at=NOON)
    with pytest.raises(Invalid):
        act(RevokePreferenceLinks(999_999), by=company.actor("crm"), at=NOON)


# --- a part of their page -------------------------------------------------------------------------


def test_the_panel_says_what_holds_now_and_how_we_know(company: Company, person: int) -> None:
    note(line(person, Said.GIVEN), line(person, Said.GIVEN, channel="sms"))
    note(line(person, Said.WITHDRAWN, NOW + 1, purpose="*", channel="sms"))
    act(said(person), by=company.actor("crm"), at=NOON)
    seen = asked_by(company, "crm", person)
    for words in ("agrees", "withdrawn", "Head of service", "wording 1", "everything"):
        assert words in seen, words
    assert f"/people/{person}/consents/" in seen
    assert f"/people/{person}/consents/" not in asked_by(company, "ops", person)


def test_the_panel_hides_contacts_in_places_and_wordings(company: Company, person: int) -> None:
    address = "https://x.example/u/jean%40x.example/prefs"
    proof = Proof(by=By.EVENT, source="web-shop", place=address, wording="jean@x.example agrees")
    note(Line(person, "marketing", "email", Said.GIVEN, NOW, proof))
    for letters in ("", "AR"):
        set_letters(company, "person.read", "ops", letters and "R")
        set_letters(company, "person.contacts", "ops", letters)
        assert ("jean" in asked_by(company, "ops", person)) == bool(letters)


def asked_by(company: Company, seat: str, person: int) -> str:
    """The panel as the reader from that seat sees it."""
    client = browser(company, seat)
    request = client.get("/consents/").wsgi_request
    with translation.override("en"):
        made = panel(PersonAsked(request, person, NOON))
        assert made is not None
        assert person_panels["30.consents"] is panel
        return render_to_string(made.template, made.context, request)
