"""One new person against a million: the index, beside a plain scan of the same columns.

The newcomers are people of the crowd whom a shop assistant types a second time, with errors.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from benchmarks.crowd import SCHEMA, crowd
from benchmarks.harness import Benchmark, Denominator, Measure, Timing, summary, timed
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE
from pupitre.flow.identify.matching import newcomers, training
from pupitre.flow.identify.matching.contracts import PERSON, Thresholds

PEOPLE, NEWCOMERS = 1_000_000, 200
TAUGHT_BLOCKS = 5  # of 4,000 people: what the model learns from, seen twice
AT_MOST_MS = 1_000.0
KIB_A_GIB = 2**20


def run(scale: float) -> Iterator[Measure]:
    count = max(TAUGHT_BLOCKS * BLOCK_PEOPLE, round(PEOPLE * scale))
    everybody = crowd(count, seed=1)
    twice = crowd(count, seed=1, again="till", blocks=range(TAUGHT_BLOCKS))
    taught = training.train(SCHEMA, everybody.slice(0, TAUGHT_BLOCKS * BLOCK_PEOPLE), twice)
    model = training.suited(taught, everybody)
    began = time.perf_counter()
    index = newcomers.prepared(model, everybody)
    yield Measure(f"an index of {count:,} people", time.perf_counter() - began, "s")
    chosen = np.random.default_rng(1).choice(len(twice), size=NEWCOMERS, replace=False)
    taken, right = [], 0
    newcomers.compare(index, twice.slice(0, 1))  # the statement is written once
    for at in chosen:
        one = twice.slice(int(at), 1)
        began = time.perf_counter()
        found = newcomers.compare(index, one)
        taken.append(time.perf_counter() - began)
        right += _found(found, one)
    yield from _times(count, summary(taken), _scan(index))
    yield Measure(
        question="newcomers whose other self comes first, at link_from or above",
        value=right / NEWCOMERS,
        unit="of 1",
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_A_GIB
    yield Measure("peak memory, learning and index together", peak, "GiB", at_most=4.0)


def _times(count: int, timing: Timing, scan: float) -> Iterator[Measure]:
    bare = Denominator("NumPy's scan of every rule's column of hashes", scan * 1000)
    for name, seconds in (("median", timing.median), ("95th percentile", timing.p95)):
        yield Measure(
            question=f"one new person against {count:,}, {name}",
            value=seconds * 1000,
            unit="ms",
            at_most=AT_MOST_MS,
            denominator=bare,
        )


def _found(found: pa.Table, one: pa.Table) -> bool:
    if not len(found) or found["probability"][0].as_py() < Thresholds().link_from:
        return False
    return bool(found["right"][0].as_py() == one[PERSON][0].as_py().replace("till", "P"))


def _scan(index: newcomers.Index) -> float:
    """Seconds to find the candidates of one person by looking at every row."""
    keys = [one.hashes[len(one.hashes) // 2] for one in index.ordered]

    def scan() -> None:
        for one, key in zip(index.ordered, keys, strict=True):
            one.rows[one.hashes == key]

    return timed(scan, runs=20).median


BENCHMARK = Benchmark("Is one new person compared with a million within a second?", run)
