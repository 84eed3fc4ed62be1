"""The worker at the server's side: started again when it dies, gone when the server goes."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

import pytest

from pupitre.config import serve
from pupitre.config.serve import Companion

pytestmark = pytest.mark.once

# Writes down that it began; ends at once with 3, or waits for its end when told to stay.
WORKER = """
import pathlib, sys, time
with pathlib.Path(sys.argv[1]).open("a") as file:
    file.write("begun\\n")
if sys.argv[2] == "dies":
    sys.exit(3)
time.sleep(60)
"""


def companion(folder: Path, how: str) -> Companion:
    return Companion([sys.executable, "-c", WORKER, str(folder / "begun"), how])


def begun(folder: Path) -> int:
    path = folder / "begun"
    return path.read_text().count("begun") if path.exists() else 0


def wait_until(folder: Path, times: int) -> None:
    deadline = time.monotonic() + 20
    while begun(folder) < times:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "RESTART_SECONDS", (0.01, 0.01, 0.05, 60))


def test_one_that_dies_is_started_again_less_and_less_often(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "pupitre.run"):
        kept = companion(tmp_path, "dies")
        kept.start()
        wait_until(tmp_path, 3)
        time.sleep(1)  # the fourth start is a minute away
        kept.stop()
    assert begun(tmp_path) == 3
    pauses = [record.args[1] for record in caplog.records if record.args]
    assert pauses == [0.01, 0.05, 60]
    assert "ended with 3" in caplog.text


def test_one_that_lives_is_told_to_stop_and_not_started_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = companion(tmp_path, "stays")
    kept.start()
    wait_until(tmp_path, 1)
    began = time.monotonic()
    kept.stop()
    assert time.monotonic() - began < 10
    assert begun(tmp_path) == 1
    assert caplog.records == []


def test_one_that_will_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "STOP_SECONDS", 0.3)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WORKER
    kept = Companion([sys.executable, "-c", deaf, str(tmp_path / "begun"), "stays"])
    kept.start()
    wait_until(tmp_path, 1)
    began = time.monotonic()
    kept.stop()
    assert time.monotonic() - began < 10
    assert kept._process is not None
    assert kept._process.returncode == -9
