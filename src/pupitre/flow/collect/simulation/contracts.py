"""What a simulation is asked for, and the sizes that its bytes depend on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

MODEL_VERSION = 1  # part of the fingerprint: other numbers, other name
BLOCK_PEOPLE = 4_000  # people drawn together, from streams of their own
SHELF_BLOCKS = 8  # blocks that share their files
# A day that does not move with the calendar: the same arguments give the same bytes next year too.
DEFAULT_UNTIL = date(2026, 1, 1)
MAX_PEOPLE = 50_000_000  # telephone and card numbers stay unique up to here
MAX_MONTHS = 60
SIMULATIONS = "simulations"  # in the data folder: the truth of what went elsewhere
DAY_US = 86_400_000_000


def months_before(day: date, months: int) -> date:
    """The same day of the month, some months earlier; the first where that month is too short."""
    index = day.year * 12 + day.month - 1 - months
    try:
        return date(index // 12, index % 12 + 1, day.day)
    except ValueError:
        return date(index // 12, index % 12 + 1, 28)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The arguments on which every byte depends, and nothing else does."""

    people: int
    months: int
    seed: int
    until: date = DEFAULT_UNTIL  # the first day that is not simulated

    def __post_init__(self) -> None:
        if not 1 <= self.people <= MAX_PEOPLE:
            raise ValueError(f"people: from 1 to {MAX_PEOPLE}")
        if not 1 <= self.months <= MAX_MONTHS:
            raise ValueError(f"months: from 1 to {MAX_MONTHS}")
        if not 0 <= self.seed < 2**63:
            raise ValueError("seed: from 0 to 2^63 - 1")
        if not date(1990, 1, 1) <= self.until <= date(2090, 1, 1):
            raise ValueError("until: from 1990-01-01 to 2090-01-01")

    @property
    def first(self) -> date:
        return months_before(self.until, self.months)

    @property
    def days(self) -> int:
        return (self.until - self.first).days

    @property
    def blocks(self) -> int:
        return -(-self.people // BLOCK_PEOPLE)

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that name this simulation: the prefix of its message ids."""
        said = f"{MODEL_VERSION}|{self.people}|{self.months}|{self.seed}|{self.until.isoformat()}"
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @property
    def origin_us(self) -> int:
        """Microseconds from 1970 to the first day, midnight UTC."""
        return (self.first - date(1970, 1, 1)).days * DAY_US

    @property
    def end_us(self) -> int:
        return (self.until - date(1970, 1, 1)).days * DAY_US

    def people_of(self, block: int) -> range:
        """The people of a block, by their number."""
        return range(block * BLOCK_PEOPLE, min((block + 1) * BLOCK_PEOPLE, self.people))


@dataclass(frozen=True, slots=True)
class Made:
    """What a run brought about."""

    people: int
    events: int
    blocks: int
    kept: int = 0  # blocks that were there already and were left alone


# What `make run` shows, up to the day on which it is built.
DEMO_SCALE = Scenario(people=2_000, months=12, seed=7)
