"""The private PostgreSQL: real, reachable, and gone afterwards, however its command ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tests.architecture.source import ROOT
from tests.postgres import postgres

pytestmark = [pytest.mark.once, pytest.mark.slow]


def folders(parent: Path) -> list[Path]:
    return list(parent.glob("pupitre-postgres-*"))


def start(tmp_path: Path, *command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "--", *command],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """Where the server's own user may come in, when the tests run as root."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith(("pytest-", "popen-", "test_")):
            parent.chmod(0o755)
    return tmp_path


def test_it_is_a_real_server_of_ones_own() -> None:
    with postgres() as one, postgres() as other:
        assert one != other
        with closing(psycopg.connect(one)) as line:
            (version,) = line.execute("SHOW server_version_num").fetchone() or ("",)
            assert int(version) >= 150000
            (address,) = line.execute("SHOW listen_addresses").fetchone() or ("",)
            assert address == "127.0.0.1"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(one)


def test_the_command_gets_its_address_and_its_exit_code_is_ours(open_folder: Path) -> None:
    said = "import os, sys; print(os.environ['DATABASE_URL']); sys.exit(7)"
    process = start(open_folder, sys.executable, "-c", said)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 7
    assert out.startswith("postgresql://pupitre@127.0.0.1:")
    assert folders(open_folder) == []


WAITS = """
import os, time
print(os.environ["DATABASE_URL"], os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_neither_command_nor_server_nor_folder(
    open_folder: Path, number: signal.Signals
) -> None:
    process = start(open_folder, sys.executable, "-c", WAITS)
    assert process.stdout is not None
    address, pid = process.stdout.readline().split()
    assert len(folders(open_folder)) == 1
    process.send_signal(number)
    assert process.wait(30) != 0
    process.stdout.close()
    assert folders(open_folder) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(address)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_without_a_command_it_says_how_it_is_used(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.postgres"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "-- COMMAND" in done.stderr
