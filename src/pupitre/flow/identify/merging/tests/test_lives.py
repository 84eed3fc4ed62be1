"""Random lives of a book: events, joinings, separations, undoings and erasures, in any order.

``SEQUENCES=10000`` lives ten thousand of them; the tests' own run, a few.
"""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from pupitre.flow.identify.book.deciding import book_alone, decide_all
from pupitre.flow.identify.book.leaving import leave
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.following.tests.test_rounds import drawn, dump
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.merging.hands import NotPossible, join, part, take_back
from pupitre.flow.identify.models import Forgotten, Hand, Identifier, LateEvent
from pupitre.flow.identify.rights.forgetting import forget
from pupitre.flow.identify.rights.tables import lines_may_go
from pupitre.flow.identify.rights.targets import known_of
from pupitre.flow.identify.tests.kit import NOW, table
from pupitre.flow.identify.timeline.reading import stretches_of
from pupitre.rules.mandate import guard

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("SEQUENCES", "20"))
Name = tuple[str, str]


def heard(rows: list[dict[str, Any]]) -> None:
    if rows:
        rounds.hear(table(rows), at=NOW, setting=rounds.Setting())


def people() -> list[int]:
    found = Identifier.objects.exclude(person=None).values_list("person", flat=True)
    return sorted({one for one in found if one is not None})


def timelines() -> dict[int, Any]:
    """What each person's timeline is read from."""
    return {person: sorted(map(repr, stretches_of(person))) for person in people()}


class Life:
    """A book, what was done to it, and what undoes it."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.hands: list[tuple[Hand, list[Name], dict[int, Any] | None]] = []
        self.erased: set[Name] = set()
        self.gone: list[list[Name]] = []  # who was erased, one after the other
        self.taken: list[dict[str, Any]] = []  # what carried nobody erased when it came

    def joins_or_parts(self) -> None:
        there = people()
        before = timelines()
        with book_alone():
            try:
                if self.chance.random() < 0.6:
                    one, other = self.chance.sample(there, 2)
                    hand = join(one=one, other=other, reason="one", by="test", at=NOW)
                else:
                    person = self.chance.choice(there)
                    mine = list(
                        Identifier.objects.filter(person=person).values_list("pk", flat=True)
                    )
                    leaving = self.chance.sample(mine, self.chance.randint(1, len(mine)))
                    hand, _ = part(person=person, leaving=leaving, reason="two", by="test", at=NOW)
            except (NotPossible, ValueError, IndexError):
                return
        self.hands = [(one, names, None) for one, names, _ in self.hands]
        self.hands.append((hand, [], before))

    def undoes(self) -> None:
        standing = [one for one in self.hands if Hand.objects.filter(pk=one[0].pk).exists()]
        if not standing:
            return
        chosen = self.chance.choice(standing)
        self.hands.remove(chosen)
        hand, _, before = chosen
        with book_alone():
            take_back(Hand.objects.get(pk=hand.pk), by="test", at=NOW)
        if before is not None:  # nothing has come since: byte for byte as it was
            assert timelines() == before
        self.hands = [(one, names, None) for one, names, _ in self.hands]

    def hears(self, rows: list[dict[str, Any]]) -> None:
        heard(rows)
        self.taken += [row for row in rows if not carries(row, self.erased)]
        self.hands = [(one, names, None) for one, names, _ in self.hands]

    def erases(self) -> None:
        there = people()
        if not there:
            return
        whole = known_of(Identifier.objects.get(pk=self.chance.choice(there)))
        gone = [*whole.naming, *whole.own]
        names = [(one.kind, one.value) for one in gone]
        forget(names, at=NOW)
        goes([one.pk for one in gone])
        self.gone.append(names)
        self.erased.update(names)
        devices = {value for kind, value in names if kind == "anonymous_id"}
        self.taken = [
            {**row, "anonymous_id": None} if row.get("anonymous_id") in devices else row
            for row in self.taken
        ]
        self.hands = [(one, n, None) for one, n, _ in self.hands]


def goes(records: list[int]) -> None:
    with book_alone(), lines_may_go():
        leave(records)


def carries(row: dict[str, Any], erased: set[Name]) -> bool:
    gone = frozenset((Kind(kind), value) for kind, value in erased)
    claims = rounds.Claimed(rounds.Setting(), forgotten=gone)
    rounds.claimed(table([row]), claims)
    return bool(claims.late)


def replayed_hands(hands: list[dict[str, Any]]) -> None:
    """The same hands on another book, by names: keys depend on what came first."""
    for one in hands:
        hand = Hand.objects.create(joins=one["joins"], one=1, other=1, by="test", at=NOW)
        for a, b in one["pairs"]:
            ends = [Identifier.objects.get(kind=kind, value=value).pk for kind, value in (a, b)]
            hand.links.create(a_id=min(ends), b_id=max(ends))


def standing_hands() -> list[dict[str, Any]]:
    names = {one.pk: (one.kind, one.value) for one in Identifier.objects.all()}
    return [
        {
            "joins": hand.joins,
            "pairs": [(names[a], names[b]) for a, b in hand.links.values_list("a_id", "b_id")],
        }
        for hand in Hand.objects.filter(taken_back_at=None)
    ]


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_any_life_ends_where_its_evidence_leads(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    rows = drawn(chance, 30)
    life, left = Life(chance), list(rows)
    with guard.permitted():
        while left or chance.random() < 0.5:
            act = chance.random()
            if act < 0.45:
                count = chance.randint(1, 8)
                life.hears(left[:count])
                left = left[count:]
            elif act < 0.7:
                life.joins_or_parts()
            elif act < 0.9:
                life.undoes()
            else:
                life.erases()
            assert not decide_all()  # what was decided bit by bit is what all of it gives
        there = Identifier.objects.exclude(kind=Kind.ANONYMOUS_ID).values_list("kind", "value")
        assert not set(there) & life.erased
        late = set(LateEvent.objects.values_list("message_id", flat=True))
        assert late <= {row["message_id"] for row in rows if carries(row, life.erased)}
        ended, hands = dump(), standing_hands()
        # Another book: what was taken, in another order; then whoever was erased, at once.
        for model in (Hand, Identifier, Forgotten):
            model.objects.all().delete()
        chance.shuffle(life.taken)
        heard(life.taken)
        for names in life.gone:
            those = {name for name in names if name[0] != Kind.ANONYMOUS_ID}
            every = Identifier.objects.values_list("kind", "value", "pk")
            goes([pk for kind, value, pk in every if (kind, value) in those])
        replayed_hands(hands)
        decide_all()
        assert dump() == ended


def test_what_carries_somebody_erased_gives_nothing() -> None:
    with guard.permitted():
        rows = drawn(random.Random(1), 30)  # noqa: S311
        heard(rows)
        forget([("user_id", "a1")], at=NOW)
        Identifier.objects.all().delete()
        heard(rows)
        assert not Identifier.objects.filter(value="a1").exists()
        assert {row["message_id"] for row in rows if carries(row, {("user_id", "a1")})} == set(
            LateEvent.objects.values_list("message_id", flat=True)
        )
