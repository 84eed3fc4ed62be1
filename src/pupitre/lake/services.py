"""What other rooms do to the lake: append, erase, keep it tidy.

**One writer.** Exactly one process writes at a time, by a lock that ends with it. Being the writer
is cheap once this process has its connection open (the first time takes most of a second),
so nobody stays the writer for longer than a piece of work::

    with services.writer(wait_seconds=30) as writer:      # raises NotTheWriter
        new = writer.append(table, batch="intake:1042")   # False: it was appended before

* The drain takes the writer anew for each round (a round of a few seconds, or of some tens of
  thousands of events, makes few and well-filled files), then calls ``writer.tend()`` after it: that
  merges small files when there are many, and costs a few milliseconds otherwise. Between rounds
  an import, an erasure or the nightly upkeep comes in.
* An append is one lake transaction with its batch's name: replayed after a crash under the same
  name, with the same events, it does nothing and says False. Name a batch after what it holds (the
  first and last number of a journal, the chunk of a file), never after the time nor after
  a person: the names of batches are kept for 30 days, whoever is erased.
* Raised by ``append``: ``WrongShape`` (never retry), ``NotTheWriter`` and ``LakeError`` (retry the
  same batch later; nothing of it is in).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pyarrow as pa

from pupitre.lake import writing
from pupitre.lake.contracts import Erasure, Forgotten, Upkeep
from pupitre.lake.place import here
from pupitre.lake.writing import Writer

WAIT_SECONDS = 30.0
PATIENT_SECONDS = 600.0

__all__ = ["Writer", "append", "close", "erase", "keep_up", "prepare", "writer"]


@contextmanager
def writer(*, wait_seconds: float = WAIT_SECONDS) -> Iterator[Writer]:
    """Be the one who writes. Within it, the same thread may call the services below as well."""
    with writing.writer(here(), wait_seconds=wait_seconds) as held:
        yield held


def prepare() -> None:
    """Make the lake where there is none. Readers do it by themselves too."""
    with writer():
        pass


def append(table: pa.Table, *, batch: str) -> bool:
    """Append events of EVENT_SCHEMA in one transaction. False: the batch was there already."""
    with writer() as held:
        return held.append(table, batch=batch)


def erase(who: Forgotten) -> Erasure:
    """Erase every event that carries one of these identifiers, from every file, for good.

    Ends every past state of the lake: what was erased cannot be read back, nor anything else as it
    stood (but see ``queries.as_of``). Ask for many people at once rather than for each.
    """
    with writer(wait_seconds=PATIENT_SECONDS) as held:
        return held.erase(who)


def keep_up(*, at: datetime) -> Upkeep:
    """Merge small files, thin out old snapshots, delete what nothing needs."""
    with writer(wait_seconds=PATIENT_SECONDS) as held:
        return held.keep_up(at=at)


def close() -> None:
    """Let go of what this process keeps open for writing."""
    writing.close()
