"""What is learnt from records alone: the same each time, and sane where the data are too clean."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from pupitre.flow.identify.matching import blocking, expecting, frequencies, training
from pupitre.flow.identify.matching import model as models
from pupitre.flow.identify.matching.tests import febrl


@pytest.mark.slow
@pytest.mark.once
def test_the_same_records_give_the_same_bytes(monkeypatch):
    monkeypatch.setattr(training, "RANDOM_PAIRS", 100_000)  # fewer than there are: chance is used
    people = febrl.records("1")
    learnt = training.train(febrl.schema(), people)
    turned = people.take(pa.array(range(len(people) - 1, -1, -1)))
    assert training.train(febrl.schema(), turned).as_json() == learnt.as_json()
    assert models.loaded(learnt.as_json()) == learnt
    assert training.train(febrl.schema(), people, seed=2).as_json() != learnt.as_json()
    for broken in ({"version": 99}, {"prior": 0.0}, {"rules": [["shoe_size"]]}, {"columns": [{}]}):
        with pytest.raises(ValueError, match=r"model|prior|version"):
            models.loaded(json.dumps(json.loads(learnt.as_json()) | broken))
    values = {value for row in people.to_pylist() for value in row.values() if value} - {"1"}
    assert not [value for value in values if f'"{value}"' in learnt.as_json()]


def test_too_few_records_are_refused():
    people = febrl.records("1").slice(0, 20)
    with pytest.raises(ValueError, match=r"too few|tell people apart"):
        training.train(febrl.schema(), people)


def test_pairs_that_are_all_true_leave_room_for_doubt():
    """Where everything agrees, Splink's own expectation-maximisation reaches 1 and breaks."""
    patterns = expecting.Patterns(("a", "b"), np.array([[0, 0]]), np.array([1e6]))
    different = {name: np.array([0.001, 0.999]) for name in ("a", "b")}
    for same in expecting.expected(patterns, different).values():
        assert same.sum() == pytest.approx(1)
        assert 0 < same[1] < 1e-5


def test_what_one_person_does_is_told_from_what_two_do():
    """A mixture with known shares: 300 of 1,000 true; 9 of 10 true ones agree on each column."""
    same, different = np.array([0.9, 0.1]), np.array([0.05, 0.95])
    columns = ("a", "b", "c")
    levels = np.array([[a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)])
    pairs = 1000 * sum(
        share * np.prod(each[levels], axis=1) for share, each in ((0.3, same), (0.7, different))
    )
    found = expecting.expected(
        expecting.Patterns(columns, levels, pairs), dict.fromkeys(columns, different)
    )
    for name in columns:
        assert found[name] == pytest.approx(same, abs=0.01)


def test_the_prior_comes_from_the_scores():
    bits = np.array([30.0] * 50 + [-30.0] * 950)
    assert training.fitted_prior(bits, 1_000_000, start=1e-3) == pytest.approx(5e-5, rel=0.01)


def people(**columns: list[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def test_a_rule_is_the_smallest_set_that_tells_people_apart():
    count = 2_000
    table = people(
        region=["idf"] * count,
        surname=[str(n % 10) for n in range(count)],
        postcode=[str(n // 10 % 20) for n in range(count)],
        email=[str(n // 2) for n in range(count)],
    )
    found = blocking.costs(table, table.column_names, None)
    assert found[("email",)] == count // 2
    assert found[("surname", "postcode")] == 200 * 10 * 9 // 2
    assert not [rule for rule in found if "region" in rule]
    assert blocking.chosen(found, count) == (("email",), ("surname", "postcode"))
    alone = {("email",): 0, ("surname", "postcode"): 0, ("street",): 3}
    assert blocking.chosen(alone, count) == (("email",), ("street",))
    with pytest.raises(ValueError, match="apart"):
        blocking.chosen(blocking.costs(table, ["region"], None), count)


def test_nobody_agrees_on_a_missing_value():
    code = blocking.joint([np.array([0, 0, -1, -1]), np.array([1, 1, 1, 1])])
    assert blocking.pairs(code, None) == 1
    assert blocking.pairs(code, 1) == 1
    assert blocking.pairs(code, 2) == 0


def test_rare_values_are_counted_without_the_two_who_are_compared():
    table = people(surname=["martin"] * 8 + ["ouedraogo"] * 2)
    shares = frequencies.borne_by_others(table, ["surname"])["surname"]
    assert dict(
        zip(shares["surname"].to_pylist(), shares["tf_surname"].to_pylist(), strict=True)
    ) == {"martin": 0.65, "ouedraogo": 0.05}
