"""The worker's part in a process of its own, which dies where it is told to:
``python -m …worker_app STORE WHEN``; "" for a process that lives."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pupitre.config.settings")
django.setup()

from pupitre.core.contributions import stores  # noqa: E402
from pupitre.flow.identify.rights import compacting, work  # noqa: E402
from pupitre.rules.mandate.testing import NOON  # noqa: E402


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def deadly(does: Any, when: str) -> Any:
    def step(*given: Any) -> Any:
        if when == "before":
            die()
        done = does(*given)
        die()
        return done

    return step


def main(store: str, when: str) -> None:
    if store == work.DATABASE:
        compacting.compact = deadly(compacting.compact, when)
    elif store:
        entry = stores[store]
        object.__setattr__(entry, "erase", deadly(entry.erase, when))
    work.once(threading.Event(), now=lambda: NOON)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
