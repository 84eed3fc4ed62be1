"""`kill -9` in the middle of an import, again and again; gone on with, each row is in once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.collect import queries as collected
from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.files import delimited, importing, text
from pupitre.flow.collect.files.mapping import Identifier, Layout, Mapping, Text, Time
from pupitre.flow.collect.files.opening import digest_of
from pupitre.flow.collect.files.records import ImportRow, Progress, State
from pupitre.flow.collect.files.tests.kit import in_lake, lake
from pupitre.flow.collect.sources.book import SourceBook, shelf
from pupitre.lake.contracts import Channel

__all__ = ["lake"]
pytestmark = [pytest.mark.slow, pytest.mark.once, pytest.mark.usefixtures("lake")]
ROWS, KILLS = 3_000, 5
AT = datetime(2026, 11, 22, tzinfo=UTC)
MAPPING = Mapping(
    name=Text(constant="Visit"),
    identifiers=(Identifier("who", "user_id"),),
    time=Time("at"),
    layout=Layout("utf-8", ",", True),
)
VICTIM = """
import sys
import django
from django.conf import settings
django.setup()
from pathlib import Path
from pupitre.flow.collect.files.tests import test_killed
settings.DATA_DIR = Path(sys.argv[1])
test_killed.small_chunks()
print("begun", flush=True)
test_killed.go_on(Path(sys.argv[2]))
"""


class Book:
    def version(self) -> str:
        return "1"

    def load(self) -> SourceBook:
        return SourceBook("1", (SourceView(1, "visits", "Visits", Channel.STORE, True),))


def small_chunks() -> None:
    delimited.Delimited.chunks.__kwdefaults__["size"] = 1
    text.READ_BYTES = 2_000


def go_on(path: Path) -> Progress:
    shelf.keep(Book())
    digest = digest_of(path)
    row = ImportRow(1, "visits", "f.csv", digest, path, False, MAPPING, AT, "test", Progress())
    return importing.run(row, now=lambda: AT)


def test_nothing_twice_and_nothing_lost(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_loader", Book())
    path = tmp_path / "f.csv"
    rows = [f"{n},{'2026-01-01' if n % 100 else 'never'}\n" for n in range(1, ROWS + 1)]
    path.write_text("who,at\n" + "".join(rows))
    chance = random.Random(7)  # noqa: S311
    killed = 0
    for _ in range(KILLS):
        victim = subprocess.Popen(
            [sys.executable, "-c", VICTIM, str(lake), str(path)],
            stdout=subprocess.PIPE,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        )
        assert victim.stdout is not None
        assert victim.stdout.readline() == b"begun\n"
        time.sleep(chance.uniform(0.3, 2.5))
        victim.kill()
        killed += victim.wait() == -9
        victim.stdout.close()
    assert killed, "none was killed under way: the file is too small for this machine"
    _small(monkeypatch)
    done = go_on(path)
    wrong = ROWS // 100
    assert (done.state, done.accepted, done.refused) == (State.DONE, ROWS - wrong, wrong)
    found = [int(user) for (user,) in in_lake("user_id", order="user_id::INTEGER")]
    assert found == [n for n in range(1, ROWS + 1) if n % 100]
    told = [one.detail.english for one in collected.held(limit=500) if one.detail is not None]
    lines = [int(said.split("line ")[1].split(":")[0]) for said in told]
    assert sorted(lines) == [n + 1 for n in range(100, ROWS + 1, 100)]


def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: dict[str, Any] = {"size": 1, "after": -1}
    monkeypatch.setattr(delimited.Delimited.chunks, "__kwdefaults__", sizes)
    monkeypatch.setattr("pupitre.flow.collect.files.text.READ_BYTES", 2_000)
