"""`pupitre run`, once everything is ready: serves, and keeps a worker at its side."""

from __future__ import annotations

import logging
import multiprocessing
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connections
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from pupitre.config.lock import serving

STOP_SECONDS = 15  # how long a request under way, or a job, is waited for
RESTART_SECONDS = (1, 2, 5, 15, 60)  # waits before a worker that died is started again
log = logging.getLogger("pupitre.run")


class Companion:
    """The worker, as a child process that is started again when it dies."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watch = threading.Thread(target=self._keep, name="worker's keeper", daemon=True)

    def start(self) -> None:
        self._watch.start()

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            born = time.monotonic()
            # Its standard input is ours to close: should this process be killed, it notices. A
            # group of its own: Ctrl-C reaches us, and it is told to stop after our requests.
            self._process = subprocess.Popen(  # noqa: S603
                self._command, stdin=subprocess.PIPE, process_group=0
            )
            if self._stopping.is_set():
                self._process.terminate()
            code = self._process.wait()
            if self._stopping.is_set():
                return
            failures = 0 if time.monotonic() - born > RESTART_SECONDS[-1] else failures + 1
            pause = RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)]
            log.error("The worker ended with %d; started again in %d s", code, pause)
            self._stopping.wait(pause)

    def stop(self) -> None:
        self._stopping.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
        self._watch.join(STOP_SECONDS)
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def refuse_a_taken_port(host: str, port: int) -> None:
    """Raise OSError where another process listens already.

    The server asks the system to share its port among its own processes; two Pupitres would then
    share one too, and answer in turn.
    """
    (family, kind, _, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address)


@contextmanager
def accompanied(*, by_worker: bool) -> Iterator[None]:
    if not by_worker:
        yield
        return
    companion = Companion([sys.executable, "-m", "pupitre", "worker", "--with-parent"])
    companion.start()
    try:
        yield
    finally:
        companion.stop()


def serve(*, with_worker: bool, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is called once the port is ours, else OSError."""
    env = settings.ENV
    refuse_a_taken_port(env.host, env.port)
    connections.close_all()  # what follows are other processes, each with connections of its own
    multiprocessing.set_start_method("spawn", force=True)  # and with nothing of this one's threads
    server = Server(
        "pupitre.config.asgi:application",
        address=env.host,
        port=env.port,
        interface=Interfaces.ASGI,
        workers=env.processes,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.on_startup(ready)
    with serving(settings.DATA_DIR), accompanied(by_worker=with_worker):
        server.serve()
