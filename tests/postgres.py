"""A real PostgreSQL, private to one command: `python -m tests.postgres -- COMMAND…`.

It lives in a temporary folder on a free port of the loopback address, forgets nothing on purpose
but its durability (fsync off), and is stopped and removed when the command ends, however it ends.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from tests.serving import free_port

START_SECONDS = 30
TRIES = 3  # a port that was free a moment ago may be taken by another process
CLUSTER = (
    "--username=pupitre",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
)
SPEED_OVER_SAFETY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Unavailable(RuntimeError):
    """No PostgreSQL server could be started, and what was seen."""


def binaries() -> Path:
    """The folder of the newest server that Debian installed."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: [int(n) for n in re.findall(r"\d+", path.parts[4])],
    )
    if not found:
        raise Unavailable("no server under /usr/lib/postgresql; apt-get install postgresql")
    return found[-1].parent


def _as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; Debian's package brings a user for it."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@dataclass
class Server:
    """A running one, that can be made to vanish and come back where it was."""

    folder: Path
    port: int
    durable: bool
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"postgresql://pupitre@127.0.0.1:{self.port}/postgres"

    def crash(self) -> None:
        """At once, without a word to its clients: a recovery is left to the next start."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(15)

    def come_back(self) -> None:
        self.process = _start(self.folder, self.port, durable=self.durable)


def _start(folder: Path, port: int, *, durable: bool) -> subprocess.Popen[bytes]:
    # No socket file: its path must be short, and the temporary folder may be deep.
    options = ["unix_socket_directories=", "listen_addresses=127.0.0.1"]
    options += [*(() if durable else SPEED_OVER_SAFETY), "max_connections=60", "timezone=UTC"]
    arguments = [part for option in options for part in ("-c", option)]
    log = (folder / "log").open("ab")
    server = subprocess.Popen(
        [binaries() / "postgres", "-D", folder / "data", "-p", str(port), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd=folder,
        start_new_session=True,  # so that Ctrl-C reaches the command, and the server stops last
        **_as_whom(),
    )
    log.close()
    deadline = time.monotonic() + START_SECONDS
    ready = [binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ready, check=False).returncode == 0:
            return server
        time.sleep(0.05)
    _stop(server)
    raise Unavailable((folder / "log").read_text(errors="replace")[-2000:])


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGINT)  # the server's «fast»: it ends what its clients are doing
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a server of one's own, as DATABASE_URL wants it."""
    with postgres_server() as server:
        yield server.address


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[Server]:
    """A server of one's own. ``durable``: what it has committed outlives its crash."""
    folder = Path(tempfile.mkdtemp(prefix="pupitre-postgres-"))
    whom = _as_whom()
    try:
        if whom:
            os.chown(folder, whom["user"], whom["group"])
        made = subprocess.run(
            [binaries() / "initdb", "-D", folder / "data", *CLUSTER],
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            **whom,
        )
        if made.returncode:
            raise Unavailable(made.stderr)
        for attempt in range(1, TRIES + 1):
            try:
                port = free_port()
                server = Server(folder, port, durable, _start(folder, port, durable=durable))
                break
            except Unavailable:
                if attempt == TRIES:
                    raise
        try:
            yield server
        finally:
            _stop(server.process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(number, signal.SIG_IGN)  # once is enough: nothing may interrupt the tidying
    raise SystemExit(128 + number)


def main(arguments: Sequence[str]) -> int:
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not command:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)
    # Whoever runs us in the background of a shell has had this one ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with postgres() as address:
            child = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": address})
            try:
                return child.wait()
            except BaseException:  # a signal to us: the command must not outlive its database
                child.terminate()
                child.wait()
                raise
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Unavailable as error:
        sys.stderr.write(f"PostgreSQL could not be started: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
