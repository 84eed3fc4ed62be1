"""What DuckLake leaves to whoever keeps its catalogue: freed space, and values that were freed."""

from __future__ import annotations

import subprocess
import sys

import psycopg
from psycopg import sql

from pupitre.lake.connect import BUSY_MS
from pupitre.lake.contracts import LakeError
from pupitre.lake.place import CATALOGUE_SCHEMA, Place

PATIENCE_SECONDS = 600
# In a process of its own: POSIX locks belong to the process, so whoever opened the file in this one
# would, on closing it, drop the locks that DuckDB's copy of SQLite holds on it.
_VACUUM = """
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], timeout=float(sys.argv[2]), isolation_level=None)
(free,), (page,) = (
    base.execute(f"PRAGMA {what}").fetchone() for what in ("freelist_count", "page_size")
)
if free * page < int(sys.argv[3]):
    sys.exit(0)
base.execute("VACUUM")
busy, _, _ = base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
base.close()
sys.exit(3 if busy else 0)
"""


def vacuum(place: Place) -> None:
    """Rewrite the catalogue without what was deleted from it. Raises LakeError."""
    if place.on_postgres:
        _vacuum_postgres(place)
    else:
        _vacuum_sqlite(place, over_bytes=0)


def give_back(place: Place, *, over_bytes: int) -> None:
    """Rewrite a SQLite catalogue where so much of it is free; PostgreSQL looks after its own."""
    if not place.on_postgres:
        _vacuum_sqlite(place, over_bytes=over_bytes)


def _vacuum_sqlite(place: Place, *, over_bytes: int) -> None:
    arguments = (place.catalogue_file, BUSY_MS / 1000, over_bytes)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-c", _VACUUM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    if done.returncode == 3:
        raise LakeError("vacuum the catalogue", "PRAGMA wal_checkpoint", "a reader holds it")
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["it failed"])[-1]
        raise LakeError("vacuum the catalogue", "VACUUM", why)


# Columns that hold values of events: the least and the greatest of a file's, or of the table's.
_VALUES = """
SELECT c.relname, a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relname IN ('ducklake_file_column_stats', 'ducklake_table_column_stats')
  AND a.attname IN ('min_value', 'max_value', 'extra_stats')
  AND coalesce(a.attstattarget, -1) <> 0
"""


def keep_out_of_statistics(place: Place) -> None:
    """PostgreSQL samples values into pg_statistic, where no VACUUM of ours could reach them."""
    if not place.on_postgres:
        return
    try:
        with psycopg.connect(place.catalogue, autocommit=True) as line:
            for table, column in line.execute(_VALUES, [CATALOGUE_SCHEMA]).fetchall():
                line.execute(
                    sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET STATISTICS 0").format(
                        sql.Identifier(CATALOGUE_SCHEMA, table), sql.Identifier(column)
                    )
                )
    except psycopg.Error as error:
        why = str(error).strip().splitlines()[0]
        raise LakeError("keep values out of statistics", "ALTER TABLE …", why) from error


def _vacuum_postgres(place: Place) -> None:
    """FULL: plain VACUUM frees rows for others to overwrite, and leaves their bytes in place."""
    try:
        with psycopg.connect(place.catalogue, autocommit=True) as line:
            line.execute(f"SET lock_timeout = {BUSY_MS}")
            tables = line.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1",
                [CATALOGUE_SCHEMA],
            ).fetchall()
            for (table,) in tables:
                line.execute(
                    sql.SQL("VACUUM (FULL) {}").format(sql.Identifier(CATALOGUE_SCHEMA, table))
                )
    except psycopg.Error as error:
        why = str(error).strip().splitlines()[0]
        raise LakeError("vacuum the catalogue", "VACUUM FULL", why) from error


def size(place: Place) -> int:
    """Bytes that the catalogue takes up."""
    if not place.on_postgres:
        files = [place.catalogue_file, place.catalogue_file.with_name("catalogue.sqlite-wal")]
        return sum(file.stat().st_size for file in files if file.exists())
    with psycopg.connect(place.catalogue, autocommit=True) as line:
        found = line.execute(
            "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = %s AND c.relkind = 'r'",
            [CATALOGUE_SCHEMA],
        ).fetchone()
    return int(found[0]) if found else 0
