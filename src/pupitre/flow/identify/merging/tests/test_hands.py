"""Random lives of a book: events, hands and what is taken back. Whatever the order, undone is as
it was, and deciding everything again changes nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest

from pupitre.flow.identify.book.deciding import book_alone, decide_all, foresee
from pupitre.flow.identify.book.reading import person_of
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.following.tests.test_rounds import drawn, dump
from pupitre.flow.identify.merging.hands import NotPossible, ends_of, join, part, take_back
from pupitre.flow.identify.models import Hand, Identifier
from pupitre.flow.identify.tests.kit import NOW, table
from pupitre.rules.mandate import guard

pytestmark = pytest.mark.django_db


def heard(rows: list[dict[str, Any]]) -> None:
    rounds.hear(table(rows), at=NOW, setting=rounds.Setting())


def people() -> list[int]:
    found = Identifier.objects.exclude(person=None).values_list("person", flat=True)
    return sorted({one for one in found if one is not None})


def whose() -> dict[int, int | None]:
    return dict(Identifier.objects.values_list("pk", "person"))


def any_hand(chance: random.Random) -> Hand | None:
    there = people()
    with book_alone():
        try:
            if chance.random() < 0.6:
                one, other = chance.sample(there, 2)
                return join(one=one, other=other, reason="the same", by="test", at=NOW)
            person = chance.choice(there)
            mine = list(Identifier.objects.filter(person=person).values_list("pk", flat=True))
            leaving = chance.sample(mine, chance.randint(1, len(mine)))
            return part(person=person, leaving=leaving, reason="two", by="test", at=NOW)[0]
        except (NotPossible, ValueError):
            return None


@pytest.mark.parametrize("seed", range(25))
def test_undone_is_as_it_was_and_what_came_since_goes_where_its_evidence_leads(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    rows = drawn(chance, 45)
    with guard.permitted():
        heard(rows[:25])
        before, numbers = dump(), whose()
        hands = [hand for _ in range(chance.randint(1, 5)) if (hand := any_hand(chance))]
        assert not decide_all()
        for person in numbers.values():  # old numbers lead somewhere, whatever hands did
            assert person is None or person_of(person) in people()
        late = chance.random() < 0.5
        if late:
            heard(rows[25:])
        chance.shuffle(hands)
        for hand in hands:
            foreseen = foresee(ends_of(hand), without=hand.pk)
            with book_alone():
                take_back(hand, by="test", at=NOW)
            assert {pk: whose()[pk] for pk in foreseen} == foreseen
            assert not decide_all()
        if not late:
            assert dump() == before
            assert whose() == numbers
            return
        after = dump()
        Hand.objects.all().delete()
        Identifier.objects.all().delete()
        heard(rows)
        assert dump() == after


def test_joined_by_hand_stays_joined_whatever_else_is_said() -> None:
    with guard.permitted():
        heard(drawn(random.Random(3), 30))  # noqa: S311
        one, other = people()[:2]
        mine = list(Identifier.objects.filter(person__in=(one, other)).values_list("pk", flat=True))
        with book_alone():
            join(one=one, other=other, reason="the same", by="test", at=NOW)
        heard(drawn(random.Random(4), 60))  # noqa: S311
        assert len({person_of(pk) for pk in mine}) == 1
        assert not decide_all()


def test_what_is_kept_apart_stays_apart_whatever_else_is_said() -> None:
    with guard.permitted():
        heard(drawn(random.Random(5), 30))  # noqa: S311
        person = max(people(), key=lambda one: Identifier.objects.filter(person=one).count())
        mine = list(Identifier.objects.filter(person=person).values_list("pk", flat=True))
        with book_alone():
            part(person=person, leaving=mine[:1], reason="two", by="test", at=NOW)
        heard(drawn(random.Random(6), 60))  # noqa: S311
        leaving = person_of(mine[0])
        assert all(person_of(pk) != leaving or leaving is None for pk in mine[1:])
        assert not decide_all()
