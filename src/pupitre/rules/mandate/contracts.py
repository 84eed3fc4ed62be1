"""What the mandate lends to the other rooms: letters, activities, actors, outcomes."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pupitre.core.bilingual import Bilingual
from pupitre.core.contributions import Registry


class Letter(enum.StrEnum):
    """The four letters of a responsibility assignment matrix (RACI, after PMBOK and ISO 21502)."""

    ACCOUNTABLE = "A"
    RESPONSIBLE = "R"
    CONSULTED = "C"
    INFORMED = "I"


# Every content that a cell may have, as it is stored. A seat may be both A and R; a seat that
# decides or does needs no other letter to be asked or told.
CELL_VALUES = ("A", "R", "AR", "C", "I")


class Domain(enum.StrEnum):
    PEOPLE = "people"
    PROCESS = "process"
    TECHNOLOGY = "technology"
    DATA = "data"
    CUSTOMER = "customer"

    @property
    def label(self) -> str | Promise:
        return _DOMAIN_LABELS[self]


_DOMAIN_LABELS: dict[Domain, str | Promise] = {
    Domain.PEOPLE: pgettext_lazy("domain", "People"),
    Domain.PROCESS: pgettext_lazy("domain", "Process"),
    Domain.TECHNOLOGY: pgettext_lazy("domain", "Technology"),
    Domain.DATA: pgettext_lazy("domain", "Data"),
    Domain.CUSTOMER: pgettext_lazy("domain", "Customers"),
}


class FunctionKind(enum.StrEnum):
    """What a function is for: gives it its colour, and tells the two that decide jointly."""

    MARKETING = "marketing"
    IT = "it"
    DIGITAL = "digital"
    COMMUNICATION = "communication"
    RELATIONS = "relations"
    COMMERCE = "commerce"
    HR = "hr"
    FINANCE = "finance"
    LEGAL = "legal"
    COMMITTEE = "committee"
    DATA = "data"
    UNIT = "unit"
    OTHER = "other"

    @property
    def label(self) -> str | Promise:
        return _KIND_LABELS[self]


_KIND_LABELS: dict[FunctionKind, str | Promise] = {
    FunctionKind.MARKETING: _("Marketing"),
    FunctionKind.IT: _("IT"),
    FunctionKind.DIGITAL: _("Digital"),
    FunctionKind.COMMUNICATION: _("Communication"),
    FunctionKind.RELATIONS: _("Customer relations"),
    FunctionKind.COMMERCE: _("E-commerce"),
    FunctionKind.HR: _("Human resources"),
    FunctionKind.FINANCE: _("Finance"),
    FunctionKind.LEGAL: _("Legal"),
    FunctionKind.COMMITTEE: _("Executive committee"),
    FunctionKind.DATA: _("Data protection"),
    FunctionKind.UNIT: _("Region or business unit"),
    FunctionKind.OTHER: _("Other"),
}

JOINT_KINDS = (FunctionKind.MARKETING, FunctionKind.IT)


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that somebody must answer for.

    ``enforced`` ones are declared in code by the actions that need them; the others are the
    company's own and live in the database.
    """

    key: str  # "source.open"
    name: Bilingual
    domain: Domain
    joint: bool = False  # marketing and IT decide it together
    four_eyes: bool = False  # two different people must say yes
    opinion_days: int = 3  # how long those who are consulted may take, in days
    enforced: bool = False


@dataclass(frozen=True, slots=True)
class OwnAffair:
    """What concerns only the actor: needs no letter, only that the thing is theirs."""

    key: str
    name: Bilingual


enforced_activities: Registry[Activity] = Registry("activity")


def activity(
    key: str,
    *,
    name: Bilingual,
    domain: Domain,
    joint: bool = False,
    four_eyes: bool = False,
    opinion_days: int = 3,
) -> Activity:
    """Declare an activity that the software enforces. Each key is declared once."""
    declared = Activity(key, name, domain, joint, four_eyes, opinion_days, enforced=True)
    enforced_activities.add(key, declared)
    return declared


