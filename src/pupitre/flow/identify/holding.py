"""In whose hand a device was: arrays in, arrays out.

A device names nobody. What somebody did on it without saying who they are belongs to whoever said
so around that instant, or to nobody:

- A device that one person alone has ever signed in on is theirs, all of it.
- On one that several have:
  1. an event that says who did it is theirs;
  2. between two sign-ins of one person that are less than half an hour apart, it is theirs, unless
     somebody else's sign-ins lie on both sides of it as well;
  3. within half an hour before or after, it is theirs, unless it is somebody else's as well.

None of it looks at the order in which events came, and only sign-ins have to be remembered. The
half hour is the one after which web analytics usually begin another session.

That what was done before a second person signed in for the first time was the first one's was
tried, and left out: on the shared tablets of 4,000 simulated people it was right in 2,083 of 4,212
cases. That a device of one person is theirs is wrong where somebody else has it in hand and never
signs in: of what is given to somebody who did not say so, 4 in 100 were another's there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PUT_DOWN_US = 30 * 60 * 1_000_000
ALWAYS_US = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Spans:
    """(n) each, in no order: on a device, a person, from an instant up to another, included."""

    device: Ints
    person: Ints
    from_us: Ints
    to_us: Ints

    def __getitem__(self, which: Flags) -> Spans:
        return Spans(self.device[which], self.person[which], self.from_us[which], self.to_us[which])


def stays(group: Ints, from_us: Ints, to_us: Ints) -> tuple[Ints, Ints]:
    """By group, the stays that instants and stays make together: what came first changes nothing,
    nor what is said twice. Groups in order; (n, 2) from and to."""
    found, start, end = _united(group, from_us, to_us + PUT_DOWN_US)
    return found, np.column_stack((start, end - PUT_DOWN_US))


def once_each(group: Ints, at_us: Ints) -> tuple[Ints, Ints]:
    """By group, in order, each instant once."""
    order = np.lexsort((at_us, group))
    group, at_us = group[order], at_us[order]
    new = np.ones(len(group), bool)
    new[1:] = (group[1:] != group[:-1]) | (at_us[1:] != at_us[:-1])
    return group[new], at_us[new]


def packed_by(group: Ints, values: Ints, groups: int) -> list[bytes]:
    """For each of so many groups, its values; both are in the order of groups."""
    ends = np.searchsorted(group, np.arange(groups + 1))
    return [packed(values[ends[one] : ends[one + 1]]) for one in range(groups)]


def packed(values: Ints) -> bytes:
    return np.ascontiguousarray(values, "<i8").tobytes()


def unpacked(blob: bytes | memoryview) -> Ints:
    return np.frombuffer(blob, "<i8").astype(np.int64)


def stretches(staying: Spans, said: Spans) -> Spans:
    """Whose each device was, when. ``staying``: from and to of each stay; ``said``: instants at
    which an event of the device itself said who did it. Of one device stretches never overlap; what
    lies in none is nobody's; of one person alone it is theirs for ever. By device and time."""
    everything = Spans(
        np.concatenate((staying.device, said.device)),
        np.concatenate((staying.person, said.person)),
        np.concatenate((staying.from_us, said.from_us)),
        np.concatenate((staying.to_us, said.to_us)),
    )
    if not len(everything.device):
        return everything
    devices, number = np.unique(everything.device, return_inverse=True)
    least = np.full(len(devices), ALWAYS_US)
    most = np.full(len(devices), -ALWAYS_US)
    np.minimum.at(least, number, everything.person)
    np.maximum.at(most, number, everything.person)
    alone = least == most
    shared = ~alone[number]
    parts = _shared(staying[shared[: len(staying.device)]], said[shared[len(staying.device) :]])
    theirs = np.flatnonzero(alone)
    whole = np.full(len(theirs), ALWAYS_US)
    found = Spans(
        np.concatenate((devices[theirs], parts.device)),
        np.concatenate((most[theirs], parts.person)),
        np.concatenate((-whole, parts.from_us)),
        np.concatenate((whole, parts.to_us)),
    )
    order = np.lexsort((found.from_us, found.device))
    return Spans(found.device[order], found.person[order], found.from_us[order], found.to_us[order])


