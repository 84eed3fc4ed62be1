"""What was learnt: rules, levels and their probabilities, the prior. Holds no value of anybody."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from pupitre.flow.identify.matching import comparing
from pupitre.flow.identify.matching.blocking import Rule
from pupitre.flow.identify.matching.contracts import Column, Kind, Level, Schema

VERSION = 2  # of the file: another is refused, not guessed at


@dataclass(frozen=True, slots=True)
class LearntLevel:
    """A level of a column with how often it is met among pairs of one person, and of two."""

    level: Level
    if_same: float  # m
    if_different: float  # u


@dataclass(frozen=True, slots=True)
class LearntColumn:
    column: str  # our name
    levels: tuple[LearntLevel, ...]  # from SAME to DIFFERENT


@dataclass(frozen=True, slots=True)
class Model:
    schema: Schema
    rules: tuple[Rule, ...]
    columns: tuple[LearntColumn, ...]  # those that are compared; a hardly filled one is not
    prior: float  # probability that two people taken at random are one
    # False: the records held too few true pairs to learn from, so the weights are what is usual
    # (``usual``), and nothing is linked by rule.
    taught: bool = True

    def as_json(self) -> str:
        return json.dumps({"version": VERSION} | asdict(self), indent=1, sort_keys=True)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.as_json().encode()).hexdigest()[:16]


def loaded(text: str) -> Model:
    """The model of `as_json`. Raises ValueError on anything else."""
    try:
        said = json.loads(text)
        if said["version"] != VERSION:
            raise ValueError(f"a model of version {said['version']}, where {VERSION} is known")
        columns = tuple(
            LearntColumn(
                one["column"],
                tuple(
                    LearntLevel(Level(x["level"]), float(x["if_same"]), float(x["if_different"]))
                    for x in one["levels"]
                ),
            )
            for one in said["columns"]
        )
        schema = Schema(
            tuple(Column(c["name"], Kind(c["kind"])) for c in said["schema"]["columns"])
        )
        rules = tuple(tuple(rule) for rule in said["rules"])
        model = Model(schema, rules, columns, float(said["prior"]), said["taught"] is True)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a model: {error!r}") from error
    _checked(model)
    return model


def _checked(model: Model) -> None:
    names = [one.column for one in model.columns]
    for one in model.columns:
        if tuple(x.level for x in one.levels) != comparing.levels(one.column, names):
            raise ValueError(f"{one.column} has other levels than this version compares")
        if not all(0 < p <= 1 for x in one.levels for p in (x.if_same, x.if_different)):
            raise ValueError(f"{one.column} has probabilities outside 0 to 1")
    if not 0 < model.prior < 1 or not {c for rule in model.rules for c in rule} <= set(names):
        raise ValueError("the prior or the rules make no sense")


def settings(model: Model, linking: bool) -> dict[str, Any]:
    """The model as Splink takes it."""
    names = [one.column for one in model.columns]
    return splink_settings(
        comparisons=[_comparison(one, names) for one in model.columns],
        rules=model.rules,
        prior=model.prior,
        linking=linking,
    )


def _comparison(one: LearntColumn, names: list[str]) -> dict[str, Any]:
    made = comparing.comparison(one.column, names, one.levels[0].if_different)
    for level, learnt in zip(made["comparison_levels"][1:], one.levels, strict=True):
        level |= {"m_probability": learnt.if_same, "u_probability": learnt.if_different}
    return made


def splink_settings(
    *, comparisons: list[dict[str, Any]], rules: tuple[Rule, ...], prior: float, linking: bool
) -> dict[str, Any]:
    return {
        "link_type": "link_only" if linking else "dedupe_only",
        "unique_id_column_name": "person_id",
        "comparisons": comparisons,
        "blocking_rules_to_generate_predictions": [agreeing(rule) for rule in rules],
        "probability_two_random_records_match": prior,
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "linker_uid": "pupitre",  # else drawn by chance, and in the model's bytes
    }


def agreeing(rule: Rule) -> dict[str, str]:
    condition = " and ".join(f"l.{name} = r.{name}" for name in rule)
    return {"blocking_rule": condition, "sql_dialect": "duckdb"}
