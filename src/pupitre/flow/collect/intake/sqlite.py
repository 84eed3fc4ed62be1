"""The books in a SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BUSY_SECONDS = 20.0
CACHE_KB = 65_536
AT_ONCE = 500  # ids asked for in one statement


class SqliteEngine:
    blob = "BLOB"
    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"

    def __init__(self, path: Path, *, cache_kb: int = CACHE_KB) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.connection = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        path.chmod(0o600)
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"cache_size=-{cache_kb}",
            "wal_autocheckpoint=4000",
        ):
            self.connection.execute(f"PRAGMA {pragma}")

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, parameters).fetchall()

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        self.connection.executemany(sql, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def known(self, table: str, ids: Sequence[bytes]) -> set[bytes]:
        found: set[bytes] = set()
        ids = sorted(ids)  # neighbours share a page
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            rows = self.connection.execute(
                f"SELECT id FROM {table} WHERE id IN ({marks})",  # noqa: S608
                some,
            )
            found.update(id_ for (id_,) in rows)
        return found

    def insert_ids(self, table: str, ids: Sequence[bytes]) -> None:
        self.connection.executemany(
            f"INSERT INTO {table}(id) VALUES (?)",  # noqa: S608
            zip(ids, strict=True),
        )

    def delete_ids(self, table: str, ids: Sequence[bytes]) -> None:
        self.connection.executemany(
            f"DELETE FROM {table} WHERE id = ?",  # noqa: S608
            [(id_,) for id_ in sorted(ids)],
        )

    def tables(self) -> set[str]:
        return {str(name) for (name,) in self.run("SELECT name FROM sqlite_master")}

    def close(self) -> None:
        self.connection.close()
