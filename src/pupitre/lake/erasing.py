"""Erasure: after it, no file of the lake holds what was erased.

A delete alone leaves the rows in files that older snapshots need, in the catalogue's statistics
(the least and greatest value of each column), and in the catalogue's free pages. So: delete,
rewrite the files that held the rows, expire every older snapshot, delete their files and any that a
crash left, rewrite the catalogue. Every part is done even where nothing is left to delete: an
erasure that a crash cut off is finished by asking again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pupitre.lake import catalogue, upkeep
from pupitre.lake.contracts import Erasure, Forgotten, Sql

if TYPE_CHECKING:
    from pupitre.lake.writing import Writer

_DELETE = Sql(
    "delete events",
    "DELETE FROM lake.events WHERE identity IN (SELECT unnest($identities)) "
    "OR user_id IN (SELECT unnest($user_ids)) "
    "OR anonymous_id IN (SELECT unnest($anonymous_ids)) "
    "OR previous_id IN (SELECT unnest($either)) "
    "OR (source || chr(31) || message_id) IN (SELECT unnest($messages))",
)
_REWRITE = Sql(
    "rewrite files without what was deleted",
    "SELECT files_processed FROM "
    "ducklake_rewrite_data_files('lake', 'events', delete_threshold => 0)",
)
UNIT_SEPARATOR = "\x1f"  # no id holds one: they are refused at the door


def erase(writer: Writer, who: Forgotten) -> Erasure:
    """Erase every event of these identifiers, for good. May be repeated."""
    began = time.perf_counter()
    given = {
        "identities": list(who.identities),
        "user_ids": list(who.user_ids),
        "anonymous_ids": list(who.anonymous_ids),
        "either": [*who.user_ids, *who.anonymous_ids],
        "messages": [f"{source}{UNIT_SEPARATOR}{id_}" for source, id_ in who.messages],
    }
    with writer.transaction("erasure", "events deleted"):
        [(events,)] = writer.rows(_DELETE, given)
    with writer.transaction("erasure", "files rewritten"):
        rewritten = sum(row[0] for row in writer.rows(_REWRITE))
    expired = upkeep.expire_all_but_newest(writer)
    deleted, orphaned = upkeep.delete_files(writer, before=None)
    catalogue.vacuum(writer.place)
    return Erasure(
        events=int(events),
        rewritten_files=int(rewritten),
        expired_snapshots=expired,
        deleted_files=deleted + orphaned,
        seconds=time.perf_counter() - began,
    )
