"""Every pair that is worth a look, scored: a weight for each column, and their sum."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.identify.matching import frequencies
from pupitre.flow.identify.matching.comparing import kind_of
from pupitre.flow.identify.matching.contracts import OWN, PERSON, Evidence, Kind, Level
from pupitre.flow.identify.matching.model import Model, settings
from pupitre.flow.identify.matching.splinking import engine, linker, predicted
from pupitre.flow.identify.matching.standardising import standard_names, standardised

LOWEST_WEIGHT = -10.0  # bits: of the pairs that a run gives back; about one in a thousand


def score(model: Model, *sources: pa.Table, least_weight: float = LOWEST_WEIGHT) -> pa.Table:
    """Pairs within one source, or between two: see `tidy` for the columns.

    `sources` hold the columns of the model's schema and `person_id`. Pairs below `least_weight`
    bits are left out.
    """
    if len(sources) not in (1, 2):
        raise ValueError("one source, or two")
    names = [one.column for one in model.columns]
    ready = tuple(standardised(s, model.schema).select([PERSON, *names]) for s in sources)
    shares = frequencies.borne_by_others(pa.concat_tables(ready), names)
    run = linker(engine(), ready, shares, settings(model, linking=len(sources) == 2))
    return tidy(predicted(run, least_weight), model)


def tidy(scored: pa.Table, model: Model) -> pa.Table:
    """`left`, `right`, `weight`, `probability`, and for each compared column its `level_<column>`
    (a number in the order of its levels, -1 for unknown), `weight_<column>` and `rarity_<column>`,
    in bits. The most likely come first; equals by their ids, so that runs compare.
    """
    made = {"left": scored[f"{PERSON}_l"], "right": scored[f"{PERSON}_r"]}
    made["weight"] = scored["match_weight"]
    made["probability"] = scored["match_probability"]
    nothing = pa.array([0.0] * len(scored), pa.float64())
    for one in model.columns:
        gamma = scored[f"gamma_{one.column}"].cast(pa.int64())
        # Splink counts from the most different, 0, to the closest.
        made[f"level_{one.column}"] = pc.if_else(
            pc.equal(gamma, -1), -1, pc.subtract(len(one.levels) - 1, gamma)
        )
        rarity = f"mw_tf_adj_{one.column}"
        made[f"rarity_{one.column}"] = scored[rarity] if rarity in scored.column_names else nothing
        made[f"weight_{one.column}"] = pc.add(
            scored[f"mw_{one.column}"], made[f"rarity_{one.column}"]
        )
    return pa.table(made).sort_by(
        [("weight", "descending"), ("left", "ascending"), ("right", "ascending")]
    )


def own_bits(scored: pa.Table, model: Model) -> npt.NDArray[np.float64]:
    """What speaks for one *person*, beside what speaks for one household: the bits of the columns
    that are somebody's own.

    Columns are weighed as if they were independent, and within a home they are not: four columns of
    one address agree together, so their sum makes two sisters look like one. Nothing in the address
    can tell; their first names and birthdays do. Where the model compares no such column, every
    pair counts as without anything own.
    """
    total = np.zeros(len(scored), dtype=np.float64)
    for one in model.columns:
        if kind_of(one.column) in OWN:
            total += scored[f"weight_{one.column}"].to_numpy()
    return total


def prior_bits(model: Model) -> float:
    return math.log2(model.prior / (1 - model.prior))


def evidence(scored: pa.Table, model: Model) -> Iterator[tuple[Evidence, ...]]:
    """For each row of `tidy`, what each column says, under the caller's names."""
    theirs = {ours: name for name, ours in standard_names(model.schema).items()}
    for row in scored.to_pylist():
        yield tuple(
            Evidence(
                theirs[one.column],
                _level(row, one.column, [x.level for x in one.levels]),
                row[f"weight_{one.column}"],
                row[f"rarity_{one.column}"],
            )
            for one in model.columns
        )


def _level(row: dict[str, int], column: str, levels: list[Level]) -> Level:
    at = row[f"level_{column}"]
    if at >= 0:
        return levels[at]
    swapped = column == Kind.SURNAME and f"level_{Kind.GIVEN_NAME}" in row
    # SAME, then PARTS_SWAPPED: the given name's second level where surnames are compared too.
    return Level.COUNTED_ELSEWHERE if swapped and row["level_given_name"] == 1 else Level.UNKNOWN
