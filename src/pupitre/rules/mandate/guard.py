"""The fence around the rooms' tables: they are written inside an act, or not at all.

Reviews and tests can miss a `save()` in a view. This cannot: every statement that Django sends
passes here, and one that writes to a fenced table outside an act raises. It also sees which
acts touched the organisation or the matrix, so that no action can forget to say so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Between two words of SQL: space, or a comment.
_GAP = r"(?:\s|/\*.*?\*/|--[^\n]*\n)"
_NAME = r"(?:[\"`\[]?\w+[\"`\]]?\s*\.\s*)?[\"`\[]?(\w+)"  # with a schema or without, quoted or not
# Wherever it stands in the statement: after a WITH, inside a DO block, behind a semicolon.
_WRITES = re.compile(
    rf"\b(?:insert{_GAP}+(?:or{_GAP}+\w+{_GAP}+)?into|replace{_GAP}+into|merge{_GAP}+into"
    rf"|update(?:{_GAP}+or{_GAP}+\w+)?|delete{_GAP}+from)"
    rf"(?:{_GAP}+only\b)?{_GAP}*{_NAME}",
    re.DOTALL,
)
_FILLS = re.compile(rf"\bcopy{_GAP}+{_NAME}[\"`\]]?{_GAP}*(?:\([^)]*\))?{_GAP}*from\b", re.DOTALL)
_EMPTIES = re.compile(r"\btruncate\b(?!\s+on\b)([^;]*)")  # one table, or a list of them
_WORDS = ("insert", "replace", "merge", "update", "delete", "copy", "truncate")
_KEPT_CHARACTERS = 4_000  # longer statements are rarely sent twice, and would fill the memory
# A change in one of these makes the law in memory out of date.
_LAW_MODELS = (
    "Function",
    "Seat",
    "ReportingLine",
    "Member",
    "Tenure",
    "Delegation",
    "CompanyActivity",
    "Scope",
    "MatrixVersion",
)


class WroteAroundTheMatrix(RuntimeError):
    """A programming error: something changed a fenced table without an action."""


@dataclass
class Permit:
    """An act under way: what it may write, and whether it changed the law."""

    law_changed: bool = False
    tables: frozenset[str] | None = None  # of a machine: these and no others


_permit: ContextVar[Permit | None] = ContextVar("permit", default=None)
_fenced: dict[str, bool] = {}  # table → whether it is part of the law


def fence(app_label: str, *, law: tuple[str, ...] = ()) -> None:
    """Fence every table of a room. ``law`` names the models whose change makes the law stale."""
    for model in apps.get_app_config(app_label).get_models(include_auto_created=True):
        _fenced[model._meta.db_table] = model.__name__ in law


def install() -> None:
    """Fence every room, and watch every connection of this process, present and to come.

    A room is fenced by being there: none can forget. The core's own tables (accounts, sessions)
    hold a person's credentials, which no letter rules.
    """
    for room in apps.get_app_configs():
        if room.name.startswith("pupitre.") and not room.name.startswith("pupitre.core"):
            fence(room.label, law=_LAW_MODELS if room.label == "mandate" else ())
    connection_created.connect(_watch, dispatch_uid="mandate.guard")


@contextmanager
def permitted() -> Iterator[Permit]:
    """The only place from which fenced tables may be written; used by ``acting`` alone."""
    permit = Permit()
    token = _permit.set(permit)
    try:
        yield permit
    finally:
        _permit.reset(token)


@contextmanager
def working(tables: frozenset[str]) -> Iterator[None]:
    """Within it a machine writes its own tables; used by ``machines`` alone. Inside an act, which
    may write what it answers for, nothing changes."""
    if _permit.get() is not None:
        yield
        return
    token = _permit.set(Permit(tables=tables))
    try:
        yield
    finally:
        _permit.reset(token)


def law_is_moving() -> bool:
    """Whether this code runs inside an act that has changed the law and is not committed yet."""
    permit = _permit.get()
    return permit is not None and permit.law_changed


def _watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    if _guarded not in connection.execute_wrappers:
        connection.execute_wrappers.append(_guarded)
    if connection.vendor == "postgresql":  # COPY goes by a door of its own, past the wrappers
        raw = connection.connection
        raw.cursor_factory = _watching_copies(raw.cursor_factory)


def _guarded(
    execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
) -> Any:
    _check(sql)
    return execute(sql, params, many, context)


def _check(sql: str) -> None:
    for table in _known(sql) if len(sql) <= _KEPT_CHARACTERS else _written(sql):
        if table not in _fenced:
            continue
        permit = _permit.get()
        if permit is None:
            raise WroteAroundTheMatrix(
                f"{table} is written outside an act: make it an Action and call act()"
            )
        if permit.tables is not None and table not in permit.tables:
            raise WroteAroundTheMatrix(f"{table} is not among what this machine keeps")
        permit.law_changed = permit.law_changed or _fenced[table]


def _written(sql: str) -> tuple[str, ...]:
    """Tables that a statement writes to, in lower case. A name too many does no harm."""
    text = sql.lower()
    if not any(word in text for word in _WORDS):  # a long read is not searched any further
        return ()
    names = _WRITES.findall(text) + _FILLS.findall(text)
    for tables in _EMPTIES.findall(text):
        names += re.findall(r"\w+", tables)
    return tuple(names)


_known = lru_cache(maxsize=2_048)(_written)  # statements carry parameters, so they come again


@lru_cache
def _watching_copies(factory: type[Any]) -> type[Any]:
    """psycopg's cursor, whose COPY is looked at like every other statement."""

    class Watched(factory):
        def copy(self, statement: Any, *args: Any, **kwargs: Any) -> Any:
            _check(statement if isinstance(statement, str) else statement.as_string(self))
            return super().copy(statement, *args, **kwargs)

    return Watched
