"""What an organisation may look like: the thinking alone, on plain values.

Asked both by the actions that change one thing and by the import that changes many.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeVar

from django.utils.text import slugify

from pupitre.rules.mandate.contracts import Span

NAME_CHARACTERS = 120  # of a function, a seat or a member
KEY_CHARACTERS = 60
MAX_PLACES = 50  # people who may hold one seat at the same time
MAX_DELEGATION_DAYS = 366
MAX_DOTTED = 12  # dotted lines from one seat
SOON_DAYS = 30  # what a page calls "soon"

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")

K = TypeVar("K", bound=Hashable)
ONE_DAY = timedelta(days=1)


def circle(superiors: Mapping[K, K | None]) -> tuple[K, ...]:
    """The first circle among lines up, in the order walked; empty where there is none."""
    done: set[K] = set()
    for start in superiors:
        path: dict[K, None] = {}
        at: K | None = start
        while at is not None and at not in done:
            if at in path:
                walked = list(path)
                return tuple(walked[walked.index(at) :])
            path[at] = None
            at = superiors.get(at)
        done.update(path)
    return ()


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share a day. Both of their ends are included."""
    return (one.ends is None or other.starts <= one.ends) and (
        other.ends is None or one.starts <= other.ends
    )


def crowded_on(spans: Iterable[Span], places: int) -> date | None:
    """The first day on which more people sit than there are places."""
    steps: list[tuple[date, int]] = []
    for span in spans:
        steps.append((span.starts, 1))
        if span.ends is not None and span.ends < date.max:
            steps.append((span.ends + ONE_DAY, -1))
    sitting = 0
    for day, step in sorted(steps):  # leaving sorts before coming on the same day
        sitting += step
        if sitting > places:
            return day
    return None


def covered(span: Span, by: Sequence[Span]) -> bool:
    """Whether every day of a span lies in one of the others, which may follow each other."""
    day = span.starts
    for other in sorted(by, key=lambda each: each.starts):
        if other.covers(day):
            if other.ends is None or (span.ends is not None and span.ends <= other.ends):
                return True
            day = other.ends + ONE_DAY
    return False


def key_from(name: str) -> str:
    """A key made of a name; the same name, in whatever script, always gives the same key."""
    key = slugify(name).strip("_-")[:KEY_CHARACTERS].strip("_-")
    return key or "k" + hashlib.sha256(name.encode()).hexdigest()[:10]


def free_key(name: str, taken: Iterable[str]) -> str:
    """A key made of a name that nothing else has: “buyer”, then “buyer-2”, “buyer-3”…"""
    used = set(taken)
    base = key_from(name)
    number = 1
    key = base
    while key in used:
        number += 1
        tail = f"-{number}"
        key = base[: KEY_CHARACTERS - len(tail)] + tail
    return key
