"""The product's own collector and drain in processes of their own, and senders that insist."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre.flow.collect.tests.collector_kit import KEY, basic
from pupitre.flow.collect.tests.drain_kit import stored
from pupitre.lake import queries, services
from tests.serving import clean_environment, free_port

PATIENCE_SECONDS = 60
APP = "pupitre.flow.collect.tests.collector_app"


@dataclass
class Stage:
    """A folder, its collector, its drain."""

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, what: str) -> None:
        arguments = ["drain"] if what == "drain" else [str(self.port), "2"]
        with (self.folder / f"{what}.log").open("ab") as log:
            self.processes[what] = subprocess.Popen(
                [sys.executable, "-m", APP, *arguments],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that its own processes die with it
            )

    def kill(self, what: str) -> None:
        os.killpg(self.processes[what].pid, signal.SIGKILL)
        self.processes[what].wait()

    def answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(self.port, "/v1/batch", {"batch": []}) == 200
        return False

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            assert time.monotonic() < deadline, (self.folder / "collector.log").read_text()
            time.sleep(0.05)


def ask(port: int, path: str, body: object, timeout: float = 20) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", path, json.dumps(body), basic())
        return connection.getresponse().status
    finally:
        connection.close()


@contextmanager
def stage(folder: Path, **more: str) -> Iterator[Stage]:
    book = folder / "book.json"
    source = {"id": 1, "key": "shop", "name": "Shop", "channel": "web", "open": True}
    book.write_text(json.dumps([{"source": source, "keys": [KEY]}]))
    environment = clean_environment(folder, COLLECTOR_BOOK=str(book), **more)
    made = Stage(folder, environment)
    try:
        made.start("collector")
        made.wait_until_it_answers()
        made.start("drain")
        yield made
    finally:
        for process in made.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Sender(threading.Thread):
    """Sends until told to stop; whatever was not acknowledged is sent again, as SDKs do."""

    def __init__(self, port: int, number: int) -> None:
        super().__init__(daemon=True)
        self.port, self.number = port, number
        self.stop = threading.Event()
        self.acknowledged: list[str] = []
        self.odd: list[int] = []

    def run(self) -> None:
        dice = random.Random(self.number)  # noqa: S311
        made = 0
        while not self.stop.is_set():
            count = dice.choice((1, 1, 1, 40))
            ids = [f"{self.number}-{made + i}" for i in range(count)]
            made += count
            self.deliver(ids, again=dice.random() < 0.1)

    def deliver(self, ids: list[str], *, again: bool) -> None:
        events = [{"type": "track", "event": "x", "userId": "u", "messageId": i} for i in ids]
        for _ in range(2 if again else 1):  # now and then an acknowledged one is sent again
            while not self.stop.is_set():
                status = 0
                with suppress(OSError, http.client.HTTPException):
                    status = ask(self.port, "/v1/batch", {"batch": events})
                if status == 200:
                    self.acknowledged += ids
                    break
                if status not in (0, 429, 503):
                    self.odd.append(status)
                time.sleep(0.05)


@contextmanager
def sending(port: int, senders: int = 4) -> Iterator[list[Sender]]:
    """Senders at work; whatever happens, they stop."""
    started = [Sender(port, number) for number in range(senders)]
    for sender in started:
        sender.start()
    try:
        yield started
    finally:
        for sender in started:
            sender.stop.set()
        for sender in started:
            sender.join(PATIENCE_SECONDS)


def wait_until_drained(made: Stage) -> None:
    """As long as books and journal say that something waits."""
    script = (
        "import django; django.setup()\n"
        "from pupitre.flow.collect.intake.home import home\n"
        "desk = home().desk()\n"
        "print(desk.waiting_since_us() is None and desk.books.planned() is None)"
    )
    environment = {**made.environment, "DJANGO_SETTINGS_MODULE": "pupitre.config.settings"}
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        said = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, check=True
        )
        if said.stdout.strip() == b"True":
            return
        time.sleep(0.3)
    raise AssertionError((made.folder / "drain.log").read_text()[-3_000:])


def nothing_is_lost_or_doubled(folder: Path, settings: Any, senders: Sequence[Sender]) -> None:
    """What was acknowledged is in the lake, once; and nobody heard of trouble but 429 and 503."""
    settings.DATA_DIR = folder
    services.close()
    queries.close()
    found = stored()
    queries.close()
    acknowledged = {("shop", id_) for sender in senders for id_ in sender.acknowledged}
    assert len(acknowledged) > 100
    assert acknowledged - set(found) == set(), "acknowledged, and not stored"
    assert {id_: n for id_, n in found.items() if n > 1} == {}, "stored twice"
    assert Counter(status for sender in senders for status in sender.odd) == {}
