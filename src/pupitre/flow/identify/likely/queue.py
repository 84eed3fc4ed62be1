"""People of whom something new was said, from the follower's thread to the matcher's.

In memory alone: what a crash loses, the next full run finds.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

MOST = 10_000  # people; more at once is a bulk that a full run is for

_lock = threading.Lock()
_waiting: dict[int, None] = {}
_overflowed = False


def add(numbers: Iterable[int]) -> None:
    """Identifiers of people. Beyond ``MOST`` they are dropped, and a run is due."""
    global _overflowed
    with _lock:
        for number in numbers:
            if len(_waiting) >= MOST:
                _overflowed = True
                return
            _waiting[number] = None


def take(most: int) -> tuple[int, ...]:
    """The oldest of them."""
    with _lock:
        taken = tuple(_waiting)[:most]
        for number in taken:
            del _waiting[number]
    return taken


def overflowed() -> bool:
    """Whether some were dropped since this was asked last."""
    global _overflowed
    with _lock:
        was, _overflowed = _overflowed, False
        if was:
            _waiting.clear()
    return was
