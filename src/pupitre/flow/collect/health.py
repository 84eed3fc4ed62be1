"""Whether what comes can be kept, and whether what is kept goes on to the lake."""

from __future__ import annotations

from pupitre.core import clock
from pupitre.core.contributions import Unhealthy
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.intake import group_commit
from pupitre.flow.collect.intake.home import home

BEHIND_SECONDS = 20  # what waits for longer than that is late


def check_journal() -> str:
    journal = home().journal()
    try:
        trouble = group_commit.trouble() or journal.full()
    finally:
        journal.close()
    if trouble:
        raise Unhealthy(
            f"events are turned away with 503: {trouble}",
            "Make room on the disk of the journal, or see why the drain does not empty it; "
            "senders keep their events and try again.",
        )
    return "events are kept"


def check_drain() -> str:
    desk = home().desk()
    try:
        why = desk.books.noted("trouble") or "no worker has moved them"
        since_us = desk.waiting_since_us()
    finally:
        desk.close()
    if since_us is None:
        return "nothing waits for the lake"
    seconds = (since_1970(clock.now()) - since_us) // 1_000_000
    if seconds > BEHIND_SECONDS:
        raise Unhealthy(
            f"events have been waiting for the lake for {seconds} s: {why}",
            "See that the worker is running (pupitre worker) and what its log says.",
        )
    return "on its way to the lake"
