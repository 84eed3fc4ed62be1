"""Every spelling of one thing is one, and what names nobody names nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.normalising import MAX_CHARACTERS, Named, Setting, normalised

FRANCE = Setting(own_domains=frozenset({"maison-ardoise.fr"}))


@pytest.mark.parametrize(
    ("kind", "spellings", "one"),
    [
        (
            Kind.PHONE,
            ["06 39 98 12 34", "+33 6 39 98 12 34", "0033639981234", "06.39.98.12.34"],
            "+33639981234",
        ),
        (Kind.PHONE, ["+44 20 7946 0958", "0044 20 7946 0958"], "+442079460958"),
        (
            Kind.EMAIL,
            ["Claire.Delmas@Orange.FR", "mailto:claire.delmas@orange.fr"],
            "claire.delmas@orange.fr",
        ),
        (Kind.EMAIL, ["zoé@société.fr"], "zoé@xn--socit-esab.fr"),
        (Kind.USER_ID, ["A-17", "\ufeffA-17", "A-17\u200b", "\tA-17\n"], "A-17"),
        (Kind.DEVICE, ["6D92078A-8246-4BA4-AE5B-761"], "6d92078a-8246-4ba4-ae5b-761"),
    ],
)  # fmt: skip
def test_one_thing_has_one_spelling(kind: Kind, spellings: list[str], one: str) -> None:
    assert {normalised(kind, text, FRANCE) for text in spellings} == {(one, Named.ONE)}


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((Kind.USER_ID, text) for text in ("null", "NULL", "Anonymous", "undefined", "0", "-1")),
        *((Kind.USER_ID, text) for text in ("[object Object]", "00000000", "----", "aaaa")),
        (Kind.ANONYMOUS_ID, "00000000-0000-0000-0000-000000000000"),
        (Kind.DEVICE, "00000000-0000-0000-0000-000000000000"),
        (Kind.EMAIL, "test@gmail.com"),
        (Kind.EMAIL, "noreply@orange.fr"),
        (Kind.EMAIL, "jean@example.com"),
        (Kind.EMAIL, "caisse@maison-ardoise.fr"),
        (Kind.PHONE, "0000000000"),
        (Kind.PHONE, "06 66 66 66 66"),
    ],
)
def test_what_is_said_of_nobody_is_blocked(kind: Kind, text: str) -> None:
    assert normalised(kind, text, FRANCE) == ("", Named.BLOCKED)


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (Kind.EMAIL, "claire.delmas", Named.MALFORMED),
        (Kind.EMAIL, "claire@delmas", Named.MALFORMED),
        (Kind.EMAIL, "a b@orange.fr", Named.MALFORMED),
        (Kind.EMAIL, "claire@-orange.fr", Named.MALFORMED),
        (Kind.PHONE, "12", Named.MALFORMED),
        (Kind.PHONE, "call me", Named.MALFORMED),
        (Kind.USER_ID, "\u200b ", Named.EMPTY),
        (Kind.USER_ID, "x" * (MAX_CHARACTERS + 1), Named.TOO_LONG),
    ],
)
def test_what_is_none_of_its_kind(kind: Kind, text: str, why: Named) -> None:
    assert normalised(kind, text, FRANCE) == ("", why)


def test_a_company_blocks_what_it_likes() -> None:
    ours = Setting(blocked={Kind.LOYALTY_CARD: frozenset({"9999-1"})})
    assert normalised(Kind.LOYALTY_CARD, " 9999-1 ", ours) == ("", Named.BLOCKED)
    assert normalised(Kind.LOYALTY_CARD, "9999-2", ours) == ("9999-2", Named.ONE)


@given(st.sampled_from(list(Kind)), st.text(max_size=300))
def test_it_never_fails_and_a_spelling_spells_itself(kind: Kind, text: str) -> None:
    value, named = normalised(kind, text, FRANCE)
    assert (named is Named.ONE) == bool(value)
    if value:
        assert normalised(kind, value, FRANCE) == (value, Named.ONE)


@pytest.mark.parametrize("text", ["1111", "9999", "12345", "123456", "7777777", "a"])
@pytest.mark.parametrize("kind", [Kind.USER_ID, Kind.CUSTOMER_NUMBER, Kind.LOYALTY_CARD])
def test_numbers_that_were_given_out_one_by_one_are_somebodys(kind: Kind, text: str) -> None:
    assert normalised(kind, text, FRANCE) == (text, Named.ONE)


def test_what_grows_too_long_in_its_one_spelling_is_too_long() -> None:
    assert normalised(Kind.DEVICE, "ﬃ" * 200, FRANCE) == ("", Named.TOO_LONG)
