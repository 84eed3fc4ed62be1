"""Many rows at once, each put in or, where it is there, brought up to date by its own rule.

SQL, because no rule of an ORM's keeps the lesser of two values. Both databases know the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, models

PARAMETERS = 30_000  # of one statement; PostgreSQL takes 65,535, SQLite 32,766
NOTHING = "NOTHING"


def upsert(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    unique: Sequence[str],
    then: str = NOTHING,
) -> None:
    """``fields`` and ``unique`` name columns. ``then``: what is done about a row that is there, as
    SQL, in which ``old`` is that row and ``excluded`` the new one. No two rows may be the same by
    ``unique``."""
    meta = model._meta
    quote = connection.ops.quote_name
    table = quote(meta.db_table)
    names = ", ".join(quote(name) for name in fields)
    same = ", ".join(quote(name) for name in unique)
    one = f"({', '.join(['%s'] * len(fields))})"
    with connection.cursor() as cursor:
        for part in parts(rows, PARAMETERS // len(fields)):
            cursor.execute(
                f"INSERT INTO {table} AS old ({names}) VALUES {', '.join([one] * len(part))} "  # noqa: S608
                f"ON CONFLICT ({same}) DO {then}",
                [value for row in part for value in row],
            )


def update(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows by their key: each row is the new values of ``fields``, then the key."""
    quote = connection.ops.quote_name
    sets = ", ".join(f"{quote(name)} = %s" for name in fields)
    with connection.cursor() as cursor:
        for part in parts(rows, PARAMETERS):
            cursor.executemany(
                f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE id = %s",  # noqa: S608
                part,
            )


def among(
    model: type[models.Model],
    fields: Sequence[str],
    keys: Sequence[str],
    wanted: Iterable[Sequence[int]],
) -> Iterator[tuple[Any, ...]]:
    """``fields`` of the rows of which the numbers in ``keys`` are one of ``wanted``: each is looked
    up by itself. Asked with an IN for each key, SQLite tries every combination of the two."""
    quote = connection.ops.quote_name
    names = ", ".join(f"there.{quote(name)}" for name in fields)
    ends = ", ".join(quote(name) for name in keys)
    same = " AND ".join(f"there.{quote(name)} = wanted.{quote(name)}" for name in keys)
    one = f"({', '.join(['%s'] * len(keys))})"
    with connection.cursor() as cursor:
        for part in parts(wanted, PARAMETERS // len(keys)):
            cursor.execute(
                f"WITH wanted ({ends}) AS (VALUES {', '.join([one] * len(part))}) "  # noqa: S608
                f"SELECT {names} FROM wanted JOIN {quote(model._meta.db_table)} AS there ON {same}",
                [value for row in part for value in row],
            )
            yield from cursor.fetchall()


def parts(rows: Iterable[Any], most: int) -> Iterator[list[Any]]:
    part: list[Any] = []
    for row in rows:
        part.append(row)
        if len(part) == most:
            yield part
            part = []
    if part:
        yield part
