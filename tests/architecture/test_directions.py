"""Imports go one way. `lint-imports` holds it; this shows that it would notice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

LINT = Path(sys.executable).with_name("lint-imports")
ROOMS = (
    *("config", "core", "core.accounts", "lake", "rules", "rules.charter", "rules.mandate"),
    *("desk", "desk.agenda", "desk.alignment", "desk.board", "desk.kpis", "desk.network"),
    *("flow", "flow.collect", "flow.identify", "flow.insight", "flow.outreach", "flow.results"),
)


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A whole house of empty rooms, with the product's own contracts."""
    for room in ["", *ROOMS]:
        folder = tmp_path / "src" / "pupitre" / room.replace(".", "/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    start = contracts.index("[tool.importlinter]")
    (tmp_path / "pyproject.toml").write_text(contracts[start:], encoding="utf-8")
    return tmp_path


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT, "--no-cache", "--config", "pyproject.toml"],
        cwd=house,
        env={"PYTHONPATH": str(house / "src"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def imports(house: Path, room: str, other: str) -> None:
    path = house / "src" / "pupitre" / room.replace(".", "/") / "planted.py"
    path.write_text(f"import pupitre.{other}\n", encoding="utf-8")


RIGHT = [
    ("config", "desk.board"),
    ("config", "core"),
    ("desk.board", "desk.agenda"),
    ("desk.agenda", "desk.kpis"),
    ("desk.kpis", "flow.results"),
    ("flow.results", "flow.collect"),
    ("flow.outreach", "rules.charter"),
    ("rules.charter", "rules.mandate"),
    ("rules.mandate", "lake"),
    ("rules.mandate", "core.accounts"),
    ("lake", "core"),
]
WRONG = [
    ("core", "rules.mandate"),
    ("core.accounts", "rules.mandate"),
    ("core", "config"),
    ("core", "lake"),
    ("lake", "flow.collect"),
    ("lake", "rules.mandate"),
    ("rules.mandate", "rules.charter"),
    ("rules.mandate", "flow.collect"),
    ("rules.charter", "desk.agenda"),
    ("flow.collect", "flow.identify"),
    ("flow.insight", "flow.outreach"),
    ("flow.results", "desk.kpis"),
    ("desk.kpis", "desk.agenda"),
    ("desk.agenda", "desk.network"),
    ("desk.network", "desk.alignment"),
    ("desk.alignment", "desk.board"),
    ("desk.board", "config"),
]


@pytest.mark.slow
def test_every_import_that_the_design_allows_passes_together(house: Path) -> None:
    for number, (room, other) in enumerate(RIGHT):
        imports(house, room, other)
        path = house / "src" / "pupitre" / room.replace(".", "/") / "planted.py"
        path.rename(path.with_name(f"planted{number}.py"))
    done = lint(house)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("room", "other"), WRONG, ids=[f"{a}->{b}" for a, b in WRONG])
def test_an_import_against_the_direction_is_found(house: Path, room: str, other: str) -> None:
    imports(house, room, other)
    done = lint(house)
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"pupitre.{room}.planted -> pupitre.{other}" in done.stdout
