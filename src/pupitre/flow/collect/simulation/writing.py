"""Files: Parquet by month for events, Parquet by table for the truth, and a README for both."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pupitre.flow.collect.simulation import block, campaigns, lives, truth
from pupitre.flow.collect.simulation.block import Block, calendar_of
from pupitre.flow.collect.simulation.contracts import SHELF_BLOCKS, Scenario
from pupitre.flow.collect.simulation.readme import EVENTS, TRUTH
from pupitre.lake.contracts import EVENT_SCHEMA

# Columns whose values come again and again; the others would fill a dictionary in vain.
REPEATED = ["source", "type", "name", "channel", "group_id", "context", "extra", "currency",
            "properties", "traits", "identity", "user_id", "anonymous_id", "amount"]  # fmt: skip
ZSTD_LEVEL = 1


@dataclass
class Shelf:
    """The open files of some blocks: one a month for events, one a table for the truth."""

    folder: Path
    number: int
    _open: dict[str, pq.ParquetWriter] = field(default_factory=dict)

    def write(self, name: str, table: Any, dictionary: Any) -> None:
        writer = self._open.get(name)
        if writer is None:
            place = self.folder / name
            place.mkdir(parents=True, exist_ok=True)
            writer = pq.ParquetWriter(
                place / f"part-{self.number:05d}.parquet",
                table.schema,
                compression="zstd",
                compression_level=ZSTD_LEVEL,
                use_dictionary=dictionary,
                store_schema=False,
            )
            self._open[name] = writer
        writer.write_table(table, row_group_size=1 << 20)

    def close(self) -> None:
        for writer in self._open.values():
            writer.close()


def plain(table: Any) -> Any:
    """As the lake keeps it: no dictionaries, its own types."""
    return table.cast(EVENT_SCHEMA)


def put_events(shelf: Shelf, made: Block) -> None:
    began = 0
    for month, count in made.laid.months:
        shelf.write(f"events/{month}", plain(made.table.slice(began, count)), REPEATED)
        began += count


def put_truth(shelf: Shelf, scenario: Scenario, made: Block) -> None:
    for name, table in truth.of_block(scenario, made).items():
        shelf.write(f"truth/{name}", table, True)


@dataclass(frozen=True, slots=True)
class ShelfDone:
    people: int
    events: int
    blocks: int
    tallies: tuple[Any, ...]  # a table for each block, in order


@dataclass(frozen=True)
class FillShelf:
    """Makes the blocks of one shelf, one after the other, and writes them. For a worker."""

    scenario: Scenario
    folder: str

    def __call__(self, number: int) -> ShelfDone:
        scenario = self.scenario
        shelf = Shelf(Path(self.folder), number)
        first = number * SHELF_BLOCKS
        numbers = range(first, min(first + SHELF_BLOCKS, scenario.blocks))
        events, people, tallies = 0, 0, []
        try:
            for which in numbers:
                made = block.make(scenario, which)
                put_events(shelf, made)
                put_truth(shelf, scenario, made)
                events += made.table.num_rows
                people += len(made.folk)
                tallies.append(truth.tally(made))
        finally:
            shelf.close()
        return ShelfDone(people, events, len(numbers), tuple(tallies))


def shelves(scenario: Scenario) -> int:
    return -(-scenario.blocks // SHELF_BLOCKS)


def whole_truth(folder: Path, scenario: Scenario, totals: Any) -> None:
    """What is true of the whole company, and what the columns mean."""
    calendar = calendar_of(scenario)
    planned = campaigns.schedule(calendar.days)
    place = folder / "truth"
    place.mkdir(parents=True, exist_ok=True)
    for name, table in (
        ("campaigns", truth.campaigns(scenario, planned, totals)),
        ("season", truth.season(scenario, calendar)),
    ):
        pq.write_table(table, place / f"{name}.parquet", compression="zstd", store_schema=False)
    (place / "model.json").write_text(
        json.dumps(model(scenario), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    (place / "README.md").write_text(TRUTH, encoding="utf-8")


def events_readme(folder: Path) -> None:
    (folder / "README.md").write_text(EVENTS, encoding="utf-8")


def model(scenario: Scenario) -> dict[str, Any]:
    """The arguments, and the parameters of the models that people are drawn from."""
    said = asdict(scenario) | {"until": scenario.until.isoformat()}
    return {
        "scenario": said | {"first": scenario.first.isoformat(), "name": scenario.fingerprint},
        "kinds": {
            kind.name.lower(): {
                "share": lives.SHARES[kind],
                "rate_gamma_shape": lives.RATES[kind][0],
                "rate_mean_a_year": lives.RATES[kind][1],
            }
            for kind in lives.Kind
        },
        "drifting_dropout": {
            "gamma_shape": lives.DROPOUT_SHAPE,
            "gamma_rate_days": lives.DROPOUT_SCALE_DAYS,
        },
        "spend_gamma_gamma": {"p": lives.SPEND_P, "q": lives.SPEND_Q, "gamma": lives.SPEND_GAMMA},
    }


class Occupied(Exception):
    """A folder that holds something else already."""


def fresh(folder: Path, scenario: Scenario) -> Path:
    """A folder beside the wanted one, to write in; it is moved in place when it is whole.

    The wanted one may hold the same simulation already, whose bytes will be the same.
    """
    if folder.exists() and any(folder.iterdir()) and named(folder) != scenario.fingerprint:
        raise Occupied(f"{folder} is not empty. Name a new folder, or empty it first.")
    making = folder.parent / f".{folder.name}.making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    return making


def named(folder: Path) -> str | None:
    """The fingerprint of the simulation that a folder holds, if it holds one."""
    try:
        said = json.loads((folder / "truth" / "model.json").read_text(encoding="utf-8"))
        return str(said["scenario"]["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finish(making: Path, folder: Path) -> None:
    """Put a finished simulation in its place, instead of the same one from an earlier run."""
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(making, folder)
