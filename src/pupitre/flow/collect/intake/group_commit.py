"""One commit for all who wait: what concurrent requests bring goes to the disk together.

A thread of each process takes whatever waits, commits it, and says so to each; meanwhile the next
ones gather. The busier it is, the more share a commit, and nobody waits for longer than two.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pupitre.flow.collect.intake.records import Entry

MAX_WAITING = 4_000  # entries that wait for the journal, in one process
MAX_WAITING_BYTES = 64 * 1024 * 1024
MAX_COMMIT_BYTES = 8 * 1024 * 1024
TROUBLE_SECONDS = 60.0
LOOK_SECONDS = 1.0  # how often the journal's bounds are looked at
CLOSE_SECONDS = 10.0
log = logging.getLogger("pupitre.collect")


_at_work: weakref.WeakSet[GroupCommit] = weakref.WeakSet()


def trouble() -> str:
    """Why this process takes nothing for now; empty where it does."""
    return next((one.trouble_now() for one in list(_at_work) if one.trouble_now()), "")


class JournalFull(Exception):
    """The journal takes nothing for now, and why."""


class Journal(Protocol):
    """The writing end of the journal. Used by one thread at a time."""

    def commit(self, entries: Sequence[Entry]) -> None:
        """Keep them: on the disk once this returns. Raises whatever the engine raises."""
        ...

    def full(self) -> str:
        """Why the journal takes nothing for now; empty where it does."""
        ...

    def close(self) -> None: ...


@dataclass(slots=True)
class _Item:
    entry: Entry
    future: asyncio.Future[None] | None = None
    loop: asyncio.AbstractEventLoop | None = None
    done: threading.Event | None = None
    error: BaseException | None = None


@dataclass(eq=False)
class GroupCommit:
    """The process's one way to its journal."""

    journal: Journal
    trouble: str = ""  # what went wrong last, while it still does
    _troubled_at: float = float("-inf")
    _queue: queue.SimpleQueue[_Item | None] = field(default_factory=queue.SimpleQueue)
    _waiting: int = 0
    _waiting_bytes: int = 0
    _closed: bool = False
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        _at_work.add(self)

    def trouble_now(self) -> str:
        """Forgotten after a while in which nobody came to try: it may be over."""
        recent = time.monotonic() - self._troubled_at < TROUBLE_SECONDS
        return self.trouble if recent and not self._closed else ""

    async def keep(self, entry: Entry) -> None:
        """Return once the entry is on the disk. Raises JournalFull, or what the engine raised."""
        loop = asyncio.get_running_loop()
        item = _Item(entry, loop.create_future(), loop)
        self._admit(item)
        assert item.future is not None  # noqa: S101
        await item.future

    def keep_now(self, entry: Entry) -> None:
        """The same, for those who have no event loop."""
        item = _Item(entry, done=threading.Event())
        self._admit(item)
        assert item.done is not None  # noqa: S101
        item.done.wait()
        if item.error is not None:
            raise item.error

    def _admit(self, item: _Item) -> None:
        if self._closed:
            raise JournalFull("the collector is stopping")
        if self._waiting >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES:
            raise JournalFull("more comes than the journal's disk takes")
        if self._thread is None:
            self._start()
        with self._lock:
            self._waiting += 1
            self._waiting_bytes += len(item.entry.parcel)
        self._queue.put(item)

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        looked, full = float("-inf"), ""
        while True:
            items, last = self._take()
            if items:
                if time.monotonic() - looked >= LOOK_SECONDS:
                    looked, full = time.monotonic(), self._bounds()
                error = self._no(full) if full else self._commit(items)
                self._tell(items, error)
            if last:
                self.journal.close()
                return

    def _take(self) -> tuple[list[_Item], bool]:
        """All that waits, up to the bound of a commit; and whether it is the last."""
        first = self._queue.get()
        if first is None:
            return [], True
        items, size = [first], len(first.entry.parcel)
        while size < MAX_COMMIT_BYTES:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                break
            if item is None:
                return items, True
            items.append(item)
            size += len(item.entry.parcel)
        return items, False

    def _bounds(self) -> str:
        try:
            return self.journal.full()
        except Exception as error:
            return f"the journal cannot be looked at: {error}"

    def _no(self, why: str) -> JournalFull:
        if not self.trouble:
            log.error("The journal takes nothing for now: %s", why)
        self.trouble, self._troubled_at = why, time.monotonic()
        return JournalFull(why)

    def _commit(self, items: Sequence[_Item]) -> BaseException | None:
        try:
            self.journal.commit([item.entry for item in items])
        except Exception as error:
            return self._no(f"the journal could not be written: {error}")
        if self.trouble:
            log.warning("The journal is written again")
        self.trouble = ""
        return None

    def _tell(self, items: Sequence[_Item], error: BaseException | None) -> None:
        with self._lock:
            self._waiting -= len(items)
            self._waiting_bytes -= sum(len(item.entry.parcel) for item in items)
        loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
        for item in items:
            if item.done is not None:
                item.error = error
                item.done.set()
            elif item.loop is not None and item.future is not None:
                loops.setdefault(item.loop, []).append(item.future)
        for loop, futures in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, futures, error)

    def close(self) -> None:
        """Keep what waits, and end."""
        self._closed = True
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join(CLOSE_SECONDS)


def _settle(futures: Sequence[asyncio.Future[None]], error: BaseException | None) -> None:
    for future in futures:
        if future.done():  # its client has gone
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
