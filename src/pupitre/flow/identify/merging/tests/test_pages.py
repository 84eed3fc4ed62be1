"""Joining, separating, undoing from the pages: who may, what they see first, what comes of it."""

from __future__ import annotations

import html
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation

from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.reading import person_of
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.merging.actions import JoinPeople, SeparatePeople, TakeBackHand
from pupitre.flow.identify.models import Hand, Identifier
from pupitre.flow.identify.tests.kit import append, said
from pupitre.flow.identify.timeline.reading import page as timeline
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company, a_company, set_letters
from pupitre.rules.mandate.tests.matrix_kit import signed_in

pytestmark = pytest.mark.django_db
ROWS = {
    "person.read": {"crm": "AR", "cmo": "R", "cdo": "I"},
    "person.contacts": {"crm": "AR"},
    "person.words": {"crm": "AR"},
    "person.merge": {"crm": "AR", "cmo": "I"},
}


@pytest.fixture
def company(noon_on_the_clock: Any) -> Company:
    return a_company(rows=ROWS)


def who(value: str) -> int:
    found = Identifier.objects.get(value=value).person
    assert found is not None
    return found


def messages(value: str) -> list[str]:
    return [str(row["message_id"]) for row in timeline(person=who(value)).rows]


@pytest.fixture
def town(company: Company, lake: Path) -> Company:
    def mailed(address: str) -> dict[str, Any]:
        return {"context": {"traits": {"email": address}}}

    append(
        [
            said(1, user_id="anne", name="Order Completed", **mailed("anne@courriel.example")),
            said(
                2, anonymous_id="till", name="Order Completed", **mailed("a.roy@courriel.example")
            ),
            said(3, user_id="ben", anonymous_id="sofa"),
            said(4, anonymous_id="sofa"),
            said(5, user_id="anne", anonymous_id="tablet"),
            said(6, anonymous_id="tablet"),
        ]
    )
    rounds.once(at=NOON)
    return company


def opened(client: Client, *values: str) -> None:
    for value in values:
        client.post(reverse("identify:person", args=[who(value)]), {"reason": "a complaint"})


def text(response: HttpResponse) -> str:
    return html.unescape(response.content.decode())


def join_page(value: str) -> str:
    return reverse("identify:person_join", args=[who(value)])


def family() -> list[dict[str, Any]]:
    """Two accounts that share a telephone and are kept apart by it; each wrote from their own."""
    phone = {"context": {"traits": {"phone": "06 12 34 56 78"}}}
    return [
        said(10, user_id="carl", name="Carl buys", **phone),
        said(11, user_id="dora", name="Dora buys", **phone),
        said(12, user_id="carl", context={"traits": {"email": "carl@courriel.example"}}),
        said(13, user_id="dora", context={"traits": {"email": "dora@courriel.example"}}),
    ]


def test_separating_draws_nobody_of_the_household(town: Company) -> None:
    append(family())
    rounds.once(at=NOON)
    assert who("carl") != who("dora")
    client = signed_in(town, "crm")
    opened(client, "carl")
    mail = Identifier.objects.get(value="carl@courriel.example").pk
    address = reverse("identify:person_separate", args=[who("carl")])
    seen = text(client.get(address, {"leaving": mail}))
    assert "Carl buys" in seen
    assert "carl@courriel.example" in seen
    assert "dora" not in seen.casefold()
    assert "Other customers are touched" not in seen


def test_undoing_asks_for_every_page_that_it_touches(town: Company) -> None:
    append(family())
    rounds.once(at=NOON)
    leaving = (Identifier.objects.get(value="carl@courriel.example").pk,)
    act(SeparatePeople(who("carl"), leaving, "two"), by=town.actor("crm"), at=NOON)
    assert who("carl") != who("carl@courriel.example")
    client = signed_in(town, "crm")
    opened(client, "carl")
    undo = reverse("identify:hand_undo", args=[Hand.objects.get().pk])
    away = client.get(undo)
    assert away["Location"] == reverse("identify:person", args=[who("carl@courriel.example")])
    assert "open their page first" in text(client.get(away["Location"]))
    opened(client, "carl@courriel.example")
    seen = text(client.get(undo))
    assert "carl@courriel.example" in seen
    assert "dora" not in seen.casefold()


