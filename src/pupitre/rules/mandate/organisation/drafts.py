"""What a file asks for, typed, each with the line that says it. Kept in the action as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class FunctionDraft:
    """What a file says of a function; None is "as it is"."""

    key: str
    line: int
    name_fr: str | None = None
    name_en: str | None = None
    kind: str | None = None
    parent: str | None = None  # key; "" is "none"


@dataclass(frozen=True, slots=True)
class SeatDraft:
    """What a file says of a seat; None is "as it is"."""

    key: str
    function: str  # key
    line: int
    name_fr: str | None = None
    name_en: str | None = None
    heads: bool | None = None
    places: int | None = None
    superior: str | None = None  # key; "" is "none"
    dotted: tuple[str, ...] | None = None  # keys, sorted


@dataclass(frozen=True, slots=True)
class HolderDraft:
    """Somebody whom a file puts on a seat. Without a first day: as it is, or from the import on."""

    seat: str  # key
    email: str
    line: int
    name: str = ""
    starts: date | None = None
    ends: date | None = None
    states_end: bool = True  # whether the file has a column for it


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything that a file asks for, in its own order."""

    functions: tuple[FunctionDraft, ...] = ()
    seats: tuple[SeatDraft, ...] = ()
    holders: tuple[HolderDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to correct in the file: the line, the column's name where it is one cell, why."""

    line: int
    column: str
    message: str
