"""Does who-is-who keep up with what the collector lets in?

The simulated company of 4,000 people over twelve months is heard twice: first into an empty book,
where everything is new; then again, as on any later day, when nearly everybody is known. Listeners
(search, consents, likely matches) hear along. The denominator is the barest that could be done with
these events: counting them by the very columns that say who somebody is.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from benchmarks.harness import Benchmark, Denominator, Measure, database
from pupitre.core import clock
from pupitre.flow.collect.simulation import services
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.identify.claiming import SAYING, let_go
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.normalising import Setting

PEOPLE, MONTHS, SEED = 4_000, 12, 3
RATE = 120_000.0  # events a second that the collector takes in batches


def _heard(tables: list[pa.Table]) -> float:
    began = time.perf_counter()
    for table in tables:
        rounds.hear(table, at=clock.now(), setting=Setting())
    let_go()
    return time.perf_counter() - began


def _counted(tables: list[pa.Table]) -> float:
    began = time.perf_counter()
    for table in tables:
        table.group_by(SAYING).aggregate([([], "count_all")])
    return time.perf_counter() - began


def run(scale: float) -> Iterator[Measure]:
    people = max(200, round(PEOPLE * scale))
    scenario = Scenario(people=people, months=MONTHS, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="pupitre-follow-") as folder, database():
        made = Path(folder) / "made"
        services.into_folder(scenario=scenario, folder=made, processes=1)
        batches = ds.dataset(made / "events").to_batches(batch_size=rounds.ROWS)
        tables = [ds.dataset([batch]).to_table() for batch in batches if len(batch)]
        events = sum(len(table) for table in tables)
        bare = Denominator("counting by who", events / _counted(tables))
        for words, target in (("all of them new", None), ("all of them known", RATE)):
            yield Measure(
                f"events heard a second, of {events:,}, {words}",
                events / _heard(tables),
                "events/s",
                at_least=target,
                denominator=bare,
            )


BENCHMARK = Benchmark("Does who-is-who keep up with the collector?", run)
