"""One worker to a data folder, settled by a lock that ends with its process."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_FILE = "worker.lock"


class AlreadyWorking(RuntimeError):
    """Another worker holds this data folder; two would each take up what the other is doing."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go of however this process ends."""
    with (folder / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyWorking(f"another worker is at work in {folder}") from error
        yield


def is_working(folder: Path) -> bool:
    """Whether a worker holds the folder's lock."""
    path = folder / LOCK_FILE
    if not path.exists():
        return False
    try:
        with alone(folder):
            return False
    except AlreadyWorking:
        return True
