"""FEBRL 4, the published test of record linkage: how well and how long, on the default settings.

The file has one size, so the scale changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks.harness import Benchmark, Denominator, Measure
from pupitre.flow.identify.matching import scoring, training, zones
from pupitre.flow.identify.matching.contracts import Schema, Thresholds, Zone
from pupitre.flow.identify.matching.model import Model
from pupitre.flow.identify.matching.splinking import engine
from pupitre.flow.identify.matching.standardising import standardised
from pupitre.flow.identify.matching.tests import febrl

F1_WITH, F1_WITHOUT = 0.999, 0.99


def run(_: float) -> Iterator[Measure]:
    left, right = febrl.records("4a"), febrl.records("4b")
    for without, at_least in (((), F1_WITH), (("soc_sec_id",), F1_WITHOUT)):
        schema = febrl.schema(*without)
        words = "all columns" if not without else f"without {without[0]}"
        began = time.perf_counter()
        model = training.train(schema, left, right)
        trained = time.perf_counter()
        scored = scoring.score(model, left, right)
        found = zones.sort(scored, model, Thresholds(), without_duplicates=True)
        ended = time.perf_counter()
        pairs = list(found.pairs(Zone.LINKED))
        true = sum(febrl.truth(pair.left) == febrl.truth(pair.right) for pair in pairs)
        yield Measure(
            question=f"F1 of what is linked by rule, {words}",
            value=2 * true / (len(pairs) + febrl.PEOPLE),
            unit="",
            at_least=at_least,
        )
        yield Measure(f"learning, {words}", trained - began, "s")
        yield Measure(
            question=f"scoring and assigning, {words}",
            value=ended - trained,
            unit="s",
            denominator=Denominator("the bare engine's join on the rules", _bare(model, schema)),
        )


def _bare(model: Model, schema: Schema) -> float:
    """Seconds to bring the same pairs together without comparing anything."""
    api = engine()
    for name, number in (("l", "4a"), ("r", "4b")):
        api.duckdb_con.register(f"bare_{name}", standardised(febrl.records(number), schema))
    rules = " or ".join(
        "(" + " and ".join(f"l.{name} = r.{name}" for name in rule) + ")" for rule in model.rules
    )
    parts = " union ".join(
        f"select l.person_id, r.person_id from bare_l l join bare_r r on {rule}"  # noqa: S608
        for rule in rules.split(" or ")
    )
    began = time.perf_counter()
    api.duckdb_con.execute(f"select count(*) from ({parts})").fetchone()  # noqa: S608
    return time.perf_counter() - began


BENCHMARK = Benchmark("Are FEBRL's 5,000 people found again, and in what time?", run)
