"""The command, the lake, the demonstration, and how much memory it takes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds
import pytest
from typer.testing import CliRunner

from pupitre.config.cli import app
from pupitre.flow.collect.simulation import block, services
from pupitre.flow.collect.simulation.console import keys
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE, DEMO_SCALE, Scenario
from pupitre.lake import queries
from pupitre.lake import services as lake

pytestmark = pytest.mark.once
SMALL = Scenario(people=150, months=2, seed=4)
ASKED = ["simulate", "--people", "150", "--months", "2", "--seed", "4"]
runner = CliRunner()


@pytest.fixture
def own_lake(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.DATA_DIR = tmp_path
    yield tmp_path
    queries.close()
    lake.close()


def counted() -> int:
    ((events,),) = queries.count_events().rows
    return int(events)


def test_the_command_writes_events_and_truth(tmp_path: Path) -> None:
    done = runner.invoke(app, [*ASKED, "--out", str(tmp_path / "made")])
    assert done.exit_code == 0, done.output
    expected = block.make(SMALL, 0).table
    assert f"{expected.num_rows:,} events of 150 people" in done.output
    events = ds.dataset(tmp_path / "made" / "events", format="parquet").to_table()
    assert events.num_rows == expected.num_rows
    assert set(events["message_id"].to_pylist()) == set(expected["message_id"].to_pylist())
    months = sorted(path.name for path in (tmp_path / "made" / "events").iterdir())
    assert months == ["2025-11", "2025-12"]
    readme = (tmp_path / "made" / "truth" / "README.md").read_text(encoding="utf-8")
    for path in (tmp_path / "made" / "truth").iterdir():
        if path.suffix != ".md":
            assert f"## {path.name.removesuffix('.parquet')}" in readme


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "one of --into-lake, --out and --post"),
        (["--into-lake", "--out", "x"], "one of --into-lake, --out and --post"),
        (["--post", "http://127.0.0.1:1"], "--write-key"),
        (["--post", "nowhere", "--write-key", "k"], "no http address"),
        (["--into-lake", "--until", "yesterday"], "yesterday"),
        (["--into-lake", "--people", "0"], "people: from 1"),
        (["--out", "/proc/nowhere/made"], "No such file"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_line(more: list[str], said: str) -> None:
    done = runner.invoke(app, [*ASKED, *more])
    assert done.exit_code == 1, done.output
    assert said in done.output
    assert "Traceback" not in done.output


def test_write_keys_by_source_or_one_for_all() -> None:
    assert keys(["abc", "tills=x=y"]) == (("", "abc"), ("tills", "x=y"))


def test_the_lake_gets_every_event_once(own_lake: Path) -> None:
    for _ in range(2):
        done = runner.invoke(app, [*ASKED, "--into-lake"])
        assert done.exit_code == 0, done.output
        assert counted() == block.make(SMALL, 0).table.num_rows
    assert "1 of 1 blocks were in the lake already" in done.output
    truth = own_lake / "simulations" / SMALL.fingerprint / "truth"
    assert (truth / "campaigns.parquet").is_file()


@pytest.mark.slow
def test_several_cores_fill_the_lake_with_the_same(own_lake: Path) -> None:
    wide = Scenario(people=2 * BLOCK_PEOPLE + 100, months=1, seed=4)
    made = services.into_lake(scenario=wide, truth_folder=own_lake / "truth", processes=2)
    assert made.blocks == 3
    assert counted() == made.events
    assert made.events == sum(block.make(wide, n).table.num_rows for n in range(3))


@pytest.mark.slow
def test_the_demonstration_is_brought_in_once(own_lake: Path) -> None:
    at = datetime(2026, 11, 20, 15, tzinfo=UTC)
    made = services.demonstration(at=at)
    assert made is not None
    assert made.people == DEMO_SCALE.people
    assert 150_000 < made.events < 400_000
    assert counted() == made.events
    answer = queries.last_events(limit=1)
    newest = dict(zip(answer.columns, answer.rows[0], strict=True))
    assert newest["corrected_at"].date() == datetime(2026, 11, 19, tzinfo=UTC).date()
    assert services.demonstration(at=at) is None
    assert counted() == made.events


PEAK = """
import resource, sys
from pathlib import Path
from pupitre.flow.collect.simulation import block, writing
from pupitre.flow.collect.simulation.contracts import Scenario
scenario = Scenario(people=int(sys.argv[1]), months=3, seed=1)
writing.FillShelf(scenario, sys.argv[2])(0)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_people(tmp_path: Path) -> None:
    def peak(people: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", PEAK, str(people), str(tmp_path / str(people))],
            capture_output=True,
            text=True,
            check=True,
        )
        return int(done.stdout)

    few, many = peak(2 * BLOCK_PEOPLE), peak(6 * BLOCK_PEOPLE)
    assert many < 1.35 * few
    assert many < 1_900_000  # KB, for one of two processes