def _shared(staying: Spans, said: Spans) -> Spans:
    """Devices of several people: at each instant, the first rule under which there is anybody
    decides, and only for one alone."""
    if not len(staying.device) + len(said.device):
        return staying
    levels = (
        _by_person(said, widened=0, apart=0),
        _by_person(staying, widened=0, apart=PUT_DOWN_US),
        _by_person(staying, widened=PUT_DOWN_US - 1, apart=1),
    )
    edges = []
    for which, ((where, who), first, last) in enumerate(levels):
        one, rule = np.ones(len(first), np.int64), np.full(len(first), which)
        edges += [(where, first, one, who, rule), (where, last + 1, -one, -who, rule)]
    device, at, sign, person, level = (
        np.concatenate(column) for column in zip(*edges, strict=True)
    )
    order = np.lexsort((at, device))
    device, at, sign, person, level = (
        column[order] for column in (device, at, sign, person, level)
    )
    whose = np.zeros(len(at), np.int64)
    many = np.zeros(len(at), np.int64)
    undecided = np.ones(len(at), bool)
    for which in range(3):
        here = level == which
        count = np.cumsum(np.where(here, sign, 0))
        sum_ = np.cumsum(np.where(here, person, 0))
        decided = undecided & (count > 0)
        whose[decided], many[decided] = sum_[decided], count[decided]
        undecided &= ~decided
    return _segments(device, at, np.where(many == 1, whose, NOBODY))


NOBODY = -1  # no person has this number


def _segments(device: Ints, at: Ints, whose: Ints) -> Spans:
    """What stands after each edge, up to the next one that changes it."""
    last = np.ones(len(at), bool)
    last[:-1] = (device[1:] != device[:-1]) | (at[1:] != at[:-1])
    device, at, whose = device[last], at[last], whose[last]  # of edges at one instant, all
    starts = np.ones(len(at), bool)
    starts[1:] = (device[1:] != device[:-1]) | (whose[1:] != whose[:-1])
    first = np.flatnonzero(starts)
    device, whose, from_us = device[first], whose[first], at[first]
    until = np.append(from_us[1:], 0)
    kept = whose != NOBODY  # after the last edge of a device it is nobody's: something follows
    return Spans(device[kept], whose[kept], from_us[kept], until[kept] - 1)


def _by_person(spans: Spans, *, widened: int, apart: int) -> tuple[tuple[Ints, Ints], Ints, Ints]:
    """What each person's spans on a device cover together, so that nobody counts twice; ``apart``:
    how far from each other spans are two. Devices and persons; starts; ends."""
    pairs, group = np.unique(
        np.column_stack((spans.device, spans.person)), axis=0, return_inverse=True
    )
    start, end = spans.from_us - widened, spans.to_us + widened
    found, start, end = _united(group.reshape(-1), start, end + apart)
    return (pairs[found, 0], pairs[found, 1]), start, end - apart


def _united(group: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """By group, in order, the fewest spans that cover the same; what ends where another begins is
    left apart from it. Ends are left out, but for a span that is an instant."""
    n = len(group)
    which = np.concatenate((group, group))
    at = np.concatenate((start, end))
    sign = np.concatenate((np.ones(n, np.int64), -np.ones(n, np.int64)))
    length = np.concatenate((end, end)) - np.concatenate((start, start))
    closing = (sign < 0) & (length > 0)  # before what opens at that instant; an instant stays open
    order = np.lexsort((~closing, at, which))
    open_ = np.cumsum(sign[order])
    opens = np.flatnonzero((open_ == 1) & (sign[order] > 0))
    closes = np.flatnonzero((open_ == 0) & (sign[order] < 0))
    return which[order][opens], at[order][opens], at[order][closes]
