"""What the worker does for the lake by the clock."""

from __future__ import annotations

import logging
from datetime import datetime

from pupitre.lake import services
from pupitre.lake.contracts import NotTheWriter

log = logging.getLogger("pupitre.lake")


def keep_up(due_at: datetime) -> None:
    """Upkeep, each hour: nothing is lost where one is missed, so it is not made good."""
    try:
        done = services.keep_up(at=due_at)
    except NotTheWriter as error:
        log.warning("No upkeep this hour: %s", error)
        return
    log.info(
        "Upkeep: %d files merged into %d, %d snapshots expired, %d files deleted, in %.1f s",
        done.merged_files,
        done.into_files,
        done.expired_snapshots,
        done.deleted_files + done.orphaned_files,
        done.seconds,
    )
