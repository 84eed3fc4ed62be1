"""Whatever somebody types: comparable afterwards, and never a crash."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pupitre.flow.identify.matching import standardising
from pupitre.flow.identify.matching.contracts import Column, Kind, Schema

TYPED = st.text() | st.text("mr dle.-/+@019éŒßÉT:stavbd", max_size=60)


@pytest.mark.parametrize("kind", list(Kind))
@given(text=TYPED)
def test_a_standard_value_is_its_own_standard(kind, text):
    standard = standardising.STANDARDS[kind]
    once = standard(text)
    assert once is None or (once and standard(once) == once)


@pytest.mark.parametrize(
    ("kind", "typed", "standard"),
    [
        (Kind.GIVEN_NAME, "  Mme Élodie-Anne ", "elodie anne"),
        (Kind.GIVEN_NAME, "M.", "m"),
        (Kind.SURNAME, "de La Tour d’Auvergne", "tour d auvergne"),
        (Kind.SURNAME, "LEBŒUF", "leboeuf"),
        (Kind.SURNAME, "van der Meer", "meer"),
        (Kind.SURNAME, "De", "de"),
        (Kind.SURNAME, " -- ", None),
        (Kind.BIRTH_DATE, "7/3/1981", "19810307"),
        (Kind.BIRTH_DATE, "1981-03-07T00:00:00", "19810307"),
        (Kind.BIRTH_DATE, "19811307", "19811307"),
        (Kind.BIRTH_DATE, "unknown", None),
        (Kind.HOUSE_NUMBER, "012 bis", "12bis"),
        (Kind.STREET, "12, Bd. Saint-Michel", "12 boulevard saint michel"),
        (Kind.LOCALITY, "ST-ÉTIENNE CEDEX 2", "saint etienne"),
        (Kind.POSTCODE, "75 011", "75011"),
        (Kind.EMAIL, " Jeanne+Shop@Example.FR ", "jeanne@example.fr"),
        (Kind.TELEPHONE, "+33 6 12 34 56 78", "612345678"),
        (Kind.TELEPHONE, "06.12.34.56.78", "612345678"),
        (Kind.IDENTIFIER, "2 81-03 75", "2810375"),
    ],
)
def test_examples(kind, typed, standard):
    assert standardising.STANDARDS[kind](typed) == standard


def test_a_table():
    schema = Schema((Column("born", Kind.BIRTH_DATE), Column("card", Kind.IDENTIFIER)))
    table = pa.table({"person_id": [7, 8], "born": [date(1981, 3, 7), None], "card": ["a 1", ""]})
    assert standardising.standardised(table, schema).to_pydict() == {
        "person_id": ["7", "8"],
        "birth_date": ["19810307", None],
        "identifier_1": ["A1", None],
    }


@pytest.mark.parametrize("ids", [["a", "a"], ["a", None]])
def test_records_need_ids_of_their_own(ids):
    with pytest.raises(ValueError, match="id of its own"):
        standardising.standardised(pa.table({"person_id": ids}), Schema(()))
