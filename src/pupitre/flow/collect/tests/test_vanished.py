"""The database goes away in mid-traffic, or the disk is full: 503, a red /health, nothing lost.

A real PostgreSQL that crashes and comes back; a real file system of a few megabytes.
"""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.collect.tests.crash_kit import (
    PATIENCE_SECONDS,
    Stage,
    ask,
    nothing_is_lost_or_doubled,
    sending,
    stage,
    wait_until_drained,
)
from tests.postgres import postgres_server

pytestmark = [pytest.mark.once, pytest.mark.slow]
RED_SECONDS = 30  # what is promised
MOUNT = ("mount", "-t", "tmpfs", "-o", "size=200m,mode=700", "tmpfs")


def health(made: Stage) -> tuple[int, str]:
    """The status of /health, and what its lines on events say."""
    connection = http.client.HTTPConnection("127.0.0.1", made.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status, json.dumps(json.loads(answer.read()))
    except OSError:
        return 0, ""
    finally:
        connection.close()


def wait_for(what: Callable[[], bool], seconds: float) -> float:
    """Until it holds; how long that took. Fails after so many seconds."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < seconds
        time.sleep(0.2)
    return time.monotonic() - began


def status_of_one(made: Stage) -> int:
    event = {"type": "track", "event": "probe", "userId": "u", "messageId": "probe"}
    with suppress(OSError, http.client.HTTPException):
        return ask(made.port, "/v1/batch", {"batch": [event]})
    return 0


def test_a_database_that_vanishes_in_mid_traffic(tmp_path: Path, settings: Any) -> None:
    with (
        postgres_server(durable=True) as server,
        stage(tmp_path, DATABASE_URL=server.address) as made,
    ):
        with sending(made.port) as senders:
            time.sleep(3)
            for _ in range(2):
                server.crash()
                told = len(senders[0].acknowledged)
                wait_for(lambda: health(made)[0] == 503, RED_SECONDS)
                assert status_of_one(made) == 503
                assert len(senders[0].acknowledged) <= told + 40  # what was being committed
                server.come_back()
                wait_for(lambda: status_of_one(made) == 200, RED_SECONDS)
                time.sleep(2)
        wait_until_drained(made)
        nothing_is_lost_or_doubled(tmp_path, settings, senders)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run([*MOUNT, folder], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a file system of one's own cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that there is, to the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(65_536)):
            pass
    return ballast


def test_a_disk_that_is_full(small_disk: Path, settings: Any) -> None:
    """Everything is on it: the journal, the books, the lake and its catalogue."""
    with stage(small_disk, PUPITRE_JOURNAL_SPARE_MB="16") as made:
        with sending(made.port) as senders:
            for _ in range(2):
                time.sleep(3)
                ballast = fill(small_disk)
                wait_for(lambda: status_of_one(made) == 503, RED_SECONDS)
                wait_for(lambda: health(made)[0] == 503, RED_SECONDS)
                assert shutil.disk_usage(small_disk).free < 1024 * 1024
                ballast.unlink()
                wait_for(lambda: status_of_one(made) == 200, RED_SECONDS)
        wait_until_drained(made)
        nothing_is_lost_or_doubled(small_disk, settings, senders)
