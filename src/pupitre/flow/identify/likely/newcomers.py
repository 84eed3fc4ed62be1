"""New people against everybody, without a full run: an index in the worker's memory.

It is made when it is first asked for, again when a model has been learnt, and at once after an
erasure: what was erased is in no index that is used. People who came since are in a small index
beside it, which is cheap to make; from MOST_RECENT of them on the large one is made again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from pupitre.core import clock
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.likely import models_kept, records, thresholds, writing
from pupitre.flow.identify.likely.writing import MATCHER, Written
from pupitre.flow.identify.matching import newcomers, zones
from pupitre.flow.identify.matching.contracts import PERSON, Pair, Thresholds, Zone
from pupitre.flow.identify.matching.model import Model
from pupitre.flow.identify.models import ErasedStore, Forgotten
from pupitre.rules.mandate.machines import at_work

MOST_RECENT = 2_000  # people in the small index
BOOK = "identify.book"  # the store
MOST_AT_ONCE = 500  # newcomers of one call: some seconds


@dataclass
class _Held:
    """What the index was made from, the index, and who came since."""

    model_key: int
    forgotten: tuple[int, int]
    index: newcomers.Index
    recent: pa.Table  # records, newest last


_lock = threading.Lock()
_held: _Held | None = None


def compare_new(persons: Iterable[int], *, at: datetime | None = None) -> Written:
    """Compare these with everybody and with one another; link and propose what comes of it.

    Nothing where no model has been learnt yet. At most ``MOST_AT_ONCE`` are compared; more is for
    a full run.
    """
    new = records.some(sorted(set(persons))[:MOST_AT_ONCE])
    if not len(new):
        return Written()
    with _lock:
        held = _ready(new)
        if held is None:
            return Written()
        pairs = _pairs(held, new)
    when, done = at or clock.now(), Written()
    for part in writing.write(pairs, at=when):
        done += part
    if done.linked:
        with at_work(MATCHER), book_alone():
            writing.settle(at=when)
    return done


def forget() -> int:
    """Nobody is in memory any more. How many were."""
    global _held
    with _lock:
        held = 0 if _held is None else len(_held.index) + len(_held.recent)
        _held = None
    return held


def let_go() -> None:
    """Drop the index where somebody was erased since it was made: it is not asked for again
    until the next newcomer, and holds everybody until then."""
    global _held
    with _lock:
        if _held is not None and _held.forgotten != _erasures():
            _held = None


def _ready(new: pa.Table) -> _Held | None:
    """The index as it must be now, with the newcomers among the recent. Within the lock."""
    global _held
    key, forgotten = models_kept.latest_key(), _erasures()
    if key is None:
        _held = None
        return None
    stale = _held is None or (_held.model_key, _held.forgotten) != (key, forgotten)
    if _held is not None and not stale:
        _held.recent = _with(_held.recent, new)
        stale = len(_held.recent) > MOST_RECENT
    if stale:
        _held = None  # never two of them at once in memory
        latest = models_kept.latest()
        if latest is None:
            return None
        everybody = records.everybody()
        _held = _Held(
            latest[0], forgotten, newcomers.prepared(latest[1], everybody), everybody.slice(0, 0)
        )
    return _held


def _erasures() -> tuple[int, int]:
    """The last one decided, and the last of which the book is rid: what was made anew in between
    has them yet."""
    decided = Forgotten.objects.order_by("-pk").values_list("pk", flat=True)
    carried_out = ErasedStore.objects.filter(store=BOOK).order_by("-pk")
    return decided.first() or 0, carried_out.values_list("pk", flat=True).first() or 0


def _with(recent: pa.Table, new: pa.Table) -> pa.Table:
    """Somebody of whom more is known now stands there once, as they are known now."""
    known = set(new[PERSON].to_pylist())
    stay = [one not in known for one in recent[PERSON].to_pylist()]
    return pa.concat_tables([recent.filter(pa.array(stay, pa.bool_())), new])


def _pairs(held: _Held, new: pa.Table) -> list[Pair]:
    model, lines = held.index.model, thresholds.current()
    recent = newcomers.beside(held.index, held.recent) if len(held.recent) else None
    found: dict[frozenset[str], Pair] = {}
    for row in range(len(new)):
        one = new.slice(row, 1)
        for index in (held.index, recent):
            if index is not None:
                for pair in _sorted(newcomers.compare(index, one), model, lines):
                    found.setdefault(frozenset((pair.left, pair.right)), pair)
    return sorted(found.values(), key=lambda pair: (-pair.weight, pair.left, pair.right))


def _sorted(scored: pa.Table, model: Model, lines: Thresholds) -> list[Pair]:
    found = zones.sort(scored, model, lines)
    return [pair for zone in (Zone.LINKED, Zone.PROPOSED) for pair in found.pairs(zone)]
