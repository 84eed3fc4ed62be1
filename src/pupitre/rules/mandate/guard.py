"""The fence around the mandate's tables: they are written inside an act, or not at all.

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
from typing import Any

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

_WRITES = re.compile(
    r"^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?)"
    r"\s+[\"`]?(\w+)",
    re.IGNORECASE,
)
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


_permit: ContextVar[Permit | None] = ContextVar("permit", default=None)
_fenced: dict[str, bool] = {}  # table → whether it is part of the law


def fence(app_label: str, *, law: tuple[str, ...] = ()) -> None:
    """Fence every table of a room. ``law`` names the models whose change makes the law stale."""
    for model in apps.get_app_config(app_label).get_models(include_auto_created=True):
        _fenced[model._meta.db_table] = model.__name__ in law


def install() -> None:
    """Watch every connection of this process, present and to come."""
    fence("mandate", law=_LAW_MODELS)
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


def _watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    if _guarded not in connection.execute_wrappers:
        connection.execute_wrappers.append(_guarded)


def _guarded(
    execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
) -> Any:
    written = _WRITES.match(sql)
    if written is not None and (table := written.group(1)) in _fenced:
        permit = _permit.get()
        if permit is None:
            raise WroteAroundTheMatrix(
                f"{table} is written outside an act: make it an Action and call act()"
            )
        permit.law_changed = permit.law_changed or _fenced[table]
    return execute(sql, params, many, context)
