"""Which of several values of a trait is shown. Pure: arrays in, arrays out, in no order of arrival.

1. What the desk corrected stands. It is set aside only by a value that a source says *for the
   first time* after the correction: a source that repeats what was corrected changes nothing. The
   rule of the trait then chooses among such newer values alone.
2. *Latest*: said last. *Source*: said by the most trusted source; within one, the latest.
   *Frequent*: said by most pairs of an identifier and a source; among equals the latest.
3. Equals are told apart by the value itself, the least in Unicode's order, then by the source.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
DESK = "desk"  # the source of what a person of the house corrected
LATEST, BY_SOURCE, FREQUENT = 0, 1, 2
NEVER = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class Heard:
    """Rows of what sources say. ``group``: one person's one trait, numbered from 0. ``value`` and
    ``source`` are places in the order of their texts. ``rank``: trust, 0 is the highest."""

    group: Ints
    value: Ints
    source: Ints
    identifier: Ints
    first_us: Ints
    last_us: Ints
    desk: Flags
    rule: Ints
    rank: Ints


@dataclass(frozen=True, slots=True)
class Chosen:
    """``row``: by group, the row that is shown. ``corrected``: by group, because the desk said."""

    row: Ints
    corrected: Flags


def choose(heard: Heard) -> Chosen:
    """One row of each group."""
    groups = int(heard.group.max(initial=-1)) + 1
    corrected_us = np.full(groups, NEVER)
    np.maximum.at(corrected_us, heard.group[heard.desk], heard.last_us[heard.desk])
    since = corrected_us[heard.group]
    newer = ~heard.desk & (since != NEVER) & (heard.first_us > since)
    overtaken = np.zeros(groups, bool)
    overtaken[heard.group[newer]] = True
    corrected = (corrected_us != NEVER) & ~overtaken
    stands = np.where(
        since == NEVER,
        True,
        np.where(overtaken[heard.group], newer, heard.desk & (heard.last_us == since)),
    )
    rule = np.where(corrected[heard.group], LATEST, heard.rule)
    first = np.select(
        [rule == BY_SOURCE, rule == FREQUENT],
        [heard.rank, -_voices(heard, stands)],
        default=0,
    )
    order = np.lexsort(
        (heard.source, heard.value, -heard.last_us, first, ~stands, heard.group)
    )  # the last key counts first
    leads = np.concatenate(([True], np.diff(heard.group[order]) > 0)) if len(order) else order
    row = np.full(groups, -1, np.int64)
    row[heard.group[order[leads]]] = order[leads]
    return Chosen(row, corrected)


def _voices(heard: Heard, stands: Flags) -> Ints:
    """By row: how many pairs of an identifier and a source say its value, of those that stand."""
    said = np.stack((heard.group, heard.value, heard.identifier, heard.source), axis=1)
    once = np.unique(said[stands], axis=0)
    values, voices = np.unique(once[:, :2], axis=0, return_counts=True)
    width = int(heard.value.max(initial=0)) + 1
    keys = values[:, 0] * width + values[:, 1]
    at = np.searchsorted(keys, heard.group * width + heard.value)
    found = np.zeros(len(heard.group), np.int64)
    inside = at < len(keys)
    same = np.zeros(len(found), bool)
    same[inside] = keys[at[inside]] == (heard.group * width + heard.value)[inside]
    found[same] = voices[at[same]]
    return found
