"""People as matching compares them: one row each, a column for each detail that tells people apart.

What is shown of each trait is compared; an address, a telephone or a card that no trait gives is
the person's first identifier of that kind. People of whom nothing is known that could be compared
are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from pupitre.flow.identify.kinds import Kind as IdentifierKind
from pupitre.flow.identify.matching.contracts import PERSON, Column, Kind, Schema
from pupitre.flow.identify.traits import reading

LEAST_FILLED = 2  # columns of a person who is compared
MIN_BIRTH_DATES = 0.05  # of the people; below it the year alone is compared
_BIRTH_YEAR = "birth_year"
COLUMNS = (
    Column("given_name", Kind.GIVEN_NAME),
    Column("surname", Kind.SURNAME),
    Column("birth_date", Kind.BIRTH_DATE),
    Column("house_number", Kind.HOUSE_NUMBER),
    Column("street", Kind.STREET),
    Column("address_line", Kind.ADDRESS_LINE),
    Column("locality", Kind.LOCALITY),
    Column("postcode", Kind.POSTCODE),
    Column("region", Kind.REGION),
    Column("email", Kind.EMAIL),
    Column("phone", Kind.TELEPHONE),
    Column("loyalty_card", Kind.IDENTIFIER),
)
_NAMES = (*(column.name for column in COLUMNS), _BIRTH_YEAR)
_OF_IDENTIFIERS: Mapping[str, str] = MappingProxyType(
    {
        IdentifierKind.EMAIL.value: "email",
        IdentifierKind.PHONE.value: "phone",
        IdentifierKind.LOYALTY_CARD.value: "loyalty_card",
    }
)
_NUMBERED = re.compile(r"\s*(\d+\s*(?:bis|ter|quater|[a-d])?)\b[\s,]+(\S.*)", re.IGNORECASE)
_RECORDS = pa.schema([(PERSON, pa.string()), *((name, pa.string()) for name in _NAMES)])


def everybody() -> pa.Table:
    """A row for each person. Some hundred bytes each."""
    parts = [
        _pivoted(reading.between(last, upper), _identifiers("person > %s AND person <= %s", span))
        for span in reading.ranges()
        for last, upper in (span,)
    ]
    return pa.concat_tables(parts) if parts else _RECORDS.empty_table()


def some(persons: Iterable[int]) -> pa.Table:
    """The same of these."""
    wanted = sorted(set(persons))
    parts = []
    for at in range(0, len(wanted), reading.ASKED_AT_ONCE):
        part = wanted[at : at + reading.ASKED_AT_ONCE]
        held = ", ".join(["%s"] * len(part))
        parts.append(_pivoted(reading.profiles(part), _identifiers(f"person IN ({held})", part)))
    return pa.concat_tables(parts) if parts else _RECORDS.empty_table()


def schema_for(records: pa.Table) -> Schema:
    """Years of birth stand in for dates where hardly anybody gives the whole date."""
    dates, years = (len(records) - records[name].null_count for name in ("birth_date", _BIRTH_YEAR))
    if dates >= MIN_BIRTH_DATES * len(records) or dates >= years:
        return Schema(COLUMNS)
    return Schema(
        tuple(
            Column(_BIRTH_YEAR, Kind.BIRTH_DATE) if one.kind is Kind.BIRTH_DATE else one
            for one in COLUMNS
        )
    )


def _identifiers(where: str, given: Sequence[int]) -> pa.Table:
    """``person``, ``trait``, ``value``: the first of each kind."""
    kinds = list(_OF_IDENTIFIERS)
    held = ", ".join(["%s"] * len(kinds))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.person, i.kind, i.value FROM identify_identifier i JOIN (SELECT MIN(id) AS id"  # noqa: S608
            f" FROM identify_identifier WHERE {where} AND kind IN ({held}) GROUP BY person, kind)"
            " AS one ON one.id = i.id",
            [*given, *kinds],
        )
        rows = cursor.fetchall()
    return pa.table(
        {
            "person": pa.array([row[0] for row in rows], pa.int64()),
            "trait": pa.array([_OF_IDENTIFIERS[row[1]] for row in rows], pa.string()),
            "value": pa.array([row[2] for row in rows], pa.string()),
        }
    )


def _pivoted(traits: pa.Table, identifiers: pa.Table) -> pa.Table:
    told = traits.filter(pc.not_equal(traits["value"], "")).select(["person", "trait", "value"])
    persons = np.unique(np.concatenate([told["person"], identifiers["person"]]).astype(np.int64))
    made = {}
    for name in _NAMES:
        column = np.full(len(persons), None, object)
        for table in (identifiers, told):  # what is shown of a trait comes last, and stands
            rows = table.filter(pc.equal(table["trait"], name))
            column[np.searchsorted(persons, rows["person"])] = rows["value"].to_pylist()
        made[name] = column
    _number_houses(made)
    filled = np.sum([column != None for column in made.values()], axis=0)  # noqa: E711
    kept = np.flatnonzero(filled >= LEAST_FILLED)
    return pa.table(
        [
            pa.array([str(one) for one in persons[kept].tolist()], pa.string()),
            *(pa.array(made[name][kept].tolist(), pa.string()) for name in _NAMES),
        ],
        schema=_RECORDS,
    )


def _number_houses(made: dict[str, np.ndarray]) -> None:
    """ "12 bis, rue des Lilas" is a number and a street."""
    for row, text in enumerate(made["street"]):
        if text and made["house_number"][row] is None and (found := _NUMBERED.match(text)):
            made["house_number"][row], made["street"][row] = found.groups()
