"""What the oracle knows: a company, its matrices and a decision, as plain data.

Nothing here comes from the product: not its law, not its letters, not its reasons. Seats, members
and activities are named by words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Stay(NamedTuple):
    """A member in a chair, from a day to a day, both included; no end where it lasts."""

    member: str
    first: date
    last: date | None = None


@dataclass
class Chair:
    department: str  # "marketing", "it", or anything else
    holders: list[Stay] = field(default_factory=list)
    deputies: list[Stay] = field(default_factory=list)
    closed_on: date | None = None


@dataclass
class Rules:
    """What the company agreed on for one activity."""

    joint: bool = False
    four_eyes: bool = False
    opinion_days: int = 3


@dataclass
class World:
    chairs: dict[str, Chair]
    suspended: set[str]
    activities: dict[str, Rules]
    # scope ("" for the company) → activity → chair → letters; None where nothing is in force
    matrix: dict[str, dict[str, dict[str, str]]] | None
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(PARIS).date()


class Said(NamedTuple):
    """An agreement or an opinion, from a chair, in the round that is going on."""

    member: str
    chair: str
    favourable: bool = True


@dataclass
class Case:
    """A decision: what was asked, by whom, and what was said so far."""

    activity: str
    member: str
    chair: str
    asked: datetime  # when its present round began
    scope: str = ""
    agreements: list[Said] = field(default_factory=list)
    opinions: list[Said] = field(default_factory=list)
    settled: bool = False
    stands: bool = True  # nobody else has changed what was asked, or the requester has confirmed

    def over_at(self, rules: Rules) -> datetime:
        return self.asked + timedelta(days=rules.opinion_days)
