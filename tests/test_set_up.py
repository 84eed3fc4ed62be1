"""The scripts behind `make`: what is missing is installed, or named in one line."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

pytestmark = pytest.mark.once

PACKAGES = ROOT / "scripts" / "debian-packages"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of stand-ins, first on the path: nothing is installed by these tests."""
    stand_in(tmp_path, "dpkg", "exit 1")
    stand_in(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    stand_in(tmp_path, "sudo", f'echo "sudo $@" >> {tmp_path}/asked; [ "$2" = true ] && exit 1')
    stand_in(tmp_path, "id", "echo 1000")
    return tmp_path


def stand_in(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def run(machine: Path, *names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PACKAGES, *names],
        env={"PATH": f"{machine}:{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def asked(machine: Path) -> str:
    path = machine / "asked"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_nothing_is_asked_for_what_is_there(machine: Path) -> None:
    stand_in(machine, "chromium", "exit 0")
    assert run(machine, "chromium").returncode == 0
    assert asked(machine) == ""


def test_without_the_right_to_install_one_line_says_what_is_missing(machine: Path) -> None:
    done = run(machine, "no-such-thing", "nor-this")
    assert done.returncode == 1
    assert done.stderr == (
        "Debian packages are missing: no-such-thing nor-this. "
        "Install them with: sudo apt-get install no-such-thing nor-this\n"
    )
    assert "apt-get" not in asked(machine)


def test_root_installs_what_is_missing_and_no_more(machine: Path) -> None:
    stand_in(machine, "id", "echo 0")
    stand_in(machine, "chromium", "exit 0")
    done = run(machine, "chromium", "no-such-thing")
    assert "install -y --no-install-recommends no-such-thing" in asked(machine)
    assert "chromium" not in asked(machine)
    assert done.returncode == 1, "still missing afterwards: that is said too"
    assert "no-such-thing" in done.stderr


def test_one_who_may_become_root_does(machine: Path) -> None:
    stand_in(machine, "sudo", f'echo "sudo $@" >> {machine}/asked')
    run(machine, "no-such-thing")
    assert re.search(r"^sudo -n env .*apt-get .*install .*no-such-thing$", asked(machine), re.M)


def test_an_old_python_is_refused_in_one_line(tmp_path: Path) -> None:
    stand_in(tmp_path, "python3", "exit 1")
    done = subprocess.run(
        [ROOT / "scripts" / "setup", str(tmp_path / "python3"), str(tmp_path / "venv"), "none"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Pupitre needs Python 3.11" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_make_lists_what_it_does_and_asks_for_no_more_than_the_readme_says() -> None:
    listed = subprocess.run(
        ["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "check", "bench", "pins", "messages", "format"):
        assert f"make {target} " in listed


def test_ci_runs_what_everybody_runs_with_nothing_to_read() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make test </dev/null" in script
    planned = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--always-make", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    steps = [
        "ruff format --check",
        "ruff check",
        "mypy",
        "lint-imports",
        "pytest",
        "tests.postgres",
    ]
    places = [planned.index(step) for step in steps]
    assert places == sorted(places)
    assert planned.rstrip().splitlines()[-1].count("pytest") == 1, "it closes on a test summary"
