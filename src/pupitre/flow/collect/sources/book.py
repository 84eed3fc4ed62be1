"""Which source a write key opens: an immutable snapshot, and how it is kept fresh.

The collector answers before Django, many thousand times a second: it looks keys up in memory. The
rooms' tables stay the truth; a snapshot is read again once their version has changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pupitre.flow.collect.contracts import KeyView, PlannedEvent, SourceView


def key_hash(key_text: str) -> bytes:
    """What is kept of a write key. Keys are long and random: they need no slow hash."""
    return hashlib.sha256(key_text.encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True, slots=True)
class SourceBook:
    """The sources and their keys as they stood at one version."""

    version: str
    sources: tuple[SourceView, ...] = ()
    keys: tuple[KeyView, ...] = ()
    _by_hash: Mapping[bytes, tuple[KeyView, SourceView]] = field(
        init=False, repr=False, compare=False
    )
    _by_key: Mapping[str, SourceView] = field(init=False, repr=False, compare=False)
    _plans: Mapping[int, Mapping[tuple[str, str], PlannedEvent]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_id = {source.id: source for source in self.sources}
        by_hash = {
            key.sha256: (key, by_id[key.source_id]) for key in self.keys if key.source_id in by_id
        }
        object.__setattr__(self, "_by_hash", by_hash)
        object.__setattr__(self, "_by_key", {source.key: source for source in self.sources})
        plans = {
            source.id: {(event.type, event.name): event for event in source.plan}
            for source in self.sources
        }
        object.__setattr__(self, "_plans", plans)

    def find(self, key_text: str, *, at: datetime) -> SourceView | None:
        """The open source that this key opens at this instant."""
        found = self._by_hash.get(key_hash(key_text))
        if found is None:
            return None
        key, source = found
        if not source.open or (key.until is not None and key.until <= at):
            return None
        return source

    def source(self, key: str) -> SourceView | None:
        """A source by its own key, such as "web-shop", open or not."""
        return self._by_key.get(key)

    def planned(self, source_id: int, type_: str, name: str) -> PlannedEvent | None:
        """The line of a source's tracking plan for such an event: by its name, or for its type."""
        plan = self._plans.get(source_id, {})
        return plan.get((type_, name)) or plan.get((type_, ""))


class BookLoader(Protocol):
    """Reads the book where it is kept. Called from threads, never from the event loop."""

    def version(self) -> str:
        """What changes whenever a source, a key or a plan does. Must be cheap: one row."""
        ...

    def load(self) -> SourceBook:
        """The whole book; its version is no newer than what it holds."""
        ...


class NoLoader(LookupError):
    """Nobody has said where the book is kept."""


class Shelf:
    """Where this process finds the loader: the room's ``apps.ready`` puts it there."""

    def __init__(self) -> None:
        self._loader: BookLoader | None = None

    def keep(self, loader: BookLoader) -> None:
        self._loader = loader

    @property
    def loader(self) -> BookLoader:
        if self._loader is None:
            raise NoLoader("no room has said where sources are kept")
        return self._loader


shelf = Shelf()
