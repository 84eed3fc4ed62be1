"""Run a simulation into a folder, into the lake, or against a collector."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings

from pupitre.flow.collect.simulation import block, campaigns, truth, writing
from pupitre.flow.collect.simulation.contracts import DEMO_SCALE, SIMULATIONS, Made, Scenario
from pupitre.flow.collect.simulation.posting import Posting, Progress, posted
from pupitre.flow.collect.simulation.production import each
from pupitre.lake import services as lake

# Blocks in one append: files of the lake of a good size, in bounded memory.
APPEND_BLOCKS = 1


def ignore(_: Made) -> None:
    """Nobody watches."""


def into_folder(
    *,
    scenario: Scenario,
    folder: Path,
    processes: int,
    told: Callable[[Made], None] = ignore,
) -> Made:
    """Write events and truth as Parquet. The folder appears when everything is in it."""
    making = writing.fresh(folder, scenario)
    totals = no_effects(scenario)
    people = events = blocks = 0
    fill = writing.FillShelf(scenario, str(making))
    for done in each(fill, writing.shelves(scenario), processes=processes):
        for one in done.tallies:
            totals += one
        people, events = people + done.people, events + done.events
        blocks += done.blocks
        told(Made(people, events, blocks))
    writing.whole_truth(making, scenario, totals)
    writing.events_readme(making)
    writing.finish(making, folder)
    return Made(people, events, blocks)


def no_effects(scenario: Scenario) -> Any:
    return np.zeros((len(campaigns.schedule(scenario.days)), 6))


@dataclass(frozen=True)
class _Parcel:
    """A worker's blocks: events in a file between two processes, truth in its place."""

    events: str
    rows: int
    people: int
    blocks: int
    tallies: tuple[Any, ...]


@dataclass(frozen=True)
class _Prepare:
    scenario: Scenario
    between: str  # folder of what waits to be taken
    truth: str

    def __call__(self, number: int) -> _Parcel:
        scenario = self.scenario
        first = number * APPEND_BLOCKS
        numbers = range(first, min(first + APPEND_BLOCKS, scenario.blocks))
        shelf = writing.Shelf(Path(self.truth), number)
        path = Path(self.between) / f"{number:05d}.arrow"
        rows, people, tallies = 0, 0, []
        try:
            with pa.OSFile(str(path), "wb") as file:
                stream = None
                for which in numbers:
                    made = block.make(scenario, which)
                    table = writing.plain(made.table)
                    stream = stream or pa.ipc.new_file(file, table.schema)
                    stream.write_table(table)
                    writing.put_truth(shelf, scenario, made)
                    rows, people = rows + table.num_rows, people + len(made.folk)
                    tallies.append(truth.tally(made))
                if stream is not None:
                    stream.close()
        finally:
            shelf.close()
        return _Parcel(str(path), rows, people, len(numbers), tuple(tallies))


def demonstration(*, at: datetime, processes: int = 1) -> Made | None:
    """Bring the company that `make run` shows into the lake: the twelve months before an instant.

    Some seconds, a few hundred thousand events. Nothing where a simulation was brought in before,
    on whatever day that was.
    """
    kept = Path(settings.DATA_DIR) / SIMULATIONS
    if kept.exists() and any(writing.named(folder) for folder in kept.iterdir()):
        return None
    scenario = Scenario(
        DEMO_SCALE.people, DEMO_SCALE.months, DEMO_SCALE.seed, at.astimezone(UTC).date()
    )
    return into_lake(
        scenario=scenario, truth_folder=kept / scenario.fingerprint, processes=processes
    )


def parcels(
    scenario: Scenario, truth_folder: Path, processes: int, take: Callable[[int, Any], bool],
    told: Callable[[Made], None],
) -> Made:  # fmt: skip
    """Make everything, and give each parcel of rows to `take`, in order; the truth to a folder."""
    making = writing.fresh(truth_folder, scenario)
    totals = no_effects(scenario)
    people = events = blocks = kept = 0
    with tempfile.TemporaryDirectory(prefix="pupitre-simulation-") as between:
        prepare = _Prepare(scenario, between, str(making))
        count = -(-scenario.blocks // APPEND_BLOCKS)
        for number, parcel in enumerate(each(prepare, count, processes=processes)):
            path = Path(parcel.events)
            with pa.memory_map(parcel.events) as file:
                fresh = take(number, pa.ipc.open_file(file).read_all())
            path.unlink()
            for one in parcel.tallies:
                totals += one
            kept += 0 if fresh else parcel.blocks
            people, events = people + parcel.people, events + parcel.rows
            blocks += parcel.blocks
            told(Made(people, events, blocks, kept))
    writing.whole_truth(making, scenario, totals)
    writing.finish(making, truth_folder)
    return Made(people, events, blocks, kept)


def into_lake(
    *,
    scenario: Scenario,
    truth_folder: Path,
    processes: int,
    told: Callable[[Made], None] = ignore,
) -> Made:
    """Append the events to the lake. Run again after a crash, it appends what is missing only."""

    def append(number: int, table: Any) -> bool:
        # Taken anew each time: the collector's drain comes in between.
        with lake.writer() as writer:
            fresh = writer.append(table, batch=f"simulation:{scenario.fingerprint}:{number}")
            writer.tend()
        return fresh

    return parcels(scenario, truth_folder, processes, append, told)


def against_collector(
    *,
    scenario: Scenario,
    truth_folder: Path,
    posting: Posting,
    processes: int,
    told: Callable[[Made], None] = ignore,
    progress: Progress | None = None,
) -> Made:
    """Send the events to a collector as Segment's batches."""

    def send(_: int, table: Any) -> bool:
        posted(table, posting, progress)
        return True

    return parcels(scenario, truth_folder, processes, send, told)