def test_words_and_ways_to_join_are_for_those_who_may(town: Company) -> None:
    act(JoinPeople(who("anne"), who("ben"), "Ben is her son"), by=town.actor("crm"), at=NOON)
    for seat in ("cmo", "crm"):
        client = signed_in(town, seat)
        opened(client, "anne")
        seen = text(client.get(reverse("identify:person", args=[who("anne")])))
        assert "were joined" in seen
        assert ("her son" in seen) == (seat == "crm")
        assert ("Join with another" in seen) == (seat == "crm")
        assert ("See what undoing" in seen) == (seat == "crm")
    address = reverse("identify:hand_undo", args=[Hand.objects.get().pk])
    assert "her son" in text(client.get(address))
    set_letters(town, "person.words", "crm", "")
    assert "her son" not in text(client.get(address))


def test_both_are_seen_then_joined_then_put_back(town: Company) -> None:
    before = {value: messages(value) for value in ("anne", "a.roy@courriel.example", "ben")}
    client = signed_in(town, "crm")
    opened(client, "anne", "a.roy@courriel.example")
    address = f"{join_page('anne')}?with={who('a.roy@courriel.example')}"
    seen = text(client.get(address))
    assert "anne@courriel.example" in seen
    assert "a.roy@courriel.example" in seen
    assert not Hand.objects.exists()
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "same voice"}).status_code == 302
    assert messages("anne") == messages("a.roy@courriel.example") == ["m6", "m5", "m2", "m1"]
    hand = Hand.objects.get()
    assert AuditLine.objects.filter(action="identify.JoinPeople").count() == 1

    append([said(9, anonymous_id="till", context={"traits": {"email": "a.roy@courriel.example"}})])
    rounds.once(at=NOON)
    undo = reverse("identify:hand_undo", args=[hand.pk])
    client.post(reverse("identify:person", args=[who("anne")]), {"reason": "again"})
    assert "same voice" in text(client.get(undo))
    assert client.post(undo).status_code == 302
    assert messages("anne") == before["anne"]
    assert messages("a.roy@courriel.example") == ["m9", *before["a.roy@courriel.example"]]
    assert messages("ben") == before["ben"]
    assert client.get(undo).status_code == 404


def test_the_audit_keeps_no_word_about_customers(town: Company) -> None:
    anne, ben = who("anne"), who("ben")
    leaving = (Identifier.objects.get(kind=Kind.EMAIL, value="anne@courriel.example").pk,)
    act(SeparatePeople(anne, leaving, "Zéphyrine said no"), by=town.actor("crm"), at=NOON)
    act(JoinPeople(anne, ben, "Zéphyrine said so"), by=town.actor("crm"), at=NOON)
    lines = list(AuditLine.objects.filter(activity="person.merge"))
    assert len(lines) == 2
    assert not any("phyrine" in line.detail + line.title_en for line in lines)


def test_what_leaves_is_chosen_and_both_histories_are_seen(town: Company) -> None:
    client = signed_in(town, "crm")
    opened(client, "anne")
    address = reverse("identify:person_separate", args=[who("anne")])
    mail = Identifier.objects.get(kind=Kind.EMAIL, value="anne@courriel.example").pk
    assert "choose some" in text(client.get(address, {"asked": "1"})).lower()
    seen = text(client.get(address, {"leaving": mail}))
    assert seen.count('class="sheet"') == 2
    form = {"leaving": mail, "reason": "her husband's"}
    assert client.post(address, form).status_code == 302
    assert who("anne") != who("anne@courriel.example")
    append([said(8, user_id="anne", context={"traits": {"email": "anne@courriel.example"}})])
    rounds.once(at=NOON)
    assert who("anne") != who("anne@courriel.example")
    separated = JoinPeople(who("anne"), who("anne@courriel.example"), "one again")
    with pytest.raises(Invalid, match="separated"):
        act(separated, by=town.actor("crm"), at=NOON)
    act(TakeBackHand(Hand.objects.get().pk), by=town.actor("crm"), at=NOON)
    assert who("anne") == who("anne@courriel.example")


