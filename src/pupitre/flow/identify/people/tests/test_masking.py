"""What a seat may not see is nowhere in what it is given."""

from __future__ import annotations

import json
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.flow.identify.people.fields import (
    SHOWN_BY,
    FieldKind,
    kind_of_identifier,
    kind_of_property,
    kind_of_trait,
)
from pupitre.flow.identify.people.masking import (
    EVERYTHING,
    MASK,
    Field,
    hidden_values,
    masked,
    masked_event,
    scrubbed,
)

PLAIN = frozenset({FieldKind.PLAIN})
SECRET = "Zq7-secret"


@pytest.mark.parametrize(
    ("trait", "kind"),
    [
        ("firstName", FieldKind.PLAIN),
        ("Nom", FieldKind.PLAIN),
        ("name", FieldKind.PLAIN),
        ("loyaltyCard", FieldKind.PLAIN),
        ("email", FieldKind.CONTACT),
        ("téléphone", FieldKind.CONTACT),
        ("instagram", FieldKind.CONTACT),
        ("postalCode", FieldKind.ADDRESS),
        ("ville", FieldKind.ADDRESS),
        ("birthYear", FieldKind.PARTICULAR),
        ("civilité", FieldKind.PARTICULAR),
        ("blood_group", FieldKind.PARTICULAR),
    ],
)
def test_kinds_of_traits(trait: str, kind: FieldKind) -> None:
    assert kind_of_trait(trait) is kind
    assert kind_of_property(trait) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("total", FieldKind.AMOUNT),
        ("unit_price", FieldKind.AMOUNT),
        ("text", FieldKind.WORDS),
        ("query", FieldKind.WORDS),
        ("product_id", FieldKind.PLAIN),
        ("nobody ever heard of it", FieldKind.PARTICULAR),
    ],
)
def test_kinds_of_properties(name: str, kind: FieldKind) -> None:
    assert kind_of_property(name) is kind


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("email", "c@courriel.example", FieldKind.CONTACT),
        ("user_id", "c@courriel.example", FieldKind.CONTACT),
        ("user_id", "+33612345678", FieldKind.CONTACT),
        ("user_id", "A-17", FieldKind.PLAIN),
        ("loyalty_card", "9250001234567", FieldKind.PLAIN),
    ],
)
def test_an_account_named_by_an_address_is_an_address(
    kind: str, value: str, told: FieldKind
) -> None:
    assert kind_of_identifier(kind, value) is told


@pytest.mark.parametrize("kind", SHOWN_BY)
def test_each_kind_is_hidden_without_its_letter_and_shown_with_it(kind: FieldKind) -> None:
    fields = [Field("a", SECRET, kind), Field("b", f"see {SECRET.upper()}!", FieldKind.PLAIN)]
    shown, beside = masked(fields, frozenset({FieldKind.PLAIN, kind}))
    assert (shown.value, beside.value) == (SECRET, f"see {SECRET.upper()}!")
    hidden, beside = masked(fields, PLAIN)
    assert (hidden.hidden, hidden.value) == (True, "")
    assert beside.value == f"see {MASK}!"


def test_an_event_is_opened_and_masked_wherever_it_lies() -> None:
    event = {
        "properties": json.dumps(
            {
                "total": SECRET,
                "products": [{"name": "Bol", "price": SECRET}, {"name": "Râpe"}],
                "text": SECRET,
                "unheard_of": {"deep": [SECRET, {"er": SECRET}]},
                "shipping_address": {"city": SECRET, "name": "x"},
            }
        ),
        "context": json.dumps(
            {
                "traits": {"email": SECRET, "address": {"street": SECRET, "city": SECRET}},
                "externalIds": [
                    {"id": SECRET, "type": "handle"},
                    {"id": "92500", "type": "loyalty_card"},
                ],
                "page": {
                    "url": "https://x.example/?mail=camille%40courriel.example&tel=%2B33612345678"
                },
            }
        ),
    }
    fields = masked_event(event, PLAIN)
    said = json.dumps([[one.name, one.value] for one in fields])
    assert SECRET not in said
    assert "camille" not in said
    assert "612345678" not in said
    values = {one.name: one.value for one in fields}
    assert values["products 1.name"] == "Bol"
    assert values["externalIds 2.id"] == "92500"
    everything = masked_event(event, EVERYTHING)
    assert sum(one.value == SECRET for one in everything) == 10
    assert len(everything) == len(fields)


