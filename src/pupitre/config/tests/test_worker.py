"""The worker, in a process of its own: jobs run when due, once; a crash loses none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from pupitre.config import worker
from pupitre.config.lock import AlreadyWorking, alone, is_working
from pupitre.core.contributions import StandingJob
from tests.serving import clean_environment

pytestmark = pytest.mark.slow

# A worker with one job, due each second, that writes down when it was due, and then waits for a
# file named «go». Whatever would speak to another machine is written down too.
WORKER = """
import sys, os, time, pathlib
folder = pathlib.Path(sys.argv[1])
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        with (folder / "contacts").open("a") as file:
            file.write(f"{event} {args[1:] if event != 'socket.getaddrinfo' else args[:2]}\\n")
sys.addaudithook(watch)
import django
from django.conf import settings
django.setup()
from pupitre.core import contributions
contributions.scheduled_jobs._entries.clear()
contributions.standing_jobs._entries.clear()
def job(due_at):
    assert due_at.tzinfo is not None
    with (folder / "begun").open("a") as file:
        file.write(due_at.isoformat() + "\\n")
    while not (folder / "go").exists():
        time.sleep(0.02)
    with (folder / "done").open("a") as file:
        file.write(due_at.isoformat() + "\\n")
contributions.scheduled_jobs.add(
    "tick", contributions.ScheduledJob("tick", "* * * * * *", job)
)
from pupitre.config.worker import work
work(with_parent="with-parent" in sys.argv)
"""


def start(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
    environment = clean_environment(
        folder, DJANGO_SETTINGS_MODULE="pupitre.config.settings", **more
    )
    if os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = os.environ["DATABASE_URL"]
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
        )


def lines(folder: Path, name: str) -> list[str]:
    path = folder / name
    return path.read_text().split("\n")[:-1] if path.exists() else []


def wait_for(what: Callable[[], bool], folder: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, (folder / "log").read_text()
        time.sleep(0.05)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    code = process.wait(30)
    assert process.stdin is not None
    process.stdin.close()
    return code


def test_a_job_runs_once_for_each_instant_it_is_due_and_speaks_to_nobody(tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    process = start(tmp_path, DBOS__CLOUD="true", DBOS_CONDUCTOR_KEY="a key", DBOS__APPID="x")
    wait_for(lambda: len(lines(tmp_path, "done")) >= 3, tmp_path)
    assert is_working(tmp_path)
    assert end(process) == 0
    assert not is_working(tmp_path)
    due = [datetime.fromisoformat(line) for line in lines(tmp_path, "done")]
    assert len(due) == len(set(due)), "an instant was run twice"
    assert all("127.0.0.1" in line or "/tmp/" in line for line in lines(tmp_path, "contacts"))
    said = (tmp_path / "log").read_text()
    assert "At work: 1 scheduled jobs" in said
    assert "Traceback" not in said
    assert "conductor" not in said.lower()


def test_a_job_that_a_crash_cut_off_is_taken_up_again(tmp_path: Path) -> None:
    process = start(tmp_path)
    wait_for(lambda: len(lines(tmp_path, "begun")) >= 1, tmp_path)
    end(process, signal.SIGKILL)
    cut_off = lines(tmp_path, "begun")[0]
    assert lines(tmp_path, "done") == []

    (tmp_path / "go").touch()
    process = start(tmp_path)
    wait_for(lambda: cut_off in lines(tmp_path, "done"), tmp_path)
    assert end(process) == 0
    assert lines(tmp_path, "done").count(cut_off) == 1


def test_it_ends_when_the_process_that_started_it_has_gone(tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    process = start(tmp_path, "with-parent")
    wait_for(lambda: len(lines(tmp_path, "done")) >= 1, tmp_path)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(30) == 0


def test_two_workers_never_share_a_folder(tmp_path: Path) -> None:
    with alone(tmp_path):
        assert is_working(tmp_path)
        with pytest.raises(AlreadyWorking), alone(tmp_path):
            pass
        refused = subprocess.run(
            [sys.executable, "-m", "pupitre", "worker"],
            env=clean_environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert refused.returncode == 1
    assert "another worker is at work" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not is_working(tmp_path)


def test_a_standing_job_that_ends_badly_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, begun = threading.Event(), []

    def run(told: threading.Event) -> None:
        begun.append(len(begun))
        if len(begun) < 3:
            raise OSError("no room left")
        told.set()

    monkeypatch.setattr(worker, "RESTART_SECONDS", 0.01)
    worker._stand(StandingJob("stubborn", run), stop)
    assert begun == [0, 1, 2]