@dataclass(frozen=True, slots=True)
class Actor:
    """A member speaking from a seat. Whether they hold it that day is checked at each act.

    Without a seat a member can still see to their own affairs, and to nothing else.
    """

    member_id: int
    seat_id: int | None = None


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The software itself, under a name, for a closed list of activities."""

    name: str  # "system:setup"
    activities: frozenset[str]


AnyActor = Actor | SystemActor


@dataclass(frozen=True, slots=True)
class Subject:
    """What an action is about: a stable key, and a title as people call it."""

    key: str  # "matrix:8"
    title: Bilingual
    url: str = ""


class Reason(enum.StrEnum):
    """Why an act is refused: a closed list, counted, one sentence each."""

    NO_MATRIX = "no_matrix"  # nothing is in force
    NO_ROW = "no_row"  # the matrix says nothing of this activity
    NOT_IN_SEAT = "not_in_seat"  # the member neither holds the seat nor deputises for it today
    NO_LETTER = "no_letter"  # the seat has no letter in the row
    ONLY_CONSULTED = "only_consulted"
    ONLY_INFORMED = "only_informed"
    NOT_ACCOUNTABLE = "not_accountable"  # R may ask, and only A decides
    OWN_REQUEST = "own_request"
    CONSULTATION_OPEN = "consultation_open"
    NOT_NEEDED = "not_needed"  # this voice has been given, or nobody asked for it
    NOT_READY = "not_ready"  # something else is still missing before it can be carried out
    SETTLED = "settled"  # somebody was faster
    NOT_YOURS = "not_yours"  # an own affair of somebody else
    SYSTEM_NOT_ALLOWED = "system_not_allowed"


@dataclass(frozen=True, slots=True)
class SeatView:
    """A seat as pages name it: who sits there today."""

    id: int
    name: Bilingual
    kind: FunctionKind
    function: Bilingual
    holders: tuple[str, ...] = ()
    deputies: tuple[str, ...] = ()

    @property
    def vacant(self) -> bool:
        return not self.holders


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of the matrix in force, as a refusal quotes it."""

    activity: Activity
    scope: str  # "" for the whole company, else the key of an initiative
    matrix_number: int
    letters: tuple[tuple[SeatView, str], ...]  # (seat, "AR"), in the order A, R, C, I

    def seats(self, letter: str) -> tuple[SeatView, ...]:
        return tuple(seat for seat, letters in self.letters if letter in letters)


class Refused(Exception):
    """The matrix says no. Carries the row that refuses, and whom to ask."""

    def __init__(
        self,
        reason: Reason,
        *,
        activity: Activity | OwnAffair,
        row: RowView | None = None,
        seat: SeatView | None = None,
    ) -> None:
        super().__init__(f"{reason} ({activity.key})")
        self.reason = reason
        self.activity = activity
        self.row = row
        self.seat = seat


@dataclass(frozen=True, slots=True)
class Performed:
    """It is done. ``result`` is what the action's ``perform`` gave back."""

    result: object
    line: int  # sequence number of its line in the audit


@dataclass(frozen=True, slots=True)
class Waiting:
    """It became a decision that waits for others."""

    decision_id: int
    due: datetime


Outcome = Performed | Waiting


@dataclass(frozen=True, slots=True)
class Span:
    """From a day to a day, both included; without an end it lasts."""

    starts: date
    ends: date | None = None

    def covers(self, day: date) -> bool:
        return self.starts <= day and (self.ends is None or day <= self.ends)


@dataclass(frozen=True, slots=True)
class DeskItem:
    """Something that waits on somebody's desk: what, why, from which letter, until when."""

    letter: str
    title: Bilingual
    url: str
    why: Bilingual | str = ""
    since: datetime | None = None
    due: datetime | None = None


# Rooms add what waits for action: given who is here, the items of that room, most urgent first.
desk_items: Registry[Callable[[Any], Iterable[DeskItem]]] = Registry("desk items")


@dataclass(frozen=True, slots=True)
class Chapter:
    """Something that another room tells of the demonstration company's year, in its place."""

    days_ago: float  # when it begins
    tell: Callable[[datetime], None]  # given now


demo_chapters: Registry[Chapter] = Registry("demonstration chapter")
