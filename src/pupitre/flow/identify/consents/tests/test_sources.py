"""Whose word counts: a yes by an event only of a source that is heard, a no of any."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from pupitre.core.errors import Invalid
from pupitre.flow.collect.models import Source
from pupitre.flow.identify.consents import following
from pupitre.flow.identify.consents.demo import HEARD
from pupitre.flow.identify.consents.law import ALL
from pupitre.flow.identify.consents.panel import panel
from pupitre.flow.identify.consents.reading import agreed, history, refused, standing
from pupitre.flow.identify.consents.sources import HearSource, all_heard, heard_sources
from pupitre.flow.identify.consents.tests.kit import (
    MINUTE,
    NOW,
    a_person,
    a_purpose,
    alice,
    all_named,
    an_event,
    belong,
    events,
    line,
    note,
)
from pupitre.flow.identify.contracts import PersonAsked
from pupitre.flow.identify.following.rounds import Heard
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import By, Consent, Identifier, Said
from pupitre.flow.identify.rights import gathering
from pupitre.flow.identify.rights.targets import known_of
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Refused, Waiting
from pupitre.rules.mandate.models import Decision
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.matrix_kit import signed_in

pytestmark = pytest.mark.django_db
ROWS = {
    "consent.purposes": {"cio": "A", "cmo": "R", "crm": "I"},
    "person.read": {"crm": "R", "cmo": "A"},
}
HEAR = HearSource("web-shop", heard=True, reason="Its server sends it.")
DEAF = replace(HEAR, heard=False, reason="Its key is in the pages.")
G, R, W = Said.GIVEN, Said.REFUSED, Said.WITHDRAWN


@pytest.fixture
def company(monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr("pupitre.core.clock.now", lambda: NOON)
    company = a_company(rows=ROWS)
    a_purpose()
    return company


@pytest.fixture
def shop(company: Company) -> Source:
    return a_source(company, "web-shop", "web")


def a_source(company: Company, key: str, channel: str) -> Source:
    with guard.permitted():
        return Source.objects.create(
            key=key, name_fr=f"Nom {key}", name_en=f"Name {key}", why="?", channel=channel,
            owner_id=company.actor("cmo").seat_id, opened_at=NOON,
        )  # fmt: skip


def decide(company: Company, action: HearSource) -> None:
    waiting = act(action, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert (action.source_key in heard_sources()) is action.heard


def hear(name: str, person: int, message_id: str = "m1", minutes: int = 0, **said: str) -> None:
    """An event, as the follower of the lake is told of it."""
    properties = {"purpose": "marketing", "channel": "email", **said}
    at = (NOON + timedelta(minutes=minutes)).replace(tzinfo=None)
    table = events(
        an_event(name, properties, message_id=message_id, received_at=at, corrected_at=at)
    )
    with guard.permitted():
        following.listen(Heard(table, all_named(table, person), (), frozenset(), NOON))


def said(person: int) -> Said | None:
    """Asked of one, of everybody, and of what may be offered: never two answers."""
    (one,) = [s for s in standing(person, at=NOON) if (s.purpose, s.channel) == PLACE]
    together = agreed(purpose="marketing", channel="email", at=NOON).tolist()
    assert one.agreed == (person in together) == (one.said is G)
    assert ("email" in refused(person)[0]) == (one.said in (R, W))
    return one.said


PLACE = ("marketing", "email")


# --- what counts ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("shop")
def test_a_yes_by_a_public_key_is_no_consent_and_a_no_is_heard(company: Company) -> None:
    (person, *_) = alice()
    hear("Consent Given", person)
    assert Consent.objects.count() == 1  # noted, with its proof
    assert said(person) is None
    hear("Consent Refused", person, "m2", 1)
    assert said(person) is R
    hear("Consent Given", person, "m3", 2)  # nothing takes the refusal back
    assert said(person) is R
    hear("Consent Withdrawn", person, "m4", 3)
    assert said(person) is W
    assert heard_sources() == ()


@pytest.mark.usefixtures("shop")
def test_it_counts_at_once_when_listed_and_no_longer_when_not(company: Company) -> None:
    (person, *_) = alice()
    hear("Consent Refused", person, "m1")
    hear("Consent Given", person, "m2", 1)
    before = list(Consent.objects.order_by("pk").values())
    assert said(person) is R
    decide(company, HEAR)
    assert said(person) is G
    decide(company, DEAF)
    assert said(person) is R
    assert list(Consent.objects.order_by("pk").values()) == before  # nothing is rewritten


@pytest.mark.usefixtures("shop")
def test_another_source_that_is_heard_lends_nobody_its_word(company: Company) -> None:
    a_source(company, "tills", "store")
    decide(company, replace(HEAR, source_key="tills"))
    (one,) = a_person((Kind.EMAIL, "one@boite.example"))
    (two,) = a_person((Kind.EMAIL, "two@boite.example"))
    by_till = line(one, G, message_id="t1")
    note(replace(by_till, proof=replace(by_till.proof, source="tills")), line(two, G))
    assert said(one) is G
    assert said(two) is None


@pytest.mark.parametrize("by", [By.CUSTOMER, By.SEAT, By.SEAT_LINK])
@pytest.mark.usefixtures("company")
def test_what_they_said_themselves_needs_no_source(by: By) -> None:
    (person, *_) = alice()
    own = line(person, G)
    note(replace(own, proof=replace(own.proof, by=by, source="")))
    assert said(person) is G
    note(line(person, W, NOW + MINUTE, purpose=ALL, channel=ALL))
    assert said(person) is W


@pytest.mark.usefixtures("shop")
def test_merging_and_separating_move_what_counts_and_what_does_not(company: Company) -> None:
    mine = alice()
    (other,) = a_person((Kind.EMAIL, "autre@boite.example"))
    hear("Consent Given", mine[0])
    own = line(other, G, NOW + MINUTE)
    note(replace(own, proof=replace(own.proof, by=By.SEAT, source="")))
    for _times in range(2):
        belong([other], mine[0])
        assert said(mine[0]) is G  # by the seat's line alone
        belong([other], other)
        assert (said(mine[0]), said(other)) == (None, G)
    decide(company, HEAR)
    assert (said(mine[0]), said(other)) == (G, G)
    hear("Consent Withdrawn", mine[0], "m2", 2)
    belong([other], mine[0])
    assert said(mine[0]) is W


@pytest.mark.usefixtures("shop")
def test_copies_and_the_history_say_what_counts(company: Company) -> None:
    (person, *_) = alice()
    hear("Consent Given", person)
    hear("Consent Refused", person, "m2", 1, channel="sms")

    def copied() -> dict[str, object]:
        rows = gathering.consents(known_of(Identifier.objects.get(pk=person)))
        return {f"{row['said']} {row['channel']}": row["counts"] for row in rows}

    assert copied() == {"given email": "no", "refused sms": "yes"}
    assert [told.ignored for told in history(person) if told.said is G] == [True]
    decide(company, HEAR)
    assert copied() == {"given email": "yes", "refused sms": "yes"}
    assert [told.ignored for told in history(person) if told.said is G] == [False]


# --- who decides ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("shop")
def test_marketing_asks_and_it_assures(company: Company) -> None:
    for wrong in ("crm", "brand"):
        with pytest.raises(Refused):
            act(HEAR, by=company.actor(wrong), at=NOON)
    waiting = act(HEAR, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    assert heard_sources() == ()  # asked for is not decided
    with pytest.raises(Refused):
        approve(decision_id=waiting.decision_id, by=company.actor("crm"), at=NOON)
    approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert heard_sources() == ("web-shop",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source_key": "nobody"},
        {"heard": False},  # it is so already
        {"reason": "  "},
        {"reason": "x" * 301},
    ],
    ids=str,
)
@pytest.mark.usefixtures("shop")
def test_what_makes_no_sense_is_not_asked(company: Company, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        act(replace(HEAR, **wrong), by=company.actor("cmo"), at=NOON)  # type: ignore[arg-type]


def test_an_approval_is_void_once_the_key_has_become_public(company: Company, shop: Source) -> None:
    with guard.permitted():
        Source.objects.filter(pk=shop.pk).update(channel="store")
    waiting = act(HEAR, by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    with guard.permitted():
        Source.objects.filter(pk=shop.pk).update(allowed_origins=["https://www.ardoise.example"])
    with pytest.raises(Invalid):
        approve(decision_id=waiting.decision_id, by=company.actor("cio"), at=NOON)
    assert Decision.objects.get(pk=waiting.decision_id).round == 2
    assert heard_sources() == ()


def test_the_demonstration_decides_whose_word_counts(company: Company) -> None:
    speaking = {"web-shop": "web", "tills": "store", "email-tool": "email"}
    for key, channel in speaking.items():
        a_source(company, key, channel)
    for _days, action, _advice in HEARD:
        decide(company, action)
    assert set(heard_sources()) == speaking.keys()


# --- its pages ------------------------------------------------------------------------------------


def text(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


def test_a_company_without_sources_is_told_what_comes_here(company: Company) -> None:
    page = signed_in(company, "cmo").get("/consent-sources/")
    assert "No source’s word makes a consent" in text(page.text)
    assert "Consent Given" in page.text
    assert signed_in(company, "cmo").get("/consent-sources/web-shop/").status_code == 404


@pytest.mark.usefixtures("shop")
def test_the_page_says_what_does_not_count_and_asks_for_a_reason(company: Company) -> None:
    (person, *_) = alice()
    hear("Consent Given", person)
    hear("Consent Given", person, "m2", 1)
    hear("Consent Refused", person, "m3", 2)
    marketing = signed_in(company, "cmo")
    assert "Customers agreed by the word of sources that are not heard: Name web-shop" in text(
        marketing.get("/consents/").text
    )
    listed = text(marketing.get("/consent-sources/").text)
    assert "not heard" in listed
    assert "site or application" in listed
    assert "It said 2 times that a customer agreed: none of them counts." in listed
    address = "/consent-sources/web-shop/"
    assert "anyone may read a key that stands there" in text(marketing.get(address).text)
    assert marketing.post(address, {"heard": "yes", "reason": ""}).status_code == 422
    asked = marketing.post(address, {"heard": "yes", "reason": "Its server sends it."})
    assert asked.status_code == 302
    decision = Decision.objects.get()
    assert decision.page_url == asked["Location"]
    waits = text(marketing.get("/consent-sources/").text)
    assert "Waits for a decision" in waits
    assert "“Its server sends it.”" in waits  # whoever decides reads it here
    approve(decision_id=decision.pk, by=company.actor("cio"), at=NOON)
    listed = text(marketing.get("/consent-sources/").text)
    assert "We take one source’s word" in listed
    assert "It said 2 times that a customer agreed." in listed
    assert "Its server sends it." in listed


@pytest.mark.usefixtures("shop")
def test_whoever_has_no_letter_sees_the_list_and_no_form(company: Company) -> None:
    outsider = signed_in(company, "crm")
    assert "consent-sources/web-shop" not in outsider.get("/consent-sources/").text
    sent = outsider.post("/consent-sources/web-shop/", {"heard": "yes", "reason": "x"})
    assert sent.status_code == 403
    assert heard_sources() == ()


@pytest.mark.usefixtures("shop")
def test_a_long_ledger_is_counted_up_to_a_bound() -> None:
    (person, *_) = alice()
    note(*(line(person, G, NOW + n, message_id=f"m{n}") for n in range(5)))
    (row,) = all_heard(most=2)
    assert row.given == 3
    (row,) = all_heard()
    assert (row.given, row.uncounted, row.many) == (5, 5, False)


@pytest.mark.usefixtures("shop")
def test_a_customers_page_says_why_a_yes_does_not_count(company: Company) -> None:
    (person, *_) = alice()
    hear("Consent Given", person)

    def shown() -> str:
        request = signed_in(company, "crm").get("/consents/").wsgi_request
        with translation.override("en"):
            drawn = panel(PersonAsked(request, person, NOON))
            assert drawn is not None
            return text(render_to_string(drawn.template, drawn.context, request))

    page = shown()
    assert "agreement not counted" in page
    assert "said by Name web-shop, whose consents are not counted." in page
    assert page.count("whose consents are not counted") == 2  # the line that proves it too
    decide(company, HEAR)
    page = shown()
    assert "not counted" not in page
    assert "agrees" in page
    decide(company, DEAF)
    hear("Consent Refused", person, "m2", 1)
    page = shown()
    assert "agreement not counted" not in page  # a later no is what is shown
    assert "refused" in page
    assert page.count("whose consents are not counted") == 1
