"""The product's own entrance, with sources from a file instead of a company's tables.

Tests serve it in processes of its own: ``python -m …collector_app PORT PROCESSES``, or move what it
kept: ``python -m …collector_app drain``. The file is named by COLLECTOR_BOOK, and read again once
it has changed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pupitre.config.settings")
_pages = get_asgi_application()

from granian.constants import Interfaces  # noqa: E402
from granian.log import LogLevels  # noqa: E402
from granian.server import Server  # noqa: E402

from pupitre.config.entrance import entrance  # noqa: E402
from pupitre.flow.collect import collecting  # noqa: E402
from pupitre.flow.collect.contracts import KeyView, SourceView  # noqa: E402
from pupitre.flow.collect.sources.book import SourceBook, key_hash, shelf  # noqa: E402


class FileLoader:
    """[{"source": {…}, "keys": ["text", …]}, …]"""

    def __init__(self, path: Path) -> None:
        self.path = path

    def version(self) -> str:
        return str(self.path.stat().st_mtime_ns)

    def load(self) -> SourceBook:
        version = self.version()
        sources, keys = [], []
        for entry in json.loads(self.path.read_bytes()):
            source = msgspec.convert(entry["source"], SourceView)
            sources.append(source)
            keys += [KeyView(key_hash(key), source.id) for key in entry["keys"]]
        return SourceBook(version, tuple(sources), tuple(keys))


shelf.keep(FileLoader(Path(os.environ["COLLECTOR_BOOK"])))
application = entrance(_pages)


def serve(port: int, processes: int) -> None:
    Server(
        f"{__spec__.name}:application" if __spec__ else "",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
    ).serve()


def drain() -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    collecting.drain(stop)


if __name__ == "__main__":
    if sys.argv[1] == "drain":
        drain()
    else:
        serve(int(sys.argv[1]), int(sys.argv[2]))
