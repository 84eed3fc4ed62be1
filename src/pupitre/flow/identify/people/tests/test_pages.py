"""The pages of customers: who opens them, what the audit says, what each seat sees."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from pupitre.core import clock
from pupitre.flow.identify.contracts import Panel, person_panels
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier
from pupitre.flow.identify.people.access import OPEN_FOR, PERSON_READ
from pupitre.flow.identify.people.feed import FIRST_PAGE, read_place
from pupitre.flow.identify.people.fields import SHOWN_BY
from pupitre.flow.identify.tests.kit import append, said
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import AuditLine, Notice
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import signed_in

pytestmark = pytest.mark.django_db
ROW = {"crm": "A", "cmo": "R", "cdo": "C", "dpo": "I"}
LATELY = 261 * 24 * 60  # minutes after the kit's start: two days before the company's noon
XSS = "<script>alert(1)</script>"
SECRETS = {
    "contact": ("camille@courriel.example", "+33612345678"),
    "address": ("Villeneuve", "59491"),
    "particular": ("1987-03-02", "rhesus"),
    "amount": ("147.53", "147,53", "91.17"),
    "words": ("jamais reçu mon colis",),
}


@pytest.fixture
def company(noon_on_the_clock: Any) -> Company:
    rows = {PERSON_READ.key: ROW, **{one.key: {"crm": "AR"} for one in SHOWN_BY.values()}}
    return a_company(rows=rows)


def history() -> list[dict[str, Any]]:
    traits = {
        "firstName": "Camille",
        "lastName": f"Roy {XSS}",
        "email": "camille@courriel.example",
        "phone": "06 12 34 56 78",
        "birthday": "1987-03-02",
        "blood": "rhesus",
        "address": {"city": "Villeneuve", "postalCode": "59491"},
    }
    order = {
        "order_id": "C2026-1",
        "total": 147.53,
        "currency": "EUR",
        "products": [{"name": f"Bol {XSS}", "price": 91.17}],
        "note_to": "camille@courriel.example",
    }
    case = {
        "case_id": "7",
        "topic": "delivery",
        "text": "Bonjour, je n’ai jamais reçu mon colis. camille@courriel.example",
    }
    context = {"traits": {"email": "camille@courriel.example"}}
    return [
        said(1, at=LATELY + 1, type="identify", user_id="u1", traits=traits),
        said(2, at=LATELY + 2, user_id="u1", name="Order Completed", properties=order, amount=None),
        said(3, at=LATELY + 3, user_id="u1", name="Case Opened", channel="service", properties=case,
             context=context),
        said(4, at=LATELY + 4, type="page", name="Villeneuve et vous", user_id="u1",
             properties={"url": "https://x.example/?m=camille%40courriel.example"}),
    ]  # fmt: skip


@pytest.fixture
def camille(company: Company, lake: Path) -> int:
    append(history())
    rounds.once(at=NOON)
    return Identifier.objects.get(kind=Kind.USER_ID, value="u1").pk


def page(number: int) -> str:
    return reverse("identify:person", args=[number])


def opened(client: Client, number: int, **form: str) -> HttpResponse:
    client.post(page(number), form)
    return client.get(page(number))


def openings() -> list[AuditLine]:
    return list(AuditLine.objects.filter(action="identify.OpenPerson").order_by("seq"))


def text(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


# --- opening --------------------------------------------------------------------------------------


def test_whoever_decides_or_does_opens_at_once_and_is_written_down(
    company: Company, camille: int
) -> None:
    client = signed_in(company, "cmo")
    closed = client.get(page(camille))
    assert "Camille" not in text(closed)
    assert openings() == []
    answer = client.post(page(camille))
    assert (answer.status_code, answer["Location"]) == (302, page(camille))
    (line,) = openings()
    assert (line.verb, line.subject, line.seat_id) == (
        "performed", f"person:{camille}", company.seats["cmo"],
    )  # fmt: skip
    assert "Camille" not in line.title_fr + line.title_en + line.detail
    shown = client.get(page(camille))
    assert shown["Cache-Control"] == "no-store"
    assert "Camille Roy" in text(shown)
    client.get(page(camille), headers={"HX-Request": "true"})
    assert len(openings()) == 1  # reading on is no opening
    assert not Notice.objects.exists()  # nor is anybody told of each: the audit is there for that


def test_it_stays_open_to_that_session_and_seat_for_a_while(
    company: Company, camille: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = signed_in(company, "cmo"), signed_in(company, "cmo")
    opened(client, camille)
    assert "Camille" not in text(other.get(page(camille)))
    monkeypatch.setattr(clock, "now", lambda: NOON + OPEN_FOR - timedelta(seconds=1))
    assert "Camille" in text(client.get(page(camille)))
    monkeypatch.setattr(clock, "now", lambda: NOON + OPEN_FOR)
    assert "Camille" not in text(client.get(page(camille)))


def test_a_letter_that_was_taken_away_closes_what_was_open(company: Company, camille: int) -> None:
    client = signed_in(company, "cmo")
    opened(client, camille)
    set_letters(company, PERSON_READ.key, "cmo", "")
    assert client.get(page(camille)).status_code == 403
    set_letters(company, PERSON_READ.key, "cmo", "R")
    assert "Camille" in text(client.get(page(camille)))


@pytest.mark.parametrize("seat", ["cdo", "dpo"])
def test_whoever_is_consulted_or_informed_says_why(
    company: Company, camille: int, seat: str
) -> None:
    client = signed_in(company, seat)
    for reason in ("", "   "):
        refused = client.post(page(camille), {"reason": reason})
        assert refused.status_code == 422
        assert "Camille" not in text(refused)
    assert openings() == []
    shown = opened(client, camille, reason="Réclamation du 20 novembre")
    assert "Camille" in text(shown)
    assert json.loads(openings()[0].detail)["reason"] == "Réclamation du 20 novembre"


def test_a_reason_is_asked_by_the_act_and_not_by_the_form_alone(
    company: Company, camille: int
) -> None:
    """A page that was drawn while the seat read at once asks for no reason; the act does."""
    client = signed_in(company, "cdo")
    too_long = client.post(page(camille), {"reason": "x" * 301})
    assert too_long.status_code == 422
    assert openings() == []


def test_a_seat_without_a_letter_is_refused_with_the_row(company: Company, camille: int) -> None:
    client = signed_in(company, "brand")
    for answer in (
        client.get(page(camille)),
        client.post(page(camille), {"reason": "curious"}),
        client.get(reverse("identify:people") + "?q=camille"),
        client.get(page(99_999_999)),
    ):
        assert answer.status_code == 403
        assert "Read a customer’s page" in text(answer)
        assert "Camille" not in text(answer)
    assert openings() == []


def test_a_visitor_is_sent_to_sign_in(camille: int) -> None:
    for address in (page(camille), reverse("identify:people")):
        assert "sign-in" in Client().get(address)["Location"]


# --- which page -----------------------------------------------------------------------------------


def test_an_older_number_leads_to_the_page_of_today(company: Company, camille: int) -> None:
    with guard.permitted():
        older = Identifier.objects.create(kind=Kind.LOYALTY_CARD, value="925", person=camille)
    client = signed_in(company, "cmo")
    answer = client.get(page(older.pk))
    assert (answer.status_code, answer["Location"]) == (302, page(camille))
    assert client.post(page(older.pk))["Location"] == page(camille)
    assert openings() == []


@pytest.mark.parametrize(
    ("kind", "standing", "words"),
    [
        (Kind.PHONE, 1, "stands beside 312 other identifiers"),
        (Kind.PHONE, 2, "belongs to neither"),
        (Kind.ANONYMOUS_ID, 0, "passes from hand to hand"),
    ],
)
def test_what_names_nobody_says_so(company: Company, kind: Kind, standing: int, words: str) -> None:
    with guard.permitted():
        one = Identifier.objects.create(
            kind=kind, value="+33140000001", person=None, standing=standing, neighbours=312
        )
    shown = text(signed_in(company, "cmo").get(page(one.pk)))
    assert words in shown
    assert "140000001" not in shown


def test_a_number_of_nobody_is_not_found(company: Company) -> None:
    assert signed_in(company, "cmo").get(page(12_345)).status_code == 404


# --- what is shown --------------------------------------------------------------------------------


def test_who_sees_everything_sees_it(company: Company, camille: int) -> None:
    shown = text(opened(signed_in(company, "crm"), camille))
    for values in SECRETS.values():
        assert any(value in shown for value in values), values
    assert "Waits for an answer of the service about a delivery" in shown
    assert "Last purchase" in shown


@pytest.mark.parametrize("kind", SHOWN_BY)
def test_one_letter_less_hides_one_kind_everywhere(
    company: Company, camille: int, kind: Any
) -> None:
    """Not on the page, not in the details of an event, nor in the fragment of older ones."""
    set_letters(company, PERSON_READ.key, "cmo", "R")
    for one, activity in SHOWN_BY.items():
        set_letters(company, activity.key, "cmo", "" if one is kind else "R")
    client = signed_in(company, "cmo")
    shown = text(opened(client, camille))
    answers = [shown, text(client.get(reverse("identify:people") + "?q=camille"))]
    for value in SECRETS[kind.value]:
        assert not any(value in answer for answer in answers), value
    for other, values in SECRETS.items():
        if other != kind.value:
            assert any(value in shown for value in values), values
    assert "hidden from your seat" in shown


def test_no_field_is_shown_by_reading_alone(company: Company, camille: int) -> None:
    shown = text(opened(signed_in(company, "cmo"), camille))
    leaked = [value for values in SECRETS.values() for value in values if value in shown]
    assert leaked == []
    assert "Camille Roy" in shown


def test_nothing_that_a_source_sends_is_markup(company: Company, camille: int) -> None:
    client = signed_in(company, "crm")
    raw = opened(client, camille).content.decode()
    found = client.get(reverse("identify:people"), {"q": "camille"}).content.decode()
    for answer in (raw, found, client.get(reverse("identify:people"), {"q": XSS}).content.decode()):
        assert "<script>alert" not in answer
    assert raw.count("&lt;script&gt;alert") >= 2


def test_how_we_know_names_the_event_and_its_source(company: Company, camille: int) -> None:
    shown = text(opened(signed_in(company, "crm"), camille))
    assert "Known by an account, an e-mail address and a telephone." in shown
    assert "one event said both" in shown
    assert re.search(r"Account u1 \+ E-mail address camille@courriel\.example", shown)


# --- timeline -------------------------------------------------------------------------------------


@pytest.fixture
def long_story(company: Company, lake: Path) -> int:
    append(
        [
            said(
                n, user_id="u1", type="page", name=f"page-{n:03}", channel="app" if n % 2 else "web"
            )
            for n in range(100)
        ]
        + [said(200, user_id="u1", name="Order Completed", channel="store")]
        + [said(300 + n, user_id="u2", type="page", name="of-another") for n in range(3)]
    )
    rounds.once(at=NOON)
    return Identifier.objects.get(value="u1").pk


def walked(client: Client, number: int, query: str = "") -> list[str]:
    """Names of pages as one scrolls to the end, by the link that each page gives."""
    names, address = [], page(number) + query
    for _ in range(20):
        shown = text(
            client.get(address, headers={"HX-Request": "true"} if "after" in address else {})
        )
        names += re.findall(r"page “(page-\d+)”", shown)
        older = re.search(r'hx-get="(\?[^"]*after=[^"]+)"', shown)
        if older is None:
            return names
        address = page(number) + older[1]
    raise AssertionError("the timeline does not end")


def test_the_timeline_goes_to_its_end_newest_first_each_event_once(
    company: Company, long_story: int
) -> None:
    client = signed_in(company, "cmo")
    first = text(opened(client, long_story))
    assert first.index("Purchase") < first.index("page-099")
    assert "page-000" not in first
    assert len(re.findall(r"<li><time", first)) == FIRST_PAGE
    names = walked(client, long_story)
    assert names == [f"page-{n:03}" for n in reversed(range(100))]
    assert "of-another" not in first


def test_it_is_narrowed_by_channel_and_kind(company: Company, long_story: int) -> None:
    client = signed_in(company, "cmo")
    opened(client, long_story)
    assert walked(client, long_story, "?channel=app") == [
        f"page-{n:03}" for n in reversed(range(100)) if n % 2
    ]
    assert walked(client, long_story, "?kind=purchases") == []
    assert "Purchase" in text(client.get(page(long_story) + "?kind=purchases"))
    assert len(walked(client, long_story, "?kind=visits&channel=web")) == 50
    assert len(walked(client, long_story, "?kind=nonsense&channel=moon")) == 100


@pytest.mark.parametrize(
    "after",
    ["x", "W10", "WzEsMiwzXQ", "é", "A" * 5000, "WzFlOTk5LCJhIiwiYiJd", "WzEsICJhIiwgIlx1ZDgwMCJd"],
)
def test_an_address_that_we_did_not_write_begins_at_the_beginning(
    company: Company, camille: int, after: str
) -> None:
    assert read_place(after) is None
    client = signed_in(company, "cmo")
    opened(client, camille)
    assert client.get(page(camille), {"after": after}).status_code == 200


def test_a_lake_that_does_not_answer_leaves_the_rest_of_the_page(
    company: Company, camille: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pupitre.flow.identify.people import feed
    from pupitre.lake.contracts import LakeError

    def fails(**_given: object) -> None:
        raise LakeError("events of a person", "", "broken")

    monkeypatch.setattr(feed.timeline, "page", fails)
    shown = text(opened(signed_in(company, "cmo"), camille))
    assert "The lake does not answer" in shown
    assert "Camille Roy" in shown


# --- search and panels ----------------------------------------------------------------------------


def test_search_finds_opens_and_says_how(company: Company, camille: int) -> None:
    client = signed_in(company, "cmo")
    address = reverse("identify:people")
    whole = text(client.get(address, {"q": "camile"}))
    part = text(client.get(address, {"q": "camile"}, headers={"HX-Request": "true"}))
    for shown in (whole, part):
        assert "Camille Roy" in shown
        assert "written nearly so" in shown
    assert "<main" in whole
    assert "<main" not in part
    assert f'action="{page(camille)}"' in part  # one press, which posts
    assert "Villeneuve" not in whole
    assert "Villeneuve" in text(signed_in(company, "crm").get(address, {"q": "camille"}))
    assert f'href="{page(camille)}"' in text(
        signed_in(company, "cdo").get(address, {"q": "camille"})
    )
    assert "Nobody is found" in text(client.get(address, {"q": "zzzzzz"}))
    assert client.get(address)["Cache-Control"] == "no-store"


def test_two_people_of_one_name_are_told_apart_by_a_card(company: Company, camille: int) -> None:
    with guard.permitted():
        Identifier.objects.create(kind=Kind.LOYALTY_CARD, value="9250001234567", person=camille)
    shown = text(signed_in(company, "cmo").get(reverse("identify:people"), {"q": "camille"}))
    assert "card ending in 4567" in shown
    assert "9250001234567" not in shown


def test_an_empty_book_teaches(company: Company, lake: Path) -> None:
    assert "No customer is known yet" in text(
        signed_in(company, "cmo").get(reverse("identify:people"))
    )


def test_a_room_adds_a_panel(company: Company, camille: int) -> None:
    asked = []

    def panel(person: Any) -> Panel | None:
        asked.append(person.person)
        return Panel("identify/people/_field.html", {"field": {"value": "a panel of a room"}})

    person_panels._entries["test"] = panel
    try:
        shown = text(opened(signed_in(company, "cmo"), camille))
    finally:
        del person_panels._entries["test"]
    assert "a panel of a room" in shown
    assert asked == [camille]


def test_it_reads_in_french(company: Company, camille: int) -> None:
    client = signed_in(company, "cmo", language="fr")
    with translation.override("fr"):
        assert opened(client, camille).status_code == 200
