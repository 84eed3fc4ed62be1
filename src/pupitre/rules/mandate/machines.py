"""Tables that no seat's hand writes: what machines keep, and what customers say for themselves.

The matrix says who among the company's people may do what. It has no row for an event that arrives,
nor for a customer who withdraws a consent: those are written as they come, under a name that is
declared here with the only tables that it may write. Whatever a seat does about the same
tables is an act.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pupitre.core.contributions import Registry
from pupitre.rules.mandate.guard import working


@dataclass(frozen=True, slots=True)
class Machine:
    """``tables``: their names in the database. ``why``: why no seat answers for each line."""

    tables: frozenset[str]
    why: str


machines: Registry[Machine] = Registry("machine")


@contextmanager
def at_work(name: str) -> Iterator[None]:
    """Write as this machine; raises KeyError where it is not declared, and WroteAroundTheMatrix for
    any table that is not its own."""
    with working(machines[name].tables):
        yield
