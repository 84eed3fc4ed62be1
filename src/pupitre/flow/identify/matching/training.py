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

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from splink import Linker

from pupitre.flow.identify.matching import blocking, comparing, frequencies
from pupitre.flow.identify.matching.blocking import Rule
from pupitre.flow.identify.matching.contracts import PERSON, Kind, Level, Schema
from pupitre.flow.identify.matching.frequencies import HALF
from pupitre.flow.identify.matching.model import (
    LearntColumn,
    LearntLevel,
    Model,
    settings,
    splink_settings,
)
from pupitre.flow.identify.matching.splinking import engine, linker, predicted
from pupitre.flow.identify.matching.standardising import standardised

MAX_TRAINING_RECORDS = 200_000  # of a source; more teach nothing new
RANDOM_PAIRS = 2_000_000
SESSION_PAIRS = 200_000  # of one session of expectation-maximisation, at most
SESSIONS_EACH = 3  # in how many sessions a column should be learnt: the median counts
MIN_SESSION_PAIRS = 100
MIN_FILLED = 0.05  # of the records: a column that fewer fill is not compared
START_PRIOR_MATCHES = 0.1  # of the smaller source, where the iteration starts
MIN_MATCH_SHARE = 1e-6  # of a level among pairs of one person
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
    taken = tuple(_sample(standardised(source, schema), seed) for source in sources)
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
    for rule in sessions(found, columns):
        learner.training.estimate_parameters_using_expectation_maximisation(
            " and ".join(f"l.{name} = r.{name}" for name in rule),
            estimate_without_term_frequencies=True,
            max_pairs=SESSION_PAIRS,
        )
    learnt = Model(schema, rules, _learnt(learner, columns), prior)
    return _with_prior(learnt, taken, shares)


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


def _learnt(learner: Linker, columns: Sequence[str]) -> tuple[LearntColumn, ...]:
    said = learner.misc.save_model_to_json()
    made = []
    for one in said["comparisons"]:
        name = one["output_column_name"]
        levels = [x for x in one["comparison_levels"] if not x.get("is_null_level")]
        m = [x.get("m_probability") or 0.0 for x in levels]
        u = [x.get("u_probability") or 0.0 for x in levels]
        made.append(_column(name, comparing.levels(name, columns), m, u))
    return tuple(made)


def _column(
    name: str, levels: Sequence[Level], m: Sequence[float], u: Sequence[float]
) -> LearntColumn:
    """With a little left for what was never met, and both adding up to 1.

    The first level's u was counted, not sampled: it stands, and the others share the rest.
    """
    same = np.maximum(np.asarray(m, dtype=np.float64), MIN_MATCH_SHARE)
    sampled = np.maximum(np.asarray(u[1:], dtype=np.float64), HALF / RANDOM_PAIRS)
    different = np.concatenate([u[:1], sampled / sampled.sum() * (1 - u[0])])
    pairs = zip(levels, same / same.sum(), different, strict=True)
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
        weights = np.sort(predicted(found, LEAST_WEIGHT)["match_weight"].to_numpy())
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
    m = [level.if_same for level in one.levels]
    u = [one.levels[0].if_different] + [
        max((x.if_different - prior * x.if_same) / (1 - prior), x.if_different / 100)
        for x in one.levels[1:]
    ]
    return _column(one.column, [level.level for level in one.levels], m, u)
