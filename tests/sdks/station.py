"""A served Pupitre with open sources, and what came to rest in it: the lake, and quarantine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.test import override_settings

from pupitre.flow.collect import queries as collect
from pupitre.lake import queries as lake
from pupitre.lake.contracts import Sql
from tests.serving import Served, clean_environment, serving

REST_SECONDS = 30  # how long what was accepted may take to come to rest on a busy machine
LOOK_EVERY_SECONDS = 0.15
_ROWS = Sql("all events of a source", "SELECT * FROM {events} WHERE source = $source")

Row = dict[str, Any]


@dataclass(frozen=True)
class Station:
    """A running Pupitre and the write keys of its sources."""

    served: Served
    keys: Mapping[str, str]

    def rows(self, source: str) -> list[Row]:
        """What the lake holds of a source."""
        return lake.table(_ROWS, {"source": source}).to_pylist()

    def held(self, source: str) -> list[collect.Held]:
        """What quarantine holds of a source, with what came."""
        found: list[collect.Held] = []
        while True:
            before = found[-1].id if found else None
            page = collect.held(source=source, before=before, limit=collect.MAX_ROWS)
            if not page:
                break
            found += page
        whole = (collect.held_one(id_=one.id) for one in found)
        return [one for one in whole if one is not None]

    def at_rest(self) -> None:
        """Wait until nothing that was accepted is still on its way."""
        self.until(lambda: collect.backlog().since is None, "the journal is not empty")

    def until(self, done: Callable[[], bool], what: str, *, seconds: float = REST_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"after {seconds:g} s {what}; it said:\n{self.served.said()}")
            time.sleep(LOOK_EVERY_SECONDS)


@contextmanager
def standing(folder: Path, *sources: str) -> Iterator[Station]:
    """Serve a Pupitre with these sources from a folder, and look into its stores from here."""
    data_dir = folder / "var"
    made = subprocess.run(
        [sys.executable, "-m", "tests.sdks.preparing", *sources],
        env=clean_environment(data_dir),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    keys = json.loads(made.stdout.splitlines()[-1])
    with serving(data_dir) as served, override_settings(DATA_DIR=data_dir):
        lake.close()
        try:
            yield Station(served, keys)
        finally:
            lake.close()
