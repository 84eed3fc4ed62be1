"""A simulated company, from nothing to Parquet: events a second on every core, and peak memory.

At scale 1 it makes 100,000 people over twelve months, a tenth of the million that the promise
speaks of: a hundred million events in twelve minutes, below 4 GB. Blocks of people are independent
and memory does not grow with their number, so the rate is what matters; what a million people would
take is worked out from it, and says so.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from benchmarks.harness import Benchmark, Denominator, Measure
from pupitre.flow.collect.simulation import block, services, writing
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE, Scenario
from pupitre.flow.collect.simulation.production import cores

PEOPLE, MONTHS = 100_000, 12
PROMISED_EVENTS, PROMISED_SECONDS = 100_000_000, 720.0
PROMISED_PEOPLE = 1_000_000
AT_LEAST_A_SECOND = PROMISED_EVENTS / PROMISED_SECONDS
AT_MOST_GIB = 4.0
KIB_A_GIB = 2**20


def run(scale: float) -> Iterator[Measure]:
    people = max(BLOCK_PEOPLE, round(PEOPLE * scale))
    scenario = Scenario(people=people, months=MONTHS, seed=1)
    processes = min(cores(), 2)
    with tempfile.TemporaryDirectory(prefix="pupitre-simulate-") as folder:
        began, spent = time.perf_counter(), _processor_seconds()
        made = services.into_folder(
            scenario=scenario, folder=Path(folder) / "made", processes=processes
        )
        seconds = time.perf_counter() - began
        spent = _processor_seconds() - spent
        # Every worker at its own peak at once, with this process: more than ever is at one time.
        worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        peak = (own + processes * worker) / KIB_A_GIB
        bare = _bare(Path(folder))
    rate = made.events / seconds
    yield Measure(
        question=f"{people:,} people, {MONTHS} months, written on {processes} cores",
        value=rate,
        unit="events a second",
        at_least=AT_LEAST_A_SECOND,
        denominator=Denominator("writing one block's rows, already made, on one core", bare),
    )
    yield Measure(
        question="processor time an event, all processes, whoever else uses the machine",
        value=spent / made.events * 1e6,
        unit="µs",
        at_most=2 * PROMISED_SECONDS / PROMISED_EVENTS * 1e6,
    )
    yield Measure(
        question="events a person in twelve months",
        value=made.events / people,
        unit="events",
        at_least=PROMISED_EVENTS / PROMISED_PEOPLE,
    )
    yield Measure(
        question="100 million events at this rate (worked out, not run)",
        value=PROMISED_EVENTS / rate / 60,
        unit="minutes",
        at_most=PROMISED_SECONDS / 60,
    )
    yield Measure(
        question=f"peak memory, {processes} workers and the parent together",
        value=peak,
        unit="GiB",
        at_most=AT_MOST_GIB,
    )


def _processor_seconds() -> float:
    """Of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _bare(folder: Path) -> float:
    """Rows a second of Arrow's own writer, for rows like these."""
    scenario = Scenario(people=BLOCK_PEOPLE, months=MONTHS, seed=1)
    table = writing.plain(block.make(scenario, 0).table)
    pa.set_cpu_count(1)
    began = time.perf_counter()
    pq.write_table(
        table,
        folder / "bare.parquet",
        compression="zstd",
        compression_level=writing.ZSTD_LEVEL,
        use_dictionary=writing.REPEATED,
    )
    seconds = time.perf_counter() - began
    if ds.dataset(folder / "bare.parquet").count_rows() != table.num_rows:
        raise RuntimeError("rows were lost")
    return table.num_rows / seconds


BENCHMARK = Benchmark("How fast is a company simulated, and in how much memory?", run)
