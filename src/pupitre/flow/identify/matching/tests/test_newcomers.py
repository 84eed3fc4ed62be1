"""One new person: found by what they share, compared with nobody else, and always bounded."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pupitre.flow.identify.matching import newcomers, scoring
from pupitre.flow.identify.matching.tests.test_deciding import COLUMNS, model

TOWN = 300


def people(*streets: str | None, first: int = 0) -> pa.Table:
    columns = {f"our {name}": [f"{name} {n}" for n in range(len(streets))] for name in COLUMNS}
    columns["our street"] = list(streets)
    ids = [f"p{first + n}" for n in range(len(streets))]
    return pa.table({"person_id": ids} | columns)


@pytest.fixture(scope="module")
def index() -> newcomers.Index:
    return newcomers.prepared(model(), people(*["rue Une", "rue Deux", None] * (TOWN // 3)))


def test_whoever_shares_a_rule_is_compared(index):
    found = newcomers.compare(index, people("Rue  DEUX", first=TOWN), least_weight=-99)
    assert len(found) == TOWN // 3
    assert {int(name[1:]) % 3 for name in found["right"].to_pylist()} == {1}


@pytest.mark.parametrize("street", ["rue Trois", None, ""])
def test_whoever_shares_nothing_is_compared_with_nobody(index, street):
    assert len(newcomers.compare(index, people(street, first=TOWN), least_weight=-99)) == 0


def test_nobody_is_compared_with_themselves(index):
    found = newcomers.compare(index, people("rue Une"), least_weight=-99)
    assert len(found) == TOWN // 3 - 1
    assert "p0" not in found["right"].to_pylist()


def test_the_bits_are_those_of_a_full_run(index):
    town = people(*["rue Une", "rue Deux", None] * (TOWN // 3))
    full = scoring.score(model(), town, least_weight=-99)
    both = {(row["left"], row["right"]): row for row in full.to_pylist()}
    alone = newcomers.compare(index, town.slice(0, 1), least_weight=-99).to_pylist()
    assert alone
    for row in alone:
        assert both[(row["left"], row["right"])] == row


def test_candidates_are_bounded(index, monkeypatch):
    monkeypatch.setattr(newcomers, "MAX_CANDIDATES", 10)
    assert len(newcomers.compare(index, people("rue Une", first=TOWN), least_weight=-99)) == 10


def test_one_at_a_time(index):
    with pytest.raises(ValueError, match="one newcomer"):
        newcomers.compare(index, people("rue Une", "rue Deux", first=TOWN))
