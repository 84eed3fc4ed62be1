"""Search beside brute force: every name of a small crowd, compared with what was typed."""

from __future__ import annotations

import itertools

import pytest
from rapidfuzz.distance import OSA

from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, NearWord, Trait, Word, WordOf
from pupitre.flow.identify.normalising import Setting
from pupitre.flow.identify.search.indexing import forget, index_names, rebuild
from pupitre.flow.identify.search.searching import Why, find
from pupitre.flow.identify.search.spelling import (
    asked_for,
    distance,
    errors_allowed,
    folded,
    near_keys,
    words_of,
)
from pupitre.rules.mandate import guard

FIRST = ("Hélène", "Camille", "Jean-Luc", "Thérèse", "Maëlys", "Fatima", "Mei", "Gabriel", "Côme")
LAST = ("N’Diaye", "Le Gall", "Martínez", "Carpentier", "Œuvray", "Deschamps", "Roy", "Lefèvre")


@pytest.fixture
def writing():
    with guard.permitted():
        yield


def somebody(kind: Kind, value: str, **traits: str) -> int:
    one = Identifier.objects.create(kind=kind, value=value)
    Identifier.objects.filter(pk=one.pk).update(person=one.pk, component=one.pk)
    for name, said in traits.items():
        Trait.objects.create(
            identifier=one, name=name, value=said, source="till", first_us=1, last_us=1
        )
    return one.pk


@pytest.fixture
def crowd(db: None, writing: None) -> dict[int, str]:
    people = {}
    for number, (first, last) in enumerate(itertools.product(FIRST, LAST)):
        pk = somebody(Kind.USER_ID, f"u{number}", firstName=first, lastName=last)
        people[pk] = f"{first} {last}"
    index_names(people)
    return people


def found(text: str, limit: int = 500) -> dict[int, Why]:
    return {hit.person or 0: hit.why for hit in find(text, setting=Setting(), limit=limit)}


def brute(text: str, people: dict[int, str]) -> set[int]:
    """Each word that was typed is, but for the errors allowed, a word of the name."""

    def matches(word: str, name: str, *, last: bool) -> bool:
        return any(
            OSA.distance(word, each) <= errors_allowed(word, each)
            or (last and len(word) > 1 and each.startswith(word))
            for each in words_of(name)
        )

    words = asked_for(text)
    return {
        pk
        for pk, name in people.items()
        if all(matches(word, name, last=word is words[-1]) for word in words)
    }


def spoilt(word: str) -> set[str]:
    """The word with one error of each kind in each place."""
    made = set()
    for place in range(len(word)):
        made.add(word[:place] + word[place + 1 :])
        made.add(word[:place] + "x" + word[place + 1 :])
        made.add(word[:place] + "x" + word[place:])
        made.add(word[:place] + word[place : place + 2][::-1] + word[place + 2 :])
    return made


def test_it_finds_whom_brute_force_finds(crowd: dict[int, str]) -> None:
    asked = ["helene ndiaye", "HÉLÈNE", "jeanluc le gal", "legall", "oeuvrai", "mei roy", "ca", "r"]
    asked += [f"{slip} roy" for slip in sorted(spoilt("camille"))]
    asked += [f"gabriel {slip}" for slip in sorted(spoilt("carpentier"))]
    asked += ["carpnetire", "deschmaps", "dexchamsp", "therese lefevr"]
    for text in asked:
        if len(text) > 1:
            assert set(found(text)) == brute(text, crowd), text
    assert sum(1 for text in asked if brute(text, crowd)) > 40  # the question is a question


def test_the_whole_name_comes_before_what_is_nearly_so(crowd: dict[int, str]) -> None:
    near = somebody(Kind.USER_ID, "near", firstName="Camile", lastName="Roy")
    index_names([near])
    hits = find("camille roy", setting=Setting())
    assert crowd[hits[0].person or 0] == "Camille Roy"
    assert (hits[0].why, hits[-1].why, hits[-1].person) == (Why.NAME, Why.NEARLY, near)


@pytest.mark.parametrize(
    ("kind", "kept", "typed"),
    [
        (Kind.EMAIL, "camille@courriel.example", " Camille@Courriel.EXAMPLE "),
        (Kind.PHONE, "+33612345678", "06 12 34 56 78"),
        (Kind.PHONE, "+33612345678", "+33 6.12.34.56.78"),
        (Kind.LOYALTY_CARD, "9250001234567", "9250001234567"),
        (Kind.USER_ID, "A-17", "A-17"),
        (Kind.ORDER, "C2026-11", "C2026-11"),
        (Kind.ANONYMOUS_ID, "mail-00ff", "mail-00ff"),
    ],
)
def test_any_identifier_in_any_spelling(
    db: None, writing: None, kind: Kind, kept: str, typed: str
) -> None:
    pk = somebody(kind, kept)
    index_names([pk])
    assert found(typed) == {pk: Why.IDENTIFIER}


