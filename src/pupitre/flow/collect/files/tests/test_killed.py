"""`kill -9` in the middle of an import, or of taking it back; gone on with, it is as if nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from pupitre.core.microseconds import since_1970
from pupitre.flow.collect import queries as collected
from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.files import delimited, importing, taking_back, text
from pupitre.flow.collect.files.mapping import Identifier, Layout, Mapping, Text, Time
from pupitre.flow.collect.files.opening import digest_of
from pupitre.flow.collect.files.records import ImportRow, Progress, State
from pupitre.flow.collect.files.tests.kit import in_lake, lake
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.sources.book import SourceBook, shelf
from pupitre.flow.collect.tests.drain_kit import drained, keep, parcel
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
NUMBERED = replace(MAPPING, message_id="who")
VICTIM = """
import sys
import django
from django.conf import settings
django.setup()
from pathlib import Path
from django.db import connection
from pupitre.flow.collect.files.tests import test_killed
settings.DATA_DIR = Path(sys.argv[1])
connection.settings_dict["NAME"] = sys.argv[3]  # of the tests, not of those who run them
test_killed.small_chunks()
print("begun", flush=True)
getattr(test_killed, sys.argv[4])(Path(sys.argv[2]))
"""


class Book:
    def version(self) -> str:
        return "1"

    def load(self) -> SourceBook:
        return SourceBook("1", (SourceView(1, "visits", "Visits", Channel.STORE, True),))


def small_chunks() -> None:
    delimited.Delimited.chunks.__kwdefaults__["size"] = 1
    text.READ_BYTES = 2_000
    taking_back.PART_EVENTS = 40


def go_on(path: Path, mapping: Mapping = MAPPING) -> Progress:
    shelf.keep(Book())
    return importing.run(_row(path, mapping), now=lambda: AT)


def go_back(path: Path) -> Progress:
    return taking_back.take_back(_row(path, NUMBERED), now=lambda: AT)


def _row(path: Path, mapping: Mapping, number: int = 1) -> ImportRow:
    digest = digest_of(path)
    return ImportRow(
        number, "visits", "f.csv", digest, path, False, mapping, AT, "test", Progress(),
        attempt=number - 1,
    )  # fmt: skip


def test_nothing_twice_and_nothing_lost(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "_loader", Book())
    path = tmp_path / "f.csv"
    rows = [f"{n},{'2026-01-01' if n % 100 else 'never'}\n" for n in range(1, ROWS + 1)]
    path.write_text("who,at\n" + "".join(rows))
    chance = random.Random(7)  # noqa: S311
    killed = sum(_killed(lake, path, "go_on", chance.uniform(0.3, 2.5)) for _ in range(KILLS))
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


def _killed(lake: Path, path: Path, what: str, seconds: float) -> bool:
    """Whether it was under way yet."""
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(lake), str(path), _database(), what],
        stdout=subprocess.PIPE,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert victim.stdout is not None
    assert victim.stdout.readline() == b"begun\n"
    time.sleep(seconds)
    victim.kill()
    under_way = victim.wait() == -9
    victim.stdout.close()
    return under_way


def _database() -> str:
    return str(connection.settings_dict["NAME"])


def _sent(*ids: str) -> None:
    keep(home(), parcel(*ids, source="visits"))
    drained(home(), at_us=since_1970(AT))


def test_taken_back_whole_and_nothing_else(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it goes, with the drain at work in between; then it comes in again, and an SDK
    says the same: each once."""
    monkeypatch.setattr(shelf, "_loader", Book())
    path = tmp_path / "f.csv"
    path.write_text("who,at\n" + "".join(f"{n},2026-01-01\n" for n in range(1, ROWS + 1)))
    _sent("1", "other-0")  # there before the file: not the import's
    assert go_on(path, NUMBERED).accepted == ROWS - 1
    chance = random.Random(11)  # noqa: S311
    killed = 0
    for number in range(1, KILLS + 1):
        killed += _killed(lake, path, "go_back", chance.uniform(0.3, 2.5))
        _sent(f"other-{number}")
    assert killed, "none was killed under way: the file is too small for this machine"
    monkeypatch.setattr(taking_back, "PART_EVENTS", 400)
    done = go_back(path)
    assert (done.state, done.going, done.taken) == (State.TAKEN, ROWS - 1, ROWS - 1)
    others = sorted(["1", *(f"other-{number}" for number in range(KILLS + 1))])
    assert [id_ for (id_,) in in_lake("message_id")] == others
    again = importing.run(_row(path, NUMBERED, 2), now=lambda: AT)
    assert (again.state, again.accepted, again.duplicates) == (State.DONE, ROWS - 1, 1)
    _sent("2", str(ROWS))
    assert len(in_lake("message_id")) == ROWS + KILLS + 1


def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: dict[str, Any] = {"size": 1, "after": -1}
    monkeypatch.setattr(delimited.Delimited.chunks, "__kwdefaults__", sizes)
    monkeypatch.setattr("pupitre.flow.collect.files.text.READ_BYTES", 2_000)
