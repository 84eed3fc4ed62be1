"""Rid the books of one person: refused events and last events that mention them.

Counts and the fingerprints of message ids name nobody, and stay: the fingerprints keep what was
erased from coming in a second time.
"""

from __future__ import annotations

from typing import Any

from pupitre.core.erasing import Erased, Removed
from pupitre.flow.collect.erasing.journal import rewrite_books
from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.home import home
from pupitre.lake import services as lake

ROWS_AT_ONCE = 500
_TABLES = {
    "quarantine": "SELECT id, source, '', detail, raw FROM quarantine WHERE id > ? "
    "ORDER BY id LIMIT ?",
    "latest": "SELECT id, source, message_id, coalesce(name, ''), shown FROM latest WHERE id > ? "
    "ORDER BY id LIMIT ?",
}


def erase(who: Erased) -> Removed:
    """Under the lake's writer lock, which the drain holds while it writes here."""
    desk = home().desk()
    try:
        with lake.writer(wait_seconds=lake.PATIENT_SECONDS):
            found = {table: _erased(desk.books, table, who) for table in _TABLES}
            rewrite_books(desk.books, *_TABLES)
            left = sum(len(_theirs(desk.books, table, who)) for table in _TABLES)
    finally:
        desk.close()
    return Removed(
        found=sum(found.values()),
        left=left,
        unit="rows",
        proof=(("quarantine", found["quarantine"]), ("latest", found["latest"])),
    )


def _erased(books: Books, table: str, who: Erased) -> int:
    ids = _theirs(books, table, who)
    with books.engine.transaction():
        books.engine.many(f"DELETE FROM {table} WHERE id = ?", [(id_,) for id_ in ids])  # noqa: S608
    return len(ids)


def _theirs(books: Books, table: str, who: Erased) -> list[int]:
    found: list[int] = []
    after, messages = -1, set(who.messages)
    while rows := books.engine.run(_TABLES[table], [after, ROWS_AT_ONCE]):
        found += [
            int(row[0])
            for row in rows
            if (row[1], row[2]) in messages or any(_says(who, part) for part in row[2:])
        ]
        after = int(rows[-1][0])
    return found


def _says(who: Erased, part: Any) -> bool:
    return who.traced_in(part if isinstance(part, str) else bytes(part))
