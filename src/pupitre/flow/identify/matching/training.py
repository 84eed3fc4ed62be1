"""Learn a model from the records alone, without anybody's labels.

How often two different people agree (u) comes from counting values and from random pairs; how often
one person's records agree (m) from expectation-maximisation within pairs that share something else
(Winkler, 1988; Splink's documentation, "Training"); the prior from the scores themselves, again by
expectation-maximisation (Enamorado, Fifield and Imai, 2019). The same records give the same model,
to the byte: one thread, a seed, and pairs in an order of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from splink import Linker

from pupitre.flow.identify.matching import blocking, comparing, expecting, frequencies, usual
from pupitre.flow.identify.matching.blocking import Rule
from pupitre.flow.identify.matching.contracts import PERSON, Kind, Level, Schema
from pupitre.flow.identify.matching.frequencies import HALF
from pupitre.flow.identify.matching.model import (
    LearntColumn,
    LearntLevel,
    Model,
    agreeing,
    settings,
    splink_settings,
)
from pupitre.flow.identify.matching.scoring import own_bits, tidy
from pupitre.flow.identify.matching.splinking import engine, linker, predicted
from pupitre.flow.identify.matching.standardising import standardised

MAX_TRAINING_RECORDS = 40_000  # of a source; more teach nothing new
RANDOM_PAIRS = 1_500_000
SESSIONS_EACH = 3  # in how many sessions a column should be learnt: the median counts
MIN_SESSION_PAIRS = 100
MIN_FILLED = 0.05  # of the records: a column that fewer fill is not compared
START_PRIOR_MATCHES = 0.1  # of the smaller source, where the iteration starts
MIN_DIFFERENT = 0.002  # of one person's records differ in a column, at the least
PRIOR_ROUNDS = 200
LEAST_WEIGHT = -12.0  # bits: pairs less likely than this add nothing to the prior
DIGITS = 12  # kept of a probability: those beyond are the machine's, not the data's
SEED = 20_261_122


def compared(records: pa.Table) -> tuple[str, ...]:
    """The columns worth comparing: filled often enough, and not the same for everybody."""
    return tuple(
        name
        for name in records.column_names
        if name != PERSON
        and len(records) - records[name].null_count >= MIN_FILLED * len(records)
        and len(pc.unique(records[name].drop_null())) > 1
    )


def train(schema: Schema, *sources: pa.Table, seed: int = SEED) -> Model:
    """From one source that may hold duplicates, or two that are to be linked.

    Raises ValueError where the records are too few or too much alike to learn from, KeyError where
    a column of the schema is missing.
    """
    if len(sources) not in (1, 2):
        raise ValueError("one source, or two")
    ready = tuple(standardised(source, schema) for source in sources)
    taken = tuple(_sample(source, seed) for source in ready)
    together = pa.concat_tables(taken)
    columns = compared(together)
    taken = tuple(source.select([PERSON, *columns]) for source in taken)
    left = len(taken[0]) if len(taken) == 2 else None
    shares = frequencies.borne_by_others(together, columns)
    found = blocking.costs(together, columns, left)
    rules = blocking.chosen(found, len(together))
    prior = START_PRIOR_MATCHES * min(len(one) for one in taken) / _all_pairs(taken)
    api = engine(threads=1)
    start = splink_settings(
        comparisons=[
            comparing.comparison(
                name, columns, max(frequencies.same_by_chance(shares[name], name), 1e-12)
            )
            for name in columns
        ],
        rules=rules,
        prior=prior,
        linking=left is not None,
    )
    learner = linker(api, taken, shares, start)
    learner.training.estimate_u_using_random_sampling(
        max_pairs=RANDOM_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1
    )
    different = _sampled(learner, columns)
    met: dict[str, list[expecting.Floats]] = {name: [] for name in columns}
    for rule in sessions(found, columns):
        for name, same in _session(taken, shares, start, rule, different).items():
            met[name].append(same)
    believed, taught = usual.believed(
        {name: np.median(np.stack(x), axis=0) for name, x in met.items()}
    )
    learnt = tuple(
        _column(
            name,
            comparing.levels(name, columns),
            believed[name],
            different[name],
        )
        for name in columns
    )
    model = _with_prior(Model(schema, rules, learnt, prior, taught), taken, shares)
    whole = sum(len(source) for source in ready) == len(together)
    return model if whole else _suited(model, ready)


def suited(model: Model, *sources: pa.Table) -> Model:
    """The model with rules for other records than it was learnt from: what tells few people apart
    tells many together, so a rule that a sample can afford is ruinous for a million."""
    return _suited(model, tuple(standardised(source, model.schema) for source in sources))


def _suited(model: Model, ready: tuple[pa.Table, ...]) -> Model:
    names = [one.column for one in model.columns]
    together = pa.concat_tables([source.select(names) for source in ready])
    left = len(ready[0]) if len(ready) == 2 else None
    rules = blocking.chosen(blocking.costs(together, names, left), len(together))
    return replace(model, rules=rules)


def _sampled(learner: Linker, columns: Sequence[str]) -> dict[str, expecting.Floats]:
    """How often two people's records are at each level, as random pairs were."""
    made = {}
    for one in learner.misc.save_model_to_json()["comparisons"]:
        levels = [x for x in one["comparison_levels"] if not x.get("is_null_level")]
        made[one["output_column_name"]] = _shared_out(
            [x.get("u_probability") or 0.0 for x in levels]
        )
    return {name: made[name] for name in columns}


