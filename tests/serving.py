"""A real Pupitre in a process of its own, for tests that come in through the door."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 300  # migrations and the demonstration company, with two test processes at work
STOP_SECONDS = 20


@dataclass(frozen=True)
class Served:
    """A running Pupitre."""

    url: str
    port: int
    data_dir: Path
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clean_environment(data_dir: Path, **more: str) -> dict[str, str]:
    """This process's environment without any setting of Pupitre's, but those given."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PUPITRE_", "DJANGO_")) and name != "DATABASE_URL"
    }
    return {**kept, "PUPITRE_DATA_DIR": str(data_dir), "COLUMNS": "120", **more}


@contextmanager
def serving(
    data_dir: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """`pupitre run ARGUMENTS` on a free port, until /health answers; stopped by its own pid."""
    port = free_port()
    log = data_dir.parent / f"{data_dir.name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "pupitre", "run", "--port", str(port), *arguments],
            env=clean_environment(data_dir, **(environment or {})),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(f"http://127.0.0.1:{port}", port, data_dir, log, process)
    try:
        _wait_until_healthy(served)
        yield served
    finally:
        stop(process)


def _wait_until_healthy(served: Served) -> None:
    deadline = time.monotonic() + START_SECONDS
    seen = "no answer"
    while time.monotonic() < deadline:
        if served.process.poll() is not None:
            raise RuntimeError(f"it ended with {served.process.returncode}:\n{served.said()}")
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)) as line:
                line.request("GET", "/health")
                answer = line.getresponse()
                seen = f"{answer.status} {answer.read()!r}"
                if answer.status == 200:
                    return
        except OSError as error:
            seen = repr(error)
        time.sleep(0.1)
    raise RuntimeError(f"not healthy after {START_SECONDS} s ({seen}):\n{served.said()}")


def stop(process: subprocess.Popen[bytes]) -> int:
    """Ask it to stop; if it will not, end the group that it leads, which is ours alone."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode
