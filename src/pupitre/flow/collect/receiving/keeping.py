"""The book of sources as this process knows it: looked at again after a tenth of a second."""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from pupitre.flow.collect.sources.book import SourceBook, shelf

FRESH_SECONDS = 0.1
PATIENCE_SECONDS = 0.5  # how long a request waits for a look, where an older book is at hand
log = logging.getLogger("pupitre.collect")


class NoBook(Exception):
    """The sources have never been read, and cannot be now."""


class BookKeeper:
    """Reads the book again once its version has changed, in a thread, one look at a time."""

    def __init__(self) -> None:
        self._book: SourceBook | None = None
        self._looked = float("-inf")
        self._looking: asyncio.Task[None] | None = None
        self._well = True
        # One thread, so that its connection to the database is opened once.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="book of sources")

    async def fresh(self) -> SourceBook:
        """The book as it was at most a tenth of a second ago. Raises NoBook."""
        if self._book is not None and time.monotonic() - self._looked < FRESH_SECONDS:
            return self._book
        await self._look()
        if self._book is None:
            raise NoBook
        return self._book

    async def newer(self) -> SourceBook:
        """The book as of now: for a key that is in none yet. Keeps guessers waiting, too."""
        left = FRESH_SECONDS - (time.monotonic() - self._looked)
        if left > 0:
            await asyncio.sleep(left)
        return await self.fresh()

    def close(self) -> None:
        self._reader.submit(connections.close_all)
        self._reader.shutdown(wait=True)

    async def _look(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.get_running_loop().create_task(self._read())
        patience = None if self._book is None else PATIENCE_SECONDS
        await asyncio.wait([self._looking], timeout=patience)

    async def _read(self) -> None:
        try:
            loop = asyncio.get_running_loop()
            self._book = await loop.run_in_executor(self._reader, _read, self._book)
            self._well = True
        except Exception:
            if self._well:
                log.exception("The sources cannot be read; those known stay in force")
            self._well = False
        self._looked = time.monotonic()


def _read(known: SourceBook | None) -> SourceBook:
    loader = shelf.loader
    try:
        if known is not None and loader.version() == known.version:
            return known
        return loader.load()
    except BaseException:
        connections.close_all()  # the next look has a connection of its own
        raise