def _shared_out(different: Sequence[float]) -> expecting.Floats:
    """The first level was counted, not sampled: it stands, and the others share the rest, with a
    little left for those that were never met."""
    rest = np.maximum(np.asarray(different[1:], dtype=np.float64), HALF / RANDOM_PAIRS)
    return np.concatenate([different[:1], rest / rest.sum() * (1 - different[0])])


def _session(
    taken: tuple[pa.Table, ...],
    shares: Mapping[str, pa.Table],
    start: Mapping[str, Any],
    rule: Rule,
    different: Mapping[str, expecting.Floats],
) -> dict[str, expecting.Floats]:
    """What the pairs of one rule teach about the columns that the rule leaves open."""
    only = dict(start) | {"blocking_rules_to_generate_predictions": [agreeing(rule)]}
    pairs = predicted(linker(engine(threads=1), taken, shares, only), None)
    columns = tuple(name for name in different if name not in _spoken_for(rule))
    gammas = [f"gamma_{name}" for name in columns]
    counted = pairs.group_by(gammas).aggregate([([], "count_all")])
    counted = counted.sort_by([(gamma, "ascending") for gamma in gammas])
    levels = [
        np.where(gamma < 0, expecting.UNKNOWN, len(different[name]) - 1 - gamma)
        for name in columns
        for gamma in [counted[f"gamma_{name}"].to_numpy().astype(np.int64)]
    ]
    patterns = expecting.Patterns(
        columns, np.stack(levels, axis=1), counted["count_all"].to_numpy().astype(np.float64)
    )
    return expecting.expected(patterns, different)


