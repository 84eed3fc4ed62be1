"""Rid the worker's own books of what a failed job may have quoted.

What jobs are given is an instant; what they leave is nothing; but where one fails, the engine that
counts them keeps the error, packed, with whatever its text quoted. Nobody reads it back: all go.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import OperationalError, connection

from pupitre.core.erasing import Erased, NotYet, Removed

FILE = "jobs.sqlite3"
SCHEMA = "dbos"
BUSY_SECONDS = 20.0
_TABLES = ("workflow_status", "operation_outputs")


def erase(who: Erased) -> Removed:  # noqa: ARG001  (what is packed is told apart by nobody)
    return _postgres() if connection.vendor == "postgresql" else _sqlite()


def _sqlite() -> Removed:
    path = Path(settings.DATA_DIR) / FILE
    if not path.exists():
        return Removed(0)
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as line:
            there = {name for (name,) in line.execute("SELECT name FROM sqlite_master")}
            found = sum(
                line.execute(f"UPDATE {table} SET error = NULL WHERE error IS NOT NULL").rowcount  # noqa: S608
                for table in _TABLES
                if table in there
            )
            line.execute("VACUUM")
            ((busy, _log, _done),) = line.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        raise NotYet("the worker's books are in use") from error
    if busy:
        raise NotYet("a reader holds the worker's books")
    return Removed(found)


def _postgres() -> Removed:
    found = 0
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA])
            there = {name for (name,) in cursor.fetchall()}
            cursor.execute("SET lock_timeout = '20s'")
            try:
                for table in _TABLES:
                    if table in there:
                        cursor.execute(
                            f"UPDATE {SCHEMA}.{table} SET error = NULL WHERE error IS NOT NULL"  # noqa: S608
                        )
                        found += cursor.rowcount
                        cursor.execute(f"VACUUM (FULL, ANALYZE) {SCHEMA}.{table}")
            finally:
                cursor.execute("SET lock_timeout = 0")
    except OperationalError as error:
        raise NotYet("the worker's books are in use") from error
    return Removed(found)
