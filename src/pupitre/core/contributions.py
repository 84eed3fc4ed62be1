"""How a room shows up in another without being imported by it.

A room declares what it brings in its ``apps.py``; the receiving room walks the registry here.
Registries are filled while Django starts and read afterwards, so they need no lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.functional import Promise

from pupitre.core.erasing import Erased, Removed

if TYPE_CHECKING:
    import typer

T = TypeVar("T")


class Registry(Generic[T]):
    """Named contributions of one kind, in the order of their keys. A key is taken once."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}

    def add(self, key: str, entry: T) -> None:
        if self._entries.get(key, entry) != entry:
            raise ValueError(f"{self.kind} {key!r} is declared twice")
        self._entries[key] = entry

    def __iter__(self) -> Iterator[T]:
        return iter([self._entries[key] for key in sorted(self._entries)])

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def get(self, key: str) -> T | None:
        return self._entries.get(key)

    def keys(self) -> tuple[str, ...]:
        return tuple(sorted(self._entries))


@dataclass(frozen=True, slots=True)
class NavEntry:
    """A line of the navigation: which wing, in what order, where it leads."""

    wing: str  # "decide", "customers" or "rules": the three wings of the rail
    order: int
    label: str | Promise
    url_name: str
    count: Callable[[Any], int] | None = None  # given the request: how many things wait there
    on_phone: bool = False
    # Given the request: whether its page opens to whoever reads. None: to everybody.
    opens: Callable[[Any], bool] | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A place where data rest: what erasure, retention, backup and the doctor must know of."""

    name: str
    engine: str  # "database", "file", "lake"…
    holds: str | Promise
    tables: tuple[str, ...] = ()
    personal: bool = True
    # How a customer who asked to be erased leaves it. May be called again, must do no harm then.
    # Where it writes to tables of ours, it is called within the act (``erases_tables``).
    erase: Callable[[Erased], Removed] | None = None
    erases_tables: bool = False
    why_not: str | Promise = ""  # of a personal store without: why there is nothing to erase


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One line of `pupitre doctor` and of /health."""

    name: str
    check: Callable[[], str]  # what was seen, in a few words; raises Unhealthy


class Unhealthy(Exception):
    """A check that failed, with what to do about it."""

    def __init__(self, seen: str, remedy: str) -> None:
        super().__init__(seen)
        self.seen = seen
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """Something that the worker does by the clock, in the company's time zone.

    ``run`` is given the instant that it was due at. It is run once for each such instant, and once
    more if the worker died before it finished: doing it twice must do no harm.
    """

    name: str
    cron: str  # five fields: minute, hour, day, month, weekday
    run: Callable[[datetime], None]
    catch_up: bool = False  # whether instants that passed while no worker ran are run afterwards


@dataclass(frozen=True, slots=True)
class StandingJob:
    """Something that the worker does all the time, in a thread of its own, until told to stop.

    ``run`` returns once the event is set. Should it raise, it is started again.
    """

    name: str
    run: Callable[[Event], None]


navigation: Registry[NavEntry] = Registry("navigation entry")
stores: Registry[Store] = Registry("store")
health_checks: Registry[HealthCheck] = Registry("health check")
scheduled_jobs: Registry[ScheduledJob] = Registry("scheduled job")
standing_jobs: Registry[StandingJob] = Registry("standing job")
# Each builds its part of the demonstration company, as of an instant; nothing where there is one.
demo_builders: Registry[Callable[[datetime], None]] = Registry("demonstration builder")
# Commands that a room adds to `pupitre`, by the name of their group.
cli_groups: Registry[typer.Typer] = Registry("command group")
# Commands of their own, such as `pupitre simulate`, by their name.
cli_commands: Registry[Callable[..., None]] = Registry("command")
# Panels of a person's own account page: given the request, a template and its context, or nothing.
account_panels: Registry[Callable[[Any], tuple[str, dict[str, Any]] | None]] = Registry(
    "account panel"
)
