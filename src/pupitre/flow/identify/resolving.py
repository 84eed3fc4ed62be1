"""Who is who: from identifiers and what links them to people. Pure: arrays in, arrays out.

A person is a connected component of the identifiers that name somebody, under three rules, none of
which looks at the order in which evidence came:

1. An identifier beside more others than its kind allows says nothing: all its links are left out.
2. Evidence is heard from the strongest class to the weakest, and weaker evidence does not join what
   stronger evidence left apart: an account may have two cards, a telephone does not make one person
   of two cards' holders. Where a class would join more of a kind than it may, or two that a hand
   keeps apart, then the identifiers that stand between those people belong to neither, and links
   that join them directly are refused.
3. What a hand has joined stays joined, and counts as one.

Since a verdict depends on nothing outside of the component that all links together make, deciding
one such component again after a change gives what deciding all of them would (``resolve`` of a part
is a part of ``resolve``).

Components: Pearce's algorithm as in ``scipy.sparse.csgraph.connected_components``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int16]
Flags = npt.NDArray[np.bool_]
BY_HAND = 0  # the strength of a link that a person made


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of some identifiers, which are numbered from 0.

    ``kind``: (n) code of each identifier's kind. ``a``, ``b``: (m) the two that a link joins, each
    pair once for each strength. ``strength``: (m) ``BY_HAND`` is the strongest, and larger is
    weaker. ``bars``: (k, 2) pairs that a hand keeps apart.
    """

    kind: Codes
    a: Ints
    b: Ints
    strength: Codes
    bars: Ints


@dataclass(frozen=True, slots=True)
class Limits:
    """By code of kind. ``since``: the strength of the evidence that a kind itself is; what that and
    stronger evidence has joined counts as one. ``most``: how many weaker evidence may join.
    ``neighbours``: how many others one may stand beside."""

    since: Mapping[int, int]
    most: Mapping[int, int]
    neighbours: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Resolved:
    """``person``: (n) the least number among the identifiers of each one's person.
    ``crowded``: (n) beside too many others. ``between``: (n) stands between people that must stay
    apart. ``refused``: (m) links that were not followed, for any of these reasons."""

    person: Ints
    crowded: Flags
    between: Flags
    refused: Flags


def resolve(evidence: Evidence, limits: Limits) -> Resolved:
    """O(n + m) but for components that break a rule, which cost one more pass for each strength."""
    n = len(evidence.kind)
    crowded = _crowded(evidence, limits)
    hand = evidence.strength == BY_HAND
    heard = hand | ~(crowded[evidence.a] | crowded[evidence.b])
    every = bool(heard.all())
    a, b = (evidence.a, evidence.b) if every else (evidence.a[heard], evidence.b[heard])
    label = _components(n, a, b)
    # Each is counted here, whatever joined it: what breaks no rule then breaks none.
    broken = _broken(label, _scarce(evidence, limits), evidence.bars, limits)
    between, refused = np.zeros(n, bool), ~heard
    if broken.any():
        inside = broken[label]
        chosen = np.flatnonzero(heard & inside[evidence.a])
        part, numbers = _part(evidence, inside, chosen)
        settled = _Settling(part, limits)
        settled.run()
        label[numbers] = label.max() + 1 + settled.label
        between[numbers] = settled.between
        refused[chosen] = settled.refused
    return Resolved(least(label), crowded, between, refused)


def least(label: Ints) -> Ints:
    """The least index that has each one's label."""
    first = np.empty(int(label.max(initial=-1)) + 1, np.int64)
    first[label[::-1]] = np.arange(len(label) - 1, -1, -1)  # of equal places the last one is kept
    found: Ints = first[label]
    return found


def connected(n: int, a: Ints, b: Ints) -> Ints:
    """(n) the least number among those that each one is connected with by these pairs."""
    return least(_components(n, a, b))


def _distinct(values: Ints) -> Ints:
    """Sorted. By sorting: ``numpy.unique`` hashes, which took ten times as long."""
    found = np.sort(values)
    return found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found


def _components(n: int, a: Ints, b: Ints) -> Ints:
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1], np.int64)


