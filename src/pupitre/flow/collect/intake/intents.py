"""What is about to be done to the lake, with the fingerprints that it concerns: noted down ahead.

The lake and the books are two stores, and no transaction spans both. The drain lives with that: its
round is planned, and nothing else looks its events up meanwhile. An import cannot: killed between
its append and its entry, it may go on days later, and until then the drain would let the same
events in again. So whoever appends events with ids of their own, or takes some out, first notes
their fingerprints here under the name of the lake's transaction, and crosses them out in the
transaction that enters the outcome. Whoever writes next, the drain or an import, settles what a
dead process has left: what the lake has done is entered, the rest is dropped.

All of it under the lake's writer lock, which the drain holds too from looking up to entering: so
the books of what was seen have one reader and writer at a time, in all processes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.fingerprints import DIGEST_BYTES


def intend(books: Books, batch: str, ids: Sequence[bytes], *, taking: bool = False) -> None:
    """Note that a transaction of the lake brings these ids in, or takes them out."""
    with books.engine.transaction():
        books.engine.run(
            "INSERT INTO intent(batch, taking, ids) VALUES (?, ?, ?)",
            [batch, int(taking), b"".join(ids)],
        )


def settle(books: Books, *, period: int, made: Callable[[str], bool]) -> None:
    """Enter or drop what was noted and never crossed out. ``made``: is it done in the lake?"""
    engine = books.engine
    for (batch,) in engine.run("SELECT batch FROM intent"):
        rows = engine.run(
            "SELECT taking, ids FROM intent WHERE batch = ?",
            [batch],
        )
        done = made(batch)
        with engine.transaction():
            for taking, joined in rows if done else ():
                whole = bytes(joined)
                ids = [whole[at : at + DIGEST_BYTES] for at in range(0, len(whole), DIGEST_BYTES)]
                if taking:
                    books.forget(ids)
                else:
                    seen = books.seen(period, ids)
                    books.remember(period, [one for one in ids if one not in seen])
            engine.run("DELETE FROM intent WHERE batch = ?", [batch])