def _all_pairs(sources: Sequence[pa.Table]) -> int:
    first = len(sources[0])
    return first * len(sources[1]) if len(sources) == 2 else max(first * (first - 1) // 2, 1)


def _sample(records: pa.Table, seed: int) -> pa.Table:
    """In the order of their ids; where there are too many, some of them by chance."""
    records = records.sort_by(PERSON)
    if len(records) <= MAX_TRAINING_RECORDS:
        return records
    chance = np.random.default_rng(seed)
    return records.take(
        np.sort(chance.choice(len(records), size=MAX_TRAINING_RECORDS, replace=False))
    )


def sessions(found: Mapping[Rule, int], columns: Sequence[str]) -> tuple[Rule, ...]:
    """Within which pairs to learn: those of the most telling rules, until each column has been
    left open often enough. A session learns nothing of the columns that its own pairs share.

    Raises ValueError where some column is left open by none.
    """
    times = dict.fromkeys(columns, 0)
    picked: list[Rule] = []
    for rule, pairs in sorted(found.items(), key=lambda item: (item[1], item[0])):
        shared = _spoken_for(rule)
        open_now = [name for name in columns if name not in shared]
        if pairs >= MIN_SESSION_PAIRS and any(times[name] < SESSIONS_EACH for name in open_now):
            picked.append(rule)
            times |= {name: times[name] + 1 for name in open_now}
    unlearnt = sorted(name for name, count in times.items() if not count)
    if unlearnt:
        raise ValueError(f"too few pairs to learn from: {', '.join(unlearnt)}")
    return tuple(picked)


def _spoken_for(rule: Rule) -> frozenset[str]:
    """The columns of a rule; names are compared together, for they may be swapped."""
    names = frozenset({Kind.GIVEN_NAME.value, Kind.SURNAME.value})
    return frozenset(rule) | (names if names & frozenset(rule) else frozenset())


def _column(
    name: str, levels: Sequence[Level], same: expecting.Floats, different: expecting.Floats
) -> LearntColumn:
    """Rounded, with both adding up to 1. However clean the records that taught it, people do move
    and marry: a difference is never taken for impossible."""
    share = np.array(same, dtype=np.float64)
    share[-1] = max(share[-1], MIN_DIFFERENT)
    pairs = zip(levels, share / share.sum(), different, strict=True)
    return LearntColumn(
        name, tuple(LearntLevel(level, _kept(a), _kept(b)) for level, a, b in pairs)
    )


def _kept(probability: float) -> float:
    return float(f"{probability:.{DIGITS}g}")


def _with_prior(model: Model, taken: tuple[pa.Table, ...], shares: Mapping[str, pa.Table]) -> Model:
    """The prior that the scores themselves ask for, and random pairs without true ones in them."""
    every = _all_pairs(taken)
    for _ in range(2):
        api = engine(threads=1)
        found = linker(api, taken, shares, settings(model, linking=len(taken) == 2))
        scored = tidy(predicted(found, LEAST_WEIGHT), model)
        # One home's people are many pairs that hang together by their address; none of them is one.
        alone = np.flatnonzero(own_bits(scored, model) > 0)
        weights = np.sort(scored["weight"].to_numpy()[alone])
        bits = weights - np.log2(model.prior / (1 - model.prior))
        prior = fitted_prior(bits, every, start=model.prior)
        columns = tuple(_without_matches(one, prior) for one in model.columns)
        model = replace(model, columns=columns, prior=_kept(prior))
    return model


def fitted_prior(bits: npt.NDArray[np.float64], every: int, *, start: float) -> float:
    """The share of true pairs among all, by expectation-maximisation with everything else fixed.

    `bits` are log2 Bayes factors of the pairs that were scored; the others of `every` count as 0.
    """
    prior = start
    for _ in range(PRIOR_ROUNDS):
        odds = np.exp2(np.minimum(bits, 300.0)) * prior / (1 - prior)
        last, prior = prior, min(max(float((odds / (1 + odds)).sum()), HALF) / every, 0.5)
        if abs(prior - last) <= 1e-9 * last:
            break
    return prior


def _without_matches(one: LearntColumn, prior: float) -> LearntColumn:
    """Random pairs hold true ones, in the prior's share: take out what those contribute."""
    u = [one.levels[0].if_different] + [
        max((x.if_different - prior * x.if_same) / (1 - prior), x.if_different / 100)
        for x in one.levels[1:]
    ]
    return _column(
        one.column,
        [x.level for x in one.levels],
        np.array([x.if_same for x in one.levels]),
        _shared_out(u),
    )