def test_nothing_is_shown_of_somebody_whose_page_is_closed(town: Company) -> None:
    client = signed_in(town, "crm")
    address = f"{join_page('anne')}?with={who('a.roy@courriel.example')}"
    assert client.get(address).status_code == 302  # to her page, which asks to be opened
    opened(client, "anne")
    shown = text(client.get(address))
    assert "a.roy@courriel.example" not in shown
    assert client.post(address, {"reason": "the same"}).status_code == 200
    assert not Hand.objects.exists()


@pytest.mark.parametrize("seat", ["cmo", "cdo", "cio"])
def test_the_matrix_says_who_joins(town: Company, seat: str) -> None:
    client = signed_in(town, seat)
    opened(client, "anne", "ben")
    response = client.post(f"{join_page('anne')}?with={who('ben')}", {"reason": "the same"})
    assert response.status_code == 403
    assert not Hand.objects.exists()


def test_old_numbers_lead_to_the_one_they_became(town: Company) -> None:
    anne, ben = who("anne"), who("ben")
    act(JoinPeople(anne, ben, "the same"), by=town.actor("crm"), at=NOON)
    assert person_of(anne) == person_of(ben) == min(anne, ben)
    with translation.override("en"), pytest.raises(Invalid, match="already"):
        act(JoinPeople(anne, ben, "the same"), by=town.actor("crm"), at=NOON)


def test_a_customer_is_not_separated_from_nothing(town: Company) -> None:
    every = tuple(Identifier.objects.filter(person=who("ben")).values_list("pk", flat=True))
    for leaving in ((), every, (who("anne"),)):
        with translation.override("en"), pytest.raises(Invalid, match="leave some"):
            act(SeparatePeople(who("ben"), leaving, "two"), by=town.actor("crm"), at=NOON)


@pytest.mark.django_db(transaction=True)
def test_two_stewards_join_overlapping_people_at_once(town: Company) -> None:
    anne, roy, ben = who("anne"), who("a.roy@courriel.example"), who("ben")
    crm = town.actor("crm")

    def joins(pair: tuple[int, int]) -> bool:
        try:
            return isinstance(act(JoinPeople(*pair, "the same"), by=crm, at=NOON), Performed)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(joins, [(anne, roy), (ben, roy)])) == [True, True]
    assert person_of(anne) == person_of(roy) == person_of(ben)
    assert messages("ben") == ["m6", "m5", "m4", "m3", "m2", "m1"]


def test_what_a_hand_joined_is_undone_before_it_is_separated(town: Company) -> None:
    act(JoinPeople(who("anne"), who("ben"), "the same"), by=town.actor("crm"), at=NOON)
    leaving = (Identifier.objects.get(value="ben").pk,)
    with translation.override("en"), pytest.raises(Invalid, match="Undo that first"):
        act(SeparatePeople(who("anne"), leaving, "two"), by=town.actor("crm"), at=NOON)


def test_a_third_who_would_come_along_is_seen_first(town: Company) -> None:
    phone = {"context": {"traits": {"phone": "06 12 34 56 78"}}}
    mail = {"traits": {"email": "ev@courriel.example", "phone": "06 12 34 56 78"}}
    append(
        [
            said(21, user_id="anne", **phone),
            said(22, user_id="ben", **phone),
            said(23, anonymous_id="z9", context=mail),
        ]
    )
    rounds.once(at=NOON)
    third = who("ev@courriel.example")
    assert third not in (who("anne"), who("ben"))
    client = signed_in(town, "crm")
    opened(client, "anne", "ben")
    address = f"{join_page('anne')}?with={who('ben')}"
    assert f"/people/{third}/" in text(client.get(address))
    assert client.post(address, {"reason": "one"}).status_code == 200
    assert not Hand.objects.exists()
    opened(client, "ev@courriel.example")
    assert "ev@courriel.example" in text(client.get(address))
    assert client.post(address, {"reason": "one"}).status_code == 302
    assert who("ev@courriel.example") == who("anne") == who("ben")
