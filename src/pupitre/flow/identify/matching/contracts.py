"""What goes in and what comes out: kinds of columns, pairs with their evidence, zones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PERSON = "person_id"  # the column that every table of records has, beside those of a schema


class Kind(StrEnum):
    """What a column tells of a person. All but IDENTIFIER stand once in a schema."""

    GIVEN_NAME = "given_name"
    SURNAME = "surname"
    BIRTH_DATE = "birth_date"
    HOUSE_NUMBER = "house_number"
    STREET = "street"
    ADDRESS_LINE = "address_line"  # building, floor, hamlet
    LOCALITY = "locality"
    POSTCODE = "postcode"
    REGION = "region"
    EMAIL = "email"
    TELEPHONE = "telephone"
    IDENTIFIER = "identifier"  # a number given to one person: social security, loyalty card


# What is somebody's own. A surname, an address, a telephone and, in many homes, an e-mail address
# belong to a household: however many of them agree, they tell two siblings from nobody.
OWN = frozenset({Kind.GIVEN_NAME, Kind.BIRTH_DATE, Kind.IDENTIFIER})


class Level(StrEnum):
    """How two values of a column compare. Pages translate these codes; they are no sentences."""

    SAME = "same"
    PARTS_SWAPPED = "parts_swapped"  # given name for surname, day for month
    ONE_SLIP = "one_slip"  # one letter or digit typed wrong, left out, doubled or swapped
    TWO_SLIPS = "two_slips"
    ALMOST = "almost"  # Jaro-Winkler of 0.92 and more
    ALIKE = "alike"  # Jaro-Winkler of 0.80 and more
    CONTAINED = "contained"  # one of two given names, an initial, half of a double name
    TWO_PARTS = "two_parts"  # of a date: two of day, month and year
    NEAR = "near"  # a postcode of the same district
    SAME_NAME_ELSEWHERE = "same_name_elsewhere"  # an e-mail address at another provider
    DIFFERENT = "different"
    UNKNOWN = "unknown"  # one side or both say nothing: no evidence either way
    COUNTED_ELSEWHERE = "counted_elsewhere"  # a swapped surname, counted with the given name


class Zone(StrEnum):
    LINKED = "linked"  # by rule
    PROPOSED = "proposed"  # to a steward
    NOTHING = "nothing"


class Reason(StrEnum):
    """Why a pair is not in the zone that its probability alone would give it."""

    NOTHING_OWN = "nothing_own"  # a household's evidence only: never linked by rule
    NOT_TAUGHT = "not_taught"  # the model had nothing to learn from: nothing is linked by rule
    BETTER_PARTNER = "better_partner"  # one of the two is assigned to another


@dataclass(frozen=True, slots=True)
class Column:
    name: str  # as the caller's table has it; a name that people know
    kind: Kind


@dataclass(frozen=True, slots=True)
class Schema:
    """Which columns of a table tell what. Raises ValueError where a kind stands twice."""

    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        kinds = [column.kind for column in self.columns if column.kind is not Kind.IDENTIFIER]
        if len(set(names)) < len(names) or PERSON in names:
            raise ValueError(f"the columns need different names, and none may be {PERSON}")
        if len(set(kinds)) < len(kinds):
            raise ValueError("only identifiers may stand several times")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities. The defaults were set before anything was measured: one wrong link in a
    hundred is the most that is made without a person's look, and what is less likely than not
    is proposed down to one chance in five, where a look costs a minute and finds something."""

    link_from: float = 0.99
    propose_from: float = 0.20

    def __post_init__(self) -> None:
        if not 0 < self.propose_from <= self.link_from <= 1:
            raise ValueError("0 < propose_from <= link_from <= 1")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one column says: bits, that is log2 of a Bayes factor; 0 says nothing."""

    column: str
    level: Level
    weight: float  # rarity included
    rarity: float  # how much of the weight is due to a rare (+) or common (-) value


@dataclass(frozen=True, slots=True)
class Pair:
    """Two people, and how likely they are one. `weight` is `prior` and all evidence, added up."""

    left: str
    right: str
    weight: float  # bits: log2 of the odds that they are one
    probability: float
    zone: Zone
    reason: Reason | None
    prior: float  # bits, before anything was compared
    evidence: tuple[Evidence, ...]
