"""Ten minutes of steady traffic, single events and batches, drained as they come: does memory grow?

Growth is from what the processes had after the first third to what they have at the end, each the
median of a tenth of the time: caches fill first, and one sample says little.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from benchmarks import collecting
from benchmarks.collector_batch import EVENTS, bodies
from benchmarks.harness import Benchmark, Measure

SECONDS = 600.0
TURN_SECONDS = 2.0
SINGLES, BATCHES = 3_000, 60  # a turn: 1,500 requests and 4,500 events a second
LINES = 16
MOST_GROWTH = 5.0  # percent
AFTER, WIDTH = 1 / 3, 1 / 10  # of the time
KIB_A_MIB = 1024


def _family(pid: int) -> Iterator[int]:
    """A process and those that it started."""
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended meanwhile
            for child in (task / "children").read_text().split():
                yield from _family(int(child))


def _resident_mib(pid: int) -> float:
    total = 0
    for one in _family(pid):
        for line in Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total / KIB_A_MIB


def _serving(port: int) -> int:
    """The process that serves a port of ours."""
    wanted = f"{collecting.APP}\0{port}\0".encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_bytes():
                return int(path.parent.name)
        except OSError:  # it has ended meanwhile
            continue
    raise LookupError(port)


@contextmanager
def _drain(folder: Path) -> Iterator[int]:
    environment = {
        **os.environ,
        "PUPITRE_DATA_DIR": str(folder),
        "COLLECTOR_BOOK": str(folder / "book.json"),
    }
    command = [sys.executable, "-m", collecting.APP, "drain"]
    process = subprocess.Popen(command, env=environment, stdout=sys.stderr)  # noqa: S603
    try:
        yield process.pid
        if process.poll() is not None:
            raise RuntimeError("the drain ended by itself")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _growth(samples: list[tuple[float, float]], seconds: float) -> float:
    """In percent. ``samples``: (when, MiB)."""

    def around(share: float) -> float:
        low, high = (share - WIDTH / 2) * seconds, (share + WIDTH / 2) * seconds
        return statistics.median(mib for at, mib in samples if low <= at <= high)

    return (around(1 - WIDTH / 2) / around(AFTER) - 1) * 100


def run(scale: float) -> Iterator[Measure]:
    seconds = max(20 * TURN_SECONDS, SECONDS * scale)
    folder = collecting.scratch("soak")
    web: list[tuple[float, float]] = []
    drain: list[tuple[float, float]] = []
    sent = refused = 0
    with collecting.collector(folder) as port, _drain(folder) as drain_pid:
        web_pid, began = _serving(port), time.monotonic()
        for turn in count():
            at = time.monotonic() - began
            if at >= seconds:
                break
            web.append((at, _resident_mib(web_pid)))
            drain.append((at, _resident_mib(drain_pid)))
            singles = collecting.events(SINGLES, first=turn)
            requests = [collecting.request(body, "/v1/track") for body in singles]
            batches = bodies(BATCHES, first=1_000_000 + turn)
            requests += [collecting.request(body, "/v1/import") for body in batches]
            done = collecting.send(port, requests, lines=LINES)
            sent += SINGLES + BATCHES * EVENTS
            refused += done.refused
            time.sleep(max(0.0, (turn + 1) * TURN_SECONDS - (time.monotonic() - began)))
    if refused:
        raise RuntimeError(f"{refused} requests were refused")
    minutes = seconds / 60
    yield Measure(
        f"growth of the web processes' memory, {web[-1][1]:.0f} MiB at the end, "
        f"over {minutes:.1f} minutes and {sent:,} events",
        _growth(web, seconds),
        "%",
        at_most=MOST_GROWTH,
    )
    yield Measure(
        f"growth of the drain's memory, {drain[-1][1]:.0f} MiB at the end",
        _growth(drain, seconds),
        "%",
        at_most=MOST_GROWTH,
    )


BENCHMARK = Benchmark("Does the collector's memory grow under steady traffic?", run)