def test_what_is_no_json_is_somebodys_words() -> None:
    assert [one.hidden for one in masked_event({"properties": "{broken"}, PLAIN)] == [True]
    assert masked_event({"properties": ""}, PLAIN) == ()


@pytest.mark.parametrize(
    "text",
    [
        "écrire à camille.roy+x@courriel.example svp",
        "06 12 34 56 78",
        "tél. +33 6 12 34 56 78.",
        "0033612345678",
    ],
)
def test_addresses_and_telephones_are_seen_in_the_middle_of_a_sentence(text: str) -> None:
    assert MASK in scrubbed(text, PLAIN)
    assert not any(part in scrubbed(text, PLAIN) for part in ("camille", "12 34", "612345"))
    assert scrubbed(text, EVERYTHING) == text


def test_names_of_fields_hold_nothing_that_is_hidden() -> None:
    event = {
        "properties": json.dumps(
            {
                "emails": {"jean@x.example": {"active": True}, "Villeneuve": {"active": True}},
                "seen_0612345678": {"active": True},
                "33612345678": True,
                "items": {"lot 2026": True},
            }
        )
    }
    hidden = hidden_values([Field("a", "Villeneuve", FieldKind.ADDRESS)], PLAIN)
    said = " ".join(one.name for one in masked_event(event, PLAIN, hidden))
    for secret in ("jean", "villeneuve", "612345678"):
        assert secret not in said.casefold()
    assert "lot 2026" in said
    everything = " ".join(one.name for one in masked_event(event, EVERYTHING))
    assert "emails.jean@x.example.active" in everything


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/u/jean%40x.example/prefs",
        "https://x.example/u/je%61n%40x.example",
        "https://x.example/?next=%2Fu%2Fjean%2540x.example",
        "https://x.example/?tel=06%2012%2034%2056%2078&a=jean",
        "https://x.example/?tel=06+12+34+56+78",
        "https://x.example/?rue=Rue+de+la+Paix",
        "https://x.example/?rue=Rue%20de%20la%20Paix",
        "https://x.example/?rue=rue%2Bde%2Bla%2Bpaix",
    ],
)
def test_addresses_of_pages_hide_what_they_encode(text: str) -> None:
    hidden = hidden_values(
        [Field("a", one, FieldKind.ADDRESS) for one in ("Rue de la Paix", "jean")], PLAIN
    )
    shown = scrubbed(text, PLAIN, hidden)
    opened = unquote_plus(unquote_plus(shown)).casefold()
    for secret in ("jean", "12 34 56", "rue de la paix"):
        assert secret not in opened
    assert shown.startswith("https://x.example/")
    assert scrubbed(text, EVERYTHING, ()) == text


@pytest.mark.parametrize(
    "text",
    [
        "Bol en grès",
        "100% laine + soie",
        "https://x.example/?q=a%20b",
        "C2026-0112345",
        "9250001234567",
        "2026-11-20",
    ],
)
def test_numbers_of_orders_and_cards_are_no_telephones(text: str) -> None:
    assert scrubbed(text, PLAIN) == text


@given(
    secret=st.text(min_size=3, max_size=20).filter(lambda text: text.strip("•")),
    around=st.tuples(st.text(max_size=20), st.text(max_size=20)),
)
def test_no_hidden_value_survives_in_another_text(secret: str, around: tuple[str, str]) -> None:
    hidden = hidden_values([Field("a", secret, FieldKind.CONTACT)], PLAIN)
    shown = scrubbed(around[0] + secret + around[1], PLAIN, hidden)
    assert secret.casefold() not in shown.casefold() or secret.casefold() in MASK
