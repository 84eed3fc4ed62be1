"""Who is who, against the same rules written with sets and loops, and against what must hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.identify.resolving import BY_HAND, Evidence, Limits, Resolved, resolve

USER, EMAIL, PHONE = 0, 1, 2
LIMITS = Limits(
    since={USER: 1, EMAIL: 2, PHONE: 3},
    most={USER: 1, EMAIL: 2},
    neighbours={EMAIL: 3, PHONE: 3},
)
Link = tuple[int, int, int]  # two identifiers and how strong it is


def evidence(
    kinds: Iterable[int], links: Iterable[Link], bars: Iterable[tuple[int, int]] = ()
) -> Evidence:
    columns = np.array(sorted(links), np.int64).reshape(-1, 3)
    return Evidence(
        np.array(list(kinds), np.int16),
        columns[:, 0],
        columns[:, 1],
        columns[:, 2].astype(np.int16),
        np.array(sorted(bars), np.int64).reshape(-1, 2),
    )


def people(found: Resolved) -> set[frozenset[int]]:
    groups: dict[int, set[int]] = {}
    for number, person in enumerate(found.person.tolist()):
        groups.setdefault(person, set()).add(number)
    assert all(person == min(group) for person, group in groups.items())
    return {frozenset(group) for group in groups.values()}


# --- the same rules, as they are said -------------------------------------------------------------


def joined(groups: set[frozenset[int]], links: Iterable[Link]) -> set[frozenset[int]]:
    left = set(groups)
    for a, b, _ in links:
        [one] = [group for group in left if a in group]
        [other] = [group for group in left if b in group]
        left -= {one, other}
        left.add(one | other)
    return left


@dataclass
class Spoken:
    """One component decided by the rules as their docstring says them."""

    kinds: list[int]
    links: list[Link]
    bars: list[tuple[int, int]]

    heard: dict[int, set[frozenset[int]]] = field(default_factory=dict)

    def breaks(self, *groups: frozenset[int]) -> bool:
        whole = frozenset().union(*groups)
        for kind, units in self.heard.items():
            mine = {unit for unit in units for x in unit & whole if self.kinds[x] == kind}
            if len(mine) > LIMITS.most[kind]:
                return True
        return any(p in whole and q in whole for p, q in self.bars)

    def may_break(self, group: frozenset[int]) -> bool:
        """Whether it would if each of its identifiers counted for itself."""
        of_kind = Counter(self.kinds[x] for x in group)
        many = any(of_kind[kind] > most for kind, most in LIMITS.most.items())
        return many or any(p in group and q in group for p, q in self.bars)

    def settled(self) -> set[frozenset[int]]:
        groups = {frozenset([x]) for x in range(len(self.kinds))}
        for strength in sorted({s for _, _, s in self.links}):
            for kind in LIMITS.most:
                if LIMITS.since[kind] < strength:
                    self.heard.setdefault(kind, set(groups))
            mine = [link for link in self.links if link[2] == strength]
            if strength == BY_HAND:
                groups = joined(groups, mine)
                continue
            at = {x: group for group in groups for x in group}
            bad = [g for g in joined(groups, mine) if self.breaks(g)]
            suspects = [link for link in mine if any(link[0] in g for g in bad)]
            direct = [
                link
                for link in suspects
                if at[link[0]] != at[link[1]] and self.breaks(at[link[0]], at[link[1]])
            ]
            suspects = [link for link in suspects if link not in direct]
            reach: dict[int, set[frozenset[int]]] = {}
            for a, b, _ in suspects:
                reach.setdefault(a, {at[a]}).add(at[b])
                reach.setdefault(b, {at[b]}).add(at[a])
            middle = {x for x, near in reach.items() if self.breaks(*near)}
            gone = direct + [link for link in suspects if {link[0], link[1]} & middle]
            mine = [link for link in mine if link not in gone]
            bad = [g for g in joined(groups, mine) if self.breaks(g)]
            groups = joined(groups, [link for link in mine if not any(link[0] in g for g in bad)])
        return groups


def spoken(kinds: list[int], links: list[Link], bars: list[tuple[int, int]]) -> Any:
    beside = Counter(
        x for pair in {frozenset(link[:2]) for link in links if link[2] != BY_HAND} for x in pair
    )
    crowded = {x for x, n in beside.items() if n > LIMITS.neighbours.get(kinds[x], 99)}
    heard = [link for link in links if link[2] == BY_HAND or not {link[0], link[1]} & crowded]
    found = set()
    for group in joined({frozenset([x]) for x in range(len(kinds))}, heard):
        if Spoken(kinds, heard, bars).may_break(group):
            inside = [link for link in heard if link[0] in group]
            found |= {one for one in Spoken(kinds, inside, bars).settled() if one <= group}
        else:
            found.add(group)
    return found


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[int], list[Link], list[tuple[int, int]]]:
    kinds = draw(st.lists(st.sampled_from([USER, EMAIL, PHONE]), min_size=2, max_size=12))
    number = st.integers(0, len(kinds) - 1)
    pair = st.tuples(number, number).filter(lambda p: p[0] != p[1]).map(lambda p: tuple(sorted(p)))
    links = draw(
        st.lists(
            st.tuples(pair, st.sampled_from([BY_HAND, 1, 2, 2, 2, 3, 3, 3])).map(
                lambda one: (*one[0], one[1])
            ),
            max_size=18,
            unique=True,
        )
    )
    # A hand never keeps apart what a hand has joined: the later of the two takes the other back.
    bars = draw(st.lists(pair, max_size=2, unique=True))
    hand = [link for link in links if link[2] == BY_HAND]
    by_hand = joined({frozenset([x]) for x in range(len(kinds))}, hand)
    bars = [bar for bar in bars if not any(set(bar) <= group for group in by_hand)]
    return kinds, links, bars


@given(worlds())
@settings(max_examples=400, deadline=None)
def test_it_is_what_the_rules_say(
    world: tuple[list[int], list[Link], list[tuple[int, int]]],
) -> None:
    kinds, links, bars = world
    assert people(resolve(evidence(kinds, links, bars), LIMITS)) == spoken(kinds, links, bars)


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=200, deadline=None)
def test_the_order_in_which_things_came_changes_nothing(
    world: tuple[list[int], list[Link], list[tuple[int, int]]], chance: Any
) -> None:
    kinds, links, bars = world
    usual = people(resolve(evidence(kinds, links, bars), LIMITS))
    other = list(range(len(kinds)))
    chance.shuffle(other)
    turned = [0] * len(kinds)
    for x, y in enumerate(other):
        turned[y] = kinds[x]
    again = resolve(
        evidence(
            turned,
            [(other[a], other[b], s) for a, b, s in links],
            [(other[p], other[q]) for p, q in bars],
        ),
        LIMITS,
    )
    assert people(again) == {frozenset(other[x] for x in group) for group in usual}


@given(worlds(), worlds())
@settings(max_examples=200, deadline=None)
def test_what_is_far_away_changes_nothing(
    one: tuple[list[int], list[Link], list[tuple[int, int]]],
    two: tuple[list[int], list[Link], list[tuple[int, int]]],
) -> None:
    """So a part can be decided again by itself: incremental is full."""
    n = len(one[0])
    both = resolve(
        evidence(
            one[0] + two[0],
            one[1] + [(a + n, b + n, s) for a, b, s in two[1]],
            one[2] + [(p + n, q + n) for p, q in two[2]],
        ),
        LIMITS,
    )
    alone = people(resolve(evidence(*one), LIMITS))
    beside = people(resolve(evidence(*two), LIMITS))
    assert people(both) == alone | {frozenset(x + n for x in group) for group in beside}


# --- as stories -----------------------------------------------------------------------------------


def told(kinds: list[int], *links: Link, bars: Iterable[tuple[int, int]] = ()) -> Any:
    found = resolve(evidence(kinds, links, bars), LIMITS)
    return people(found), found


def test_what_is_said_of_one_person_is_one_person() -> None:
    groups, found = told([USER, EMAIL, PHONE, USER], (0, 1, 1), (1, 2, 2))
    assert groups == {frozenset({0, 1, 2}), frozenset({3})}
    assert not found.refused.any()


def test_a_telephone_of_two_accounts_belongs_to_neither() -> None:
    groups, found = told([USER, USER, PHONE, EMAIL], (0, 2, 2), (1, 2, 2), (1, 3, 1))
    assert groups == {frozenset({0}), frozenset({1, 3}), frozenset({2})}
    assert found.between.tolist() == [False, False, True, False]
    assert found.refused.sum() == 2


def test_a_telephone_does_not_join_what_an_account_did_not() -> None:
    """Two addresses of one account are one person's; a third that shares its telephone is not."""
    limits = Limits(since={USER: 1, EMAIL: 2}, most={USER: 1, EMAIL: 1}, neighbours={})
    kinds = [USER, EMAIL, EMAIL, EMAIL, PHONE]
    links = [(0, 1, 2), (0, 2, 2), (2, 4, 3), (3, 4, 3)]
    found = resolve(evidence(kinds, links), limits)
    assert people(found) == {frozenset({0, 1, 2}), frozenset({3}), frozenset({4})}


def test_an_address_beside_too_many_says_nothing() -> None:
    kinds = [EMAIL, USER, USER, USER, USER]
    groups, found = told(kinds, *((0, x, 1) for x in range(1, 5)))
    assert groups == {frozenset({x}) for x in range(5)}
    assert found.crowded.tolist() == [True, False, False, False, False]


def test_what_a_hand_joined_counts_as_one() -> None:
    groups, _ = told([USER, USER, PHONE], (0, 2, 2), (1, 2, 2), (0, 1, BY_HAND))
    assert groups == {frozenset({0, 1, 2})}


def test_what_a_hand_keeps_apart_stays_apart() -> None:
    groups, found = told([USER, EMAIL, EMAIL], (0, 1, 1), (0, 2, 2), bars=[(1, 2)])
    assert groups == {frozenset({0, 1}), frozenset({2})}
    assert found.refused.tolist() == [False, True]


def test_nobody_at_all() -> None:
    found = resolve(evidence([], []), LIMITS)
    assert found.person.tolist() == []
