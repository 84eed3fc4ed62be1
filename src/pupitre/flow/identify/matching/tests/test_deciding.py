"""From scores to decisions: one partner each, homes, thresholds, and what answers change."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import permutations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.identify.matching import answers, assigning, comparing, scoring, zones
from pupitre.flow.identify.matching.answers import Answer
from pupitre.flow.identify.matching.contracts import (
    Column,
    Kind,
    Level,
    Reason,
    Schema,
    Thresholds,
    Zone,
)
from pupitre.flow.identify.matching.model import LearntColumn, LearntLevel, Model, loaded

PEOPLE = {
    "given_name": ("Anne", "Anne", "Paul", "Martin", None),
    "surname": ("Martin", "Martin", "Martin", "Anne", "Martin"),
    "birth_date": ("1980-05-06", "1980-06-05", "2011-01-09", "1980-05-06", None),
    "street": ("rue des Lilas",) * 5,
    "telephone": ("0612345678",) * 5,
}
IDS = ("anne", "anne_again", "son", "swapped", "unknown")
COLUMNS = tuple(PEOPLE)


def model() -> Model:
    """As if learnt: nine of ten of one person's values agree, a hundredth of two people's."""
    learnt = []
    for name in COLUMNS:
        levels = comparing.levels(name, COLUMNS)
        rest = len(levels) - 1
        chances = [(0.9, 0.01)] + [(0.1 / rest, 0.01)] * (rest - 1) + [(0.02, 0.9)]
        learnt.append(
            LearntColumn(
                name,
                tuple(LearntLevel(x, m, u) for x, (m, u) in zip(levels, chances, strict=True)),
            )
        )
    schema = Schema(tuple(Column(f"our {name}", Kind(name)) for name in COLUMNS))
    return Model(schema, (("street",),), tuple(learnt), 1e-4)


@pytest.fixture(scope="module")
def home() -> zones.Sorted:
    """Five in one home, in a town of a thousand others who have nothing in common."""
    others = [f"{n}x" for n in range(1000)]
    columns = {f"our {name}": [*values, *others] for name, values in PEOPLE.items()}
    people = pa.table({"person_id": [*IDS, *others]} | columns)
    scored = scoring.score(model(), people, least_weight=-50)
    return zones.sort(scored, model(), Thresholds())


def pair(found: zones.Sorted, *two: str):
    every = [one for zone in Zone for one in found.pairs(zone)]
    return next(one for one in every if {one.left, one.right} == set(two))


def levels(found: zones.Sorted, *two: str) -> dict[str, Level]:
    return {one.column: one.level for one in pair(found, *two).evidence}


def test_levels_say_what_was_seen(home):
    assert levels(home, "anne", "anne_again")["our birth_date"] is Level.PARTS_SWAPPED
    swapped = levels(home, "anne", "swapped")
    assert swapped["our given_name"] is Level.PARTS_SWAPPED
    assert swapped["our surname"] is Level.COUNTED_ELSEWHERE
    assert levels(home, "anne", "unknown")["our given_name"] is Level.UNKNOWN


def test_a_home_is_not_a_person(home):
    """Name, street and telephone agree; whose first names and birthdays differ are two."""
    son = pair(home, "anne", "son")
    assert (son.zone, son.reason) == (Zone.NOTHING, Reason.NOTHING_OWN)
    unknown = pair(home, "anne", "unknown")  # nobody knows: a person may look, a rule may not link
    assert (unknown.zone, unknown.reason) == (Zone.PROPOSED, Reason.NOTHING_OWN)
    assert pair(home, "anne", "anne_again").zone is Zone.LINKED


def scored(*pairs: tuple[str, str, float]) -> pa.Table:
    left, right, weight = (list(column) for column in zip(*pairs, strict=True))
    return pa.table({"left": left, "right": right, "weight": pa.array(weight, pa.float64())})


def test_the_sum_counts_not_the_strongest_pair():
    table = scored(("a", "x", 10.0), ("a", "y", 9.0), ("b", "x", 9.0), ("c", "z", -1.0))
    assert assigning.one_to_one(table).tolist() == [False, True, True, False]


@settings(max_examples=60)
@given(st.dictionaries(st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(-4, 9)))
def test_no_other_assignment_is_better(weights):
    rows = [(f"l{a}", f"r{b}", float(w)) for (a, b), w in weights.items()] or [("l0", "r0", -1.0)]
    stays = assigning.one_to_one(scored(*rows))
    kept = [row for row, on in zip(rows, stays, strict=True) if on]
    assert len({row[0] for row in kept}) == len({row[1] for row in kept}) == len(kept)
    best = max(
        sum(max(weights.get((a, b), 0), 0) for a, b in enumerate(order))
        for order in permutations(range(4))
    )
    assert sum(row[2] for row in kept) == best


@pytest.mark.parametrize(("link", "propose"), [(0.5, 0.6), (1.1, 0.2), (0.9, 0.0)])
def test_thresholds_stand_in_order(link, propose):
    with pytest.raises(ValueError, match="propose_from"):
        Thresholds(link, propose)


def answered(count: int, probability: float, accepted: float) -> list[Answer]:
    yes = round(count * accepted)
    weight = 10 * probability
    return [Answer(weight, probability, n < yes) for n in range(count)]


def test_a_precision_says_how_sure_it_is():
    few, many = (answers.precision(answered(n, 0.9, 0.9)) for n in (10, 1000))
    assert few.low < many.low < 0.9 < many.high < few.high
    assert (answers.precision([]).low, answers.precision([]).high) == (0.0, 1.0)
    assert answers.precision(answered(50, 0.9, 1.0)).high == 1.0


def test_nine_intervals_in_ten_and_more_hold_the_truth():
    chance = random.Random(7)  # noqa: S311
    held = 0
    for _ in range(300):
        seen = [Answer(5.0, 0.9, chance.random() < 0.9) for _ in range(40)]
        held += answers.precision(seen).low <= 0.9 <= answers.precision(seen).high
    assert held >= 270


def test_calibration_only_rises():
    curve = answers.calibrated(
        [Answer(1, 0.5, True), Answer(2, 0.6, False), Answer(3, 0.7, True), Answer(3, 0.7, True)]
    )
    assert curve.probabilities == (0.5, 0.5, 1.0)
    assert curve.at(-9) == 0.5
    assert curve.at(2.5) == 0.75
    with pytest.raises(ValueError, match="nobody"):
        answers.calibrated([])


def test_few_answers_move_nothing():
    assert answers.relearnt(answered(29, 0.9, 1.0), Thresholds()) == Thresholds()


def test_accepted_proposals_bring_the_line_down():
    good = answered(400, 0.9, 1.0) + answered(400, 0.5, 0.8)
    assert answers.relearnt(good, Thresholds()).link_from == 0.9


def test_certain_pairs_do_not_vouch_for_doubtful_ones():
    mixed = answered(5000, 0.995, 1.0) + answered(100, 0.5, 0.8)
    assert answers.relearnt(mixed, Thresholds()).link_from == 0.99


def test_refused_links_push_the_line_up():
    bad = answered(200, 0.999, 1.0) + answered(200, 0.991, 0.8)
    assert answers.relearnt(bad, Thresholds()).link_from == 0.999


def test_proposals_that_nobody_accepts_stop():
    tired = answered(60, 0.6, 0.9) + answered(60, 0.25, 0.0)
    moved = answers.relearnt(tired, Thresholds())
    assert moved.propose_from > 0.2
    assert moved.link_from == 0.99


def test_what_had_nothing_to_learn_from_links_nothing(home):
    untaught = replace(model(), taught=False)
    found = zones.sort(home.scored, untaught, Thresholds())
    assert list(home.pairs(Zone.LINKED))
    assert not list(found.pairs(Zone.LINKED))
    asked = {(one.left, one.right): one.reason for one in found.pairs(Zone.PROPOSED)}
    for one in home.pairs(Zone.LINKED):
        assert asked[one.left, one.right] is Reason.NOT_TAUGHT
    assert loaded(untaught.as_json()) == untaught
