"""Who is at work in a data folder, known by locks that end with their processes."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

WORKER = "worker.lock"
SERVER = "server.lock"


class AlreadyWorking(RuntimeError):
    """Another worker holds this data folder; two would each take up what the other is doing."""


@contextmanager
def _held(path: Path, kind: int) -> Iterator[None]:
    """Hold a lock, or raise BlockingIOError at once."""
    with path.open("a") as file:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
        yield


def _is_held(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        with _held(path, fcntl.LOCK_EX):
            return False
    except BlockingIOError:
        return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the folder's one worker. Raises AlreadyWorking."""
    with ExitStack() as stack:
        try:
            stack.enter_context(_held(folder / WORKER, fcntl.LOCK_EX))
        except BlockingIOError as error:
            raise AlreadyWorking(f"another worker is at work in {folder}") from error
        yield


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Be one of those who serve the folder: any number may."""
    with _held(folder / SERVER, fcntl.LOCK_SH):
        yield


def is_working(folder: Path) -> bool:
    """Whether a worker is at work there."""
    return _is_held(folder / WORKER)


def is_in_use(folder: Path) -> bool:
    """Whether the folder is being served, or worked in."""
    return _is_held(folder / SERVER) or is_working(folder)
