"""The database's own files, written anew: what was deleted from tables is in no page of them.

SQLite leaves deleted rows in free pages and in its log; PostgreSQL leaves them in the table's file
until somebody writes over them, and samples of values in its statistics. PostgreSQL's own log (WAL)
goes with its retention, as backups do: the receipt says so.
"""

from __future__ import annotations

from django.db import OperationalError, connection

from pupitre.core.contributions import stores
from pupitre.core.erasing import NotYet, Removed

BUSY_MS = 20_000


def compact() -> Removed:
    """Outside of any transaction. Raises NotYet where somebody is in the way."""
    if connection.in_atomic_block:
        raise RuntimeError("a database is not written anew inside a transaction")
    try:
        tables = _sqlite() if connection.vendor == "sqlite" else _postgres()
    except OperationalError as error:
        raise NotYet("the database is in use") from error
    return Removed(found=0, unit="rows", proof=(("rewritten_tables", tables),))


def _sqlite() -> int:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if cursor.fetchone()[0]:
            raise NotYet("a reader holds the database")
    return len(connection.introspection.table_names())


def personal_tables() -> list[str]:
    """Tables that an eraser has taken rows from."""
    there = set(connection.introspection.table_names())
    kept = {table for store in stores if store.erases_tables for table in store.tables}
    return sorted(kept & there)


def _postgres() -> int:
    tables = personal_tables()
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {BUSY_MS}")
        try:
            for table in tables:
                cursor.execute(f"VACUUM (FULL, ANALYZE) {connection.ops.quote_name(table)}")
        finally:
            cursor.execute("SET lock_timeout = 0")
    return len(tables)
