"""Many generated French people with addresses and birthdays, and how a clerk types one again."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation import words
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.people import people
from pupitre.flow.collect.simulation.streams import mixed
from pupitre.flow.collect.simulation.text import decimal, join, pick, strings, whole
from pupitre.flow.collect.simulation.typing_errors import spelling
from pupitre.flow.identify.matching.contracts import Column, Kind, Schema

STREETS = 20_000
SCHEMA = Schema(
    tuple(
        Column(kind.value, kind)
        for kind in (
            Kind.GIVEN_NAME,
            Kind.SURNAME,
            Kind.BIRTH_DATE,
            Kind.HOUSE_NUMBER,
            Kind.STREET,
            Kind.LOCALITY,
            Kind.POSTCODE,
            Kind.EMAIL,
            Kind.TELEPHONE,
        )
    )
)


def crowd(count: int, *, seed: int, again: str = "", blocks: range | None = None) -> pa.Table:
    """One row a person. `again` names a department that types everybody's names and contacts a
    second time, with its errors; birthday and address stay."""
    scenario = Scenario(people=count, months=1, seed=seed)
    parts = [_block(scenario, n, again) for n in blocks or range(scenario.blocks)]
    return pa.concat_tables(parts).combine_chunks()


def _block(scenario: Scenario, number: int, again: str) -> pa.Table:
    folk = people(scenario, number)
    typed = spelling(scenario, number, folk, again) if again else folk
    home = folk.household_number
    day, month = mixed(folk.number, 11) % np.uint64(28), mixed(folk.number, 12) % np.uint64(12)
    street = (mixed(home, 13) % np.uint64(STREETS)).astype(np.int64)
    codes = pick(strings(code for _, code, _, _ in words.TOWNS), folk.town)
    dates = join(whole(folk.birth_year), "-", two(month + 1), "-", two(day + 1))
    return pa.table(
        {
            "person_id": join(again or "P", "-", whole(folk.number)),
            "given_name": typed.first_name,
            "surname": typed.surname,
            "birth_date": dates,
            "house_number": whole((mixed(home, 14) % np.uint64(120)).astype(np.int64) + 1),
            "street": join(
                "rue ",
                pick(strings(words.FIRST_NAMES), street % len(words.FIRST_NAMES)),
                " ",
                pick(strings(words.SURNAMES), street // 7 % len(words.SURNAMES)),
            ),
            "locality": pick(strings(name for name, *_ in words.TOWNS), folk.town),
            "postcode": join(codes, decimal(mixed(home, 3) % np.uint64(90), 2)),
            "email": typed.email,
            "telephone": typed.phone,
        }
    )


def two(numbers: np.ndarray) -> pa.Array:
    return pc.utf8_lpad(whole(numbers.astype(np.int64)), 2, "0")
