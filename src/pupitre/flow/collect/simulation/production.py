"""Make a company block by block, on several cores, and hand each block to where it goes.

Blocks are independent, so who makes which and in what order changes nothing. At most two blocks a
core are under way: memory does not grow with the number of people.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

import pyarrow as pa

T = TypeVar("T")


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _settle() -> None:
    """One thread a process: the cores are shared by blocks, not within one."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)


def each(work: Callable[[int], T], count: int, *, processes: int) -> Iterator[T]:
    """The results of `work` for 0, 1, 2… in that order, made ahead by several processes.

    `work` must be picklable. With one process everything happens in this one.
    """
    if processes <= 1 or count <= 1:
        yield from map(work, range(count))
        return
    # Spawned, not forked: the parent may hold threads, locks and an open lake.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(processes, count), mp_context=context, initializer=_settle
    ) as pool:
        waiting: dict[int, Future[T]] = {}
        given = 0
        try:
            for number in range(count):
                while given < count and given < number + 2 * processes:
                    waiting[given] = pool.submit(work, given)
                    given += 1
                wait([waiting[number]], return_when=FIRST_COMPLETED)
                yield waiting.pop(number).result()
        finally:
            for future in waiting.values():
                future.cancel()
