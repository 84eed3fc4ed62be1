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
# DuckLake takes them from the files that are left when it rewrites one, and forgets to where whole
# files go away. Never NULL where a file has values: the next append would take its own extremes for
# the table's, and questions about the others would find nothing.
_LEFT = """
  SELECT {least_or_greatest}(f.{column})
  FROM {catalogue}.ducklake_file_column_stats AS f
  JOIN {catalogue}.ducklake_data_file AS d USING (data_file_id)
  WHERE d.end_snapshot IS NULL AND f.value_count > 0
    AND f.table_id = s.table_id AND f.column_id = s.column_id
"""
_EXTREMES = Sql(
    "take the least and greatest values from the files that are left",
    f"""
UPDATE {{catalogue}}.ducklake_table_column_stats AS s
SET min_value = ({_LEFT.replace("{least_or_greatest}", "min").replace("{column}", "min_value")}),
    max_value = ({_LEFT.replace("{least_or_greatest}", "max").replace("{column}", "max_value")})
WHERE (s.table_id, s.column_id) IN (
  SELECT (c.table_id, c.column_id)
  FROM {{catalogue}}.ducklake_column AS c
  JOIN {{catalogue}}.ducklake_table AS t USING (table_id)
  WHERE t.table_name = 'events' AND t.end_snapshot IS NULL AND c.end_snapshot IS NULL
    AND c.column_type = 'varchar')
""",
)
UNIT_SEPARATOR = "\x1f"  # no id holds one: they are refused at the door


def rewrite(writer: Writer, *, author: str) -> int:
    """Rewrite the files that hold deleted rows without them. How many."""
    with writer.transaction(author, "files rewritten"):
        return int(sum(row[0] for row in writer.rows(_REWRITE)))


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
    rewritten = rewrite(writer, author="erasure")
    writer.run(_EXTREMES)
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
