"""Against the outside: FEBRL's published files, on the default settings. No label is ever read
before the result is counted."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pyarrow as pa
import pytest

from pupitre.flow.identify.matching import model as models
from pupitre.flow.identify.matching import newcomers, scoring, training, zones
from pupitre.flow.identify.matching.contracts import PERSON, Thresholds, Zone
from pupitre.flow.identify.matching.tests import febrl

pytestmark = [pytest.mark.slow, pytest.mark.once]


@dataclass(frozen=True)
class Counted:
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def counted(found: zones.Sorted, true: int) -> Counted:
    """What is linked by rule, against the truth; what is only proposed counts as missed."""
    pairs = list(found.pairs(Zone.LINKED))
    right = sum(febrl.truth(pair.left) == febrl.truth(pair.right) for pair in pairs)
    return Counted(right / len(pairs), right / true)


@dataclass(frozen=True)
class Linked:
    model: models.Model
    scored: pa.Table
    found: zones.Sorted


def link(*without: str) -> Linked:
    left, right = febrl.records("4a"), febrl.records("4b")
    model = training.train(febrl.schema(*without), left, right)
    scored = scoring.score(model, left, right)
    # FEBRL 4 is two lists of 5,000 people without a duplicate in either.
    found = zones.sort(scored, model, Thresholds(), without_duplicates=True)
    return Linked(model, scored, found)


@pytest.fixture(scope="module")
def febrl4() -> Linked:
    return link()


def test_febrl_4_with_all_columns(febrl4, capsys):
    result = counted(febrl4.found, febrl.PEOPLE)
    with capsys.disabled():
        sys.stdout.write(f"\nFEBRL 4: {result}, F1 {result.f1:.5f}\n")
    assert result.f1 >= 0.999


def test_febrl_4_without_the_social_security_number(capsys):
    result = counted(link("soc_sec_id").found, febrl.PEOPLE)
    with capsys.disabled():
        sys.stdout.write(f"\nFEBRL 4 without soc_sec_id: {result}, F1 {result.f1:.5f}\n")
    assert result.f1 >= 0.99


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_duplicates_in_one_list(number, capsys):
    """The same defaults on files that nothing was chosen on."""
    people = febrl.records(number)
    model = training.train(febrl.schema(), people)
    found = zones.sort(scoring.score(model, people), model, Thresholds())
    result = counted(found, febrl.true_pairs(people))
    with capsys.disabled():
        sys.stdout.write(f"\nFEBRL {number}: {result}, F1 {result.f1:.5f}\n")
    assert result.precision >= 0.99
    assert result.f1 >= 0.97


def test_the_prior_is_the_share_of_true_pairs(febrl4):
    assert febrl4.model.prior == pytest.approx(1 / febrl.PEOPLE, rel=0.02)


def test_the_precision_that_the_model_expects_is_the_one_it_has(febrl4):
    linked = febrl4.found.expected()[0]
    assert linked.zone is Zone.LINKED
    assert linked.precision == pytest.approx(
        counted(febrl4.found, febrl.PEOPLE).precision, abs=0.005
    )


def test_evidence_adds_up(febrl4):
    for pair in list(febrl4.found.pairs(Zone.LINKED))[::250]:
        total = pair.prior + sum(one.weight for one in pair.evidence)
        assert total == pytest.approx(pair.weight, abs=1e-9)
        assert pair.probability == pytest.approx(1 / (1 + 2**-pair.weight), abs=1e-12)
        assert {one.column for one in pair.evidence} == set(febrl.KINDS)


def test_a_saved_model_scores_the_same(febrl4):
    again = models.loaded(febrl4.model.as_json())
    assert again == febrl4.model
    assert scoring.score(again, febrl.records("4a"), febrl.records("4b")) == febrl4.scored


def test_a_newcomer_gets_the_score_of_a_full_run(febrl4):
    """Every pair that the full run kept of thirty people, with the same bits, and no other."""
    everybody = pa.concat_tables([febrl.records("4a"), febrl.records("4b")])
    full = scoring.score(febrl4.model, everybody)
    index = newcomers.prepared(febrl4.model, everybody)
    for at in range(0, len(everybody), len(everybody) // 30):
        person = everybody.slice(at, 1)
        name = person[PERSON][0].as_py()
        expected = {
            (row["right"] if row["left"] == name else row["left"]): row["weight"]
            for row in full.to_pylist()
            if name in (row["left"], row["right"])
        }
        alone = newcomers.compare(index, person).to_pylist()
        assert {row["right"]: row["weight"] for row in alone} == expected
