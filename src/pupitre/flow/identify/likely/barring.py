"""Who may not be made one, or asked about again: what hands keep apart, what stewards refused,
and more of a kind than a person may have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from pupitre.flow.identify.book.deciding import CODES, LIMITS
from pupitre.flow.identify.book.reading import people_of
from pupitre.flow.identify.models import HandLink, Identifier, MatchAnswer, Proposal

Two = frozenset[int]  # two people
AT_ONCE = 5_000


def apart() -> frozenset[Two]:
    """Pairs of people that a hand keeps apart, or that somebody said are two."""
    pairs = [
        *HandLink.objects.filter(hand__joins=False, hand__taken_back_at=None).values_list(
            "a_id", "b_id"
        ),
        *Proposal.objects.filter(answer=MatchAnswer.REFUSED).values_list("a_id", "b_id"),
    ]
    whose = people_of(number for pair in pairs for number in pair)
    found = (frozenset((whose.get(a, -1), whose.get(b, -1))) for a, b in pairs)
    return frozenset(two for two in found if len(two) == 2 and -1 not in two)


def kinds_of(persons: Iterable[int]) -> dict[int, Counter[int]]:
    """How many identifiers of each kind (its code) each person has."""
    wanted = sorted(set(persons))
    found: dict[int, Counter[int]] = {person: Counter() for person in wanted}
    for at in range(0, len(wanted), AT_ONCE):
        rows = (
            Identifier.objects.filter(person__in=wanted[at : at + AT_ONCE])
            .values_list("person", "kind")
            .annotate(there=Count("pk"))
        )
        for person, kind, there in rows:
            if person is not None:
                found[person][CODES[kind]] = there
    return found


def too_much(kinds: Counter[int]) -> bool:
    """Whether one person would have more of a kind than a person has: two accounts, two cards."""
    return any(kinds[kind] > most for kind, most in LIMITS.most.items())


@dataclass
class Groups:
    """People as links by rule would join them, one link after the other."""

    kinds: dict[int, Counter[int]]
    apart: frozenset[Two]
    _of: dict[int, int] = field(default_factory=dict)
    _members: dict[int, list[int]] = field(default_factory=dict)

    def joined(self, one: int, other: int) -> bool:
        """Join them, unless that broke a limit or crossed a bar."""
        a, b = self._of.get(one, one), self._of.get(other, other)
        if a == b:
            return True
        left, right = self._members.get(a, [a]), self._members.get(b, [b])
        if any(frozenset((x, y)) in self.apart for x in left for y in right):
            return False
        together = self.kinds[a] + self.kinds[b]
        if too_much(together):
            return False
        self.kinds[a], self._members[a] = together, [*left, *right]
        for person in right:
            self._of[person] = a
        return True