def _crowded(evidence: Evidence, limits: Limits) -> Flags:
    """Which stand beside too many others; what a hand joined is no crowd."""
    n = len(evidence.kind)
    others: Flags | slice = evidence.strength != BY_HAND
    if isinstance(others, np.ndarray) and others.all():
        others = slice(None)  # no copy of what is all of it
    beside = np.bincount(evidence.a[others], minlength=n)
    beside += np.bincount(evidence.b[others], minlength=n)
    allowed = np.full(int(evidence.kind.max(initial=0)) + 1, np.iinfo(np.int64).max)
    for code, most in limits.neighbours.items():
        if code < len(allowed):
            allowed[code] = most
    suspect = beside > allowed[evidence.kind]
    if not suspect.any():
        return suspect
    # Counted again without doubles: a pair may be linked by evidence of several strengths.
    near = np.flatnonzero(suspect[evidence.a] | suspect[evidence.b])
    near = near[evidence.strength[near] != BY_HAND]
    a, b = evidence.a[near], evidence.b[near]
    pairs = _distinct(np.minimum(a, b) * n + np.maximum(a, b))
    beside = np.bincount(pairs // n, minlength=n) + np.bincount(pairs % n, minlength=n)
    return np.asarray(suspect & (beside > allowed[evidence.kind]))


def _scarce(evidence: Evidence, limits: Limits) -> dict[int, Ints]:
    """The identifiers of each kind of which there is more than a person may have."""
    there = np.bincount(evidence.kind, minlength=1)
    return {
        code: np.flatnonzero(evidence.kind == code)
        for code, most in limits.most.items()
        if code < len(there) and there[code] > most
    }


def _broken(label: Ints, scarce: Mapping[int, Ints], bars: Ints, limits: Limits) -> Flags:
    """By label: whether a rule is broken there."""
    broken = np.zeros(int(label.max(initial=-1)) + 1, bool)
    for code, numbers in scarce.items():
        broken |= np.bincount(label[numbers], minlength=len(broken)) > limits.most[code]
    if len(bars):
        p, q = label[bars[:, 0]], label[bars[:, 1]]
        broken[p[p == q]] = True
    return broken


def _part(evidence: Evidence, inside: Flags, chosen: Ints) -> tuple[Evidence, Ints]:
    """The evidence within some components, numbered anew; and the old numbers."""
    numbers = np.flatnonzero(inside)
    new = np.full(len(inside), -1, np.int64)
    new[numbers] = np.arange(len(numbers))
    bars = new[evidence.bars] if len(evidence.bars) else evidence.bars
    part = Evidence(
        evidence.kind[numbers],
        new[evidence.a[chosen]],
        new[evidence.b[chosen]],
        evidence.strength[chosen],
        bars[(bars >= 0).all(axis=1)],
    )
    return part, numbers


class _Settling:
    """Components that break a rule, heard class by class."""

    def __init__(self, evidence: Evidence, limits: Limits) -> None:
        self.evidence, self.limits = evidence, limits
        self.every = _scarce(evidence, limits)
        self.scarce: dict[int, Ints] = {}  # of the kinds that are heard already: one for each unit
        n = len(evidence.kind)
        self.label = np.arange(n)
        self.between = np.zeros(n, bool)
        self.refused = np.zeros(len(evidence.a), bool)

    def run(self) -> None:
        for strength in np.unique(self.evidence.strength).tolist():
            self._count_as_one(before=strength)
            links = np.flatnonzero(self.evidence.strength == strength)
            label, bad = self._following(links)
            if strength == BY_HAND or not bad.any():
                self.label = label
            else:
                self._with_care(links, bad)

    def _count_as_one(self, *, before: int) -> None:
        for code, numbers in self.every.items():
            if code not in self.scarce and self.limits.since[code] < before:
                _, first = np.unique(self.label[numbers], return_index=True)
                self.scarce[code] = numbers[first]

    def _following(self, links: Ints) -> tuple[Ints, Flags]:
        """The labels that following these links would give, and which of them lie where that
        breaks a rule."""
        a, b = self.label[self.evidence.a[links]], self.label[self.evidence.b[links]]
        label = _components(int(self.label.max(initial=-1)) + 1, a, b)
        bars = self._standing_bars()
        broken = _broken(label[self.label], self.scarce, bars, self.limits)
        return label[self.label], broken[label[a]]

    def _standing_bars(self) -> Ints:
        """Those that stronger evidence has not joined in spite of them: there is nothing more to
        keep apart there, and what is said of the one that they are is heard."""
        bars = self.evidence.bars
        found: Ints = bars[self.label[bars[:, 0]] != self.label[bars[:, 1]]]
        return found

    def _with_care(self, links: Ints, bad: Flags) -> None:
        suspects = links[bad]
        direct = self._joining_full(suspects)
        self.refused[suspects[direct]] = True
        suspects = suspects[~direct]
        middle = self._standing_between(suspects)
        self.between |= middle
        through = middle[self.evidence.a[suspects]] | middle[self.evidence.b[suspects]]
        self.refused[suspects[through]] = True
        links = links[~self.refused[links]]
        label, bad = self._following(links)
        if bad.any():
            # A chain of several may still join what must stay apart: none of it is followed.
            self.refused[links[bad]] = True
            label, _ = self._following(links[~bad])
        self.label = label

    def _joining_full(self, links: Ints) -> Flags:
        """Links whose two ends, as they stand, may not be one person."""
        a, b = self.label[self.evidence.a[links]], self.label[self.evidence.b[links]]
        rows = np.arange(len(links))
        too_much = self._too_much(np.concatenate((rows, rows)), np.concatenate((a, b)), len(links))
        return np.asarray(too_much & (a != b))

    def _standing_between(self, links: Ints) -> Flags:
        """Identifiers whose own group and all that their links reach may not be one person."""
        n = len(self.evidence.kind)
        a, b = self.evidence.a[links], self.evidence.b[links]
        ends = _distinct(np.concatenate((a, b)))
        who = np.concatenate((a, b, ends))
        group = self.label[np.concatenate((b, a, ends))]
        return self._too_much(who, group, n)

    def _too_much(self, row: Ints, group: Ints, rows: int) -> Flags:
        """By row: whether its groups together break a rule."""
        groups = int(self.label.max(initial=-1)) + 1
        pairs = _distinct(row * groups + group)
        row, group = pairs // groups, pairs % groups
        found = np.zeros(rows, bool)
        for code, numbers in self.scarce.items():
            most = self.limits.most[code]
            of_group = np.bincount(self.label[numbers], minlength=groups)
            found |= np.bincount(row, weights=of_group[group], minlength=rows) > most
        bars = self._standing_bars()
        if len(bars):
            found |= _of_both(row, group, rows, self.label[bars])
        return found


def _of_both(row: Ints, group: Ints, rows: int, bars: Ints) -> Flags:
    """Which rows have both groups of any of these pairs."""
    found = np.zeros(rows, bool)
    order = np.argsort(group, kind="stable")
    row, group = row[order], group[order]
    for p, q in np.unique(np.sort(bars, axis=1), axis=0).tolist():
        of_p = row[np.searchsorted(group, p) : np.searchsorted(group, p, side="right")]
        of_q = row[np.searchsorted(group, q) : np.searchsorted(group, q, side="right")]
        found[np.intersect1d(of_p, of_q)] = True
    return found
