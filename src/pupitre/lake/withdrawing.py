"""Taking back what one piece of work brought in: from the newest state, and from every later one.

Not an erasure: the states before it stay as they were, and keep the events until they expire. By
then no file holds them, for the files that did are rewritten.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

from pupitre.lake import erasing
from pupitre.lake.contracts import Brought, Sql

if TYPE_CHECKING:
    from pupitre.lake.writing import Writer

# Files are passed over by the instants that they hold; the mark tells the rest apart.
_WHICH = "source = $source AND received_at = $received AND extra = $extra"
COUNT = Sql("count what was brought in", f"SELECT count(*) FROM {{events}} WHERE {_WHICH}")
_STANDING = Sql(
    "count what stands of it",
    f"SELECT count(*) FROM lake.events WHERE {_WHICH}",
)
_IDS = Sql(
    "first ids of what was brought in",
    f"SELECT message_id FROM lake.events WHERE {_WHICH} ORDER BY message_id LIMIT $most",
)
_WITHDRAW = Sql(
    "withdraw events",
    f"DELETE FROM lake.events WHERE {_WHICH} AND message_id <= $through",
)


def given(which: Brought) -> dict[str, Any]:
    received = which.received_at.astimezone(UTC).replace(tzinfo=None)
    return {"source": which.source, "received": received, "extra": which.extra}


def standing(writer: Writer, which: Brought) -> int:
    [(events,)] = writer.rows(_STANDING, given(which))
    return int(events)


def ids_of(writer: Writer, which: Brought, *, most: int) -> list[str]:
    """Message ids of the first of these events, in their order."""
    found = writer.run(_IDS, {**given(which), "most": most}).to_arrow_table()
    return [str(one) for one in found["message_id"].to_pylist()]


def withdraw(writer: Writer, which: Brought, *, through: str, batch: str) -> int:
    """Delete those up to a message id, once under the name of a batch. How many."""
    known = writer.made(batch)
    if known is not None:
        return known
    with writer.transaction("withdrawal", batch):
        [(events,)] = writer.rows(_WITHDRAW, {**given(which), "through": through})
        writer.record(batch, int(events))
    return int(events)


def rewrite(writer: Writer) -> int:
    """Rewrite the files that held what was withdrawn, without it. How many. May be repeated."""
    return erasing.rewrite(writer, author="withdrawal")
