"""The same arguments, the same bytes: whoever makes them, and in whatever order."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pupitre.flow.collect.simulation import block, services, truth
from pupitre.flow.collect.simulation.block import Block
from pupitre.flow.collect.simulation.contracts import BLOCK_PEOPLE, SHELF_BLOCKS, Scenario
from pupitre.flow.collect.simulation.writing import Occupied

pytestmark = pytest.mark.once
SMALL = Scenario(people=120, months=3, seed=5)


def digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def made(scenario: Scenario, folder: Path, processes: int = 1) -> dict[str, str]:
    services.into_folder(scenario=scenario, folder=folder, processes=processes)
    return digest(folder)


def test_two_runs_give_the_same_files_and_the_same_bytes(tmp_path: Path) -> None:
    one = made(SMALL, tmp_path / "one")
    assert one == made(SMALL, tmp_path / "two")
    assert {name.split("/")[0] for name in one} == {"README.md", "events", "truth"}
    assert {f"truth/{name}/part-00000.parquet" for name in truth.NAMES} <= set(one)


@pytest.mark.slow
def test_the_number_of_cores_changes_nothing(tmp_path: Path) -> None:
    wide = Scenario(people=BLOCK_PEOPLE * SHELF_BLOCKS + 100, months=1, seed=5)
    one = made(wide, tmp_path / "one", processes=1)
    assert one == made(wide, tmp_path / "two", processes=2)
    assert sum(name.startswith("truth/people/") for name in one) == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(SMALL, seed=6),
        replace(SMALL, people=121),
        replace(SMALL, months=4),
        replace(SMALL, until=date(2025, 12, 31)),
    ],
)
def test_another_argument_gives_another_company(other: Scenario) -> None:
    assert other.fingerprint != SMALL.fingerprint
    assert not block.make(other, 0).table.equals(block.make(SMALL, 0).table)


def test_a_block_needs_no_other(company: Scenario, blocks: tuple[Block, ...]) -> None:
    """The last block, made again by itself, is what it was when made after the first."""
    last = blocks[-1]
    assert block.make(company, last.number).table.equals(last.table)


def test_the_model_is_the_one_that_its_version_names() -> None:
    """Another number here: change MODEL_VERSION too, so that message ids are not used twice."""
    assert SMALL.fingerprint == "098f63d68667"
    assert block.make(SMALL, 0).table.num_rows == 5101


def test_message_ids_are_unique(blocks: tuple[Block, ...]) -> None:
    ids = [one for made in blocks for one in made.table["message_id"].to_pylist()]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 100


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(Occupied, match="not empty"):
        made(SMALL, tmp_path / "mine")
    assert digest(tmp_path / "mine").keys() == {"letter.txt"}


def test_the_same_simulation_may_be_written_over(tmp_path: Path) -> None:
    assert made(SMALL, tmp_path / "one") == made(SMALL, tmp_path / "one")
    with pytest.raises(Occupied):
        made(replace(SMALL, seed=6), tmp_path / "one")


@pytest.mark.parametrize(
    "arguments",
    [
        {"people": 0},
        {"months": 0},
        {"months": 61},
        {"seed": -1},
        {"people": 10**9},
        {"until": date(2200, 1, 1)},
    ],
)
def test_arguments_are_bounded(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(arguments))):
        replace(SMALL, **arguments)