def test_the_end_of_a_card_or_telephone_and_the_number_of_a_page(db: None, writing: None) -> None:
    card, phone = somebody(Kind.LOYALTY_CARD, "9250001234567"), somebody(Kind.PHONE, "+33612344567")
    index_names([card, phone])
    assert found("4567") == {card: Why.ENDING, phone: Why.ENDING}
    assert found("34567") == {card: Why.ENDING}
    assert found("4 4567") == {phone: Why.ENDING}
    assert found(str(card)) == {card: Why.NUMBER}
    assert found(f"nº {card}") == {card: Why.NUMBER}
    assert found("567") == {}


def test_what_names_nobody_is_found_and_says_so(db: None, writing: None) -> None:
    desk = somebody(Kind.PHONE, "+33140000001")
    Identifier.objects.filter(pk=desk).update(person=None)
    (hit,) = find("01 40 00 00 01", setting=Setting())
    assert (hit.identifier, hit.person, hit.why) == (desk, None, Why.IDENTIFIER)


def test_one_person_comes_once(db: None, writing: None) -> None:
    one = somebody(Kind.USER_ID, "u1", firstName="Camille", lastName="Roy")
    other = somebody(Kind.LOYALTY_CARD, "9250001234567", firstName="CAMILLE", lastName="ROY")
    Identifier.objects.filter(pk=other).update(person=one)
    index_names([one, other])
    assert [hit.person for hit in find("camille roy", setting=Setting())] == [one]


@pytest.mark.parametrize(
    "text", ["", " ", "é", "%", "_", "'", ":4567", "a" * 9_000, "\0", "😊 ☕", "-"]
)
def test_nonsense_finds_nobody(crowd: dict[int, str], text: str) -> None:
    assert found(text) == {}


def test_indexing_twice_or_anew_is_the_same(crowd: dict[int, str]) -> None:
    def everything() -> set[tuple[str, int]]:
        return set(WordOf.objects.values_list("word__text", "identifier_id"))

    before, near = everything(), NearWord.objects.count()
    index_names(crowd)
    rebuild()
    assert (everything(), NearWord.objects.count()) == (before, near)
    WordOf.objects.all().delete()
    rebuild()
    assert everything() == before


def test_a_name_that_nobody_bears_any_more_leaves_no_word(db: None, writing: None) -> None:
    one = somebody(Kind.USER_ID, "u1", firstName="Zébulon", lastName="Roy")
    two = somebody(Kind.USER_ID, "u2", lastName="Roy")
    index_names([one, two])
    Trait.objects.filter(value="Zébulon").delete()
    index_names([one])
    assert set(Word.objects.values_list("text", flat=True)) == {"roy"}
    forget([one])
    assert set(found("roy")) == {two}
    forget([two])
    assert not Word.objects.exists()
    assert not NearWord.objects.exists()


def test_other_traits_are_no_names(db: None, writing: None) -> None:
    one = somebody(Kind.USER_ID, "u1", company="Ardoise", prénom="Odile", Family_Name="Huet")
    index_names([one])
    assert found("ardoise") == {}
    assert found("odile huet") == {one: Why.NAME}


def test_near_words_share_a_key_whatever_the_errors() -> None:
    """Two errors in a long word, one in a short one: never missed by the neighbourhoods."""
    for word in ("roux", "martin", "camille", "lefevre", "carpentier", "deschamps"):
        once = spoilt(word)
        all_ = once | (
            {again for each in once for again in spoilt(each)} if len(word) > 8 else set()
        )
        for slip in all_:
            if distance(word, slip):
                assert near_keys(word) & near_keys(slip), (word, slip)


def test_folding() -> None:
    assert folded("Œuvray-ÇELİK Łukasz Straße") == "oeuvray-celik lukasz strasse"
    assert words_of("Anne-Sophie L’Hôte") == ("anne", "sophie", "annesophie", "hote", "lhote")


@pytest.mark.django_db
def test_a_seat_that_sees_no_contacts_finds_by_none_of_their_parts(writing: None) -> None:
    phone = somebody(Kind.PHONE, "+33612345678")
    card = somebody(Kind.LOYALTY_CARD, "9250001235678")
    odd = somebody(Kind.LOYALTY_CARD, "+33698765678")
    index_names([phone, card, odd])

    def by(text: str, *, contacts: bool) -> set[int | None]:
        return {hit.person for hit in find(text, setting=Setting(), contacts=contacts)}

    assert by("5678", contacts=True) == {phone, card, odd}
    assert by("5678", contacts=False) == {card}
    assert by("06 12 34 56 78", contacts=False) == {phone}
