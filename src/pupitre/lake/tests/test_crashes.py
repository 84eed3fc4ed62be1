"""kill -9 at any point of appends, upkeep and erasures: nothing lost or doubled.

KILLS=200 in the environment makes a long round of it, with -o faulthandler_timeout=7200.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.conf import settings

from pupitre.core import clock
from pupitre.lake import queries, reading, services, writing
from pupitre.lake.contracts import Forgotten, Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events
from tests.architecture.source import ROOT

pytestmark = [pytest.mark.once, pytest.mark.slow]  # catalogues of its own
KILLS = int(os.environ.get("KILLS", "5"))
ROWS = 300  # of each batch
SEED = 20260310

# Appends batch after batch, each once more than needed, and says each one's number once it is in.
WORK = """
import sys
from datetime import timedelta
from pupitre.core import clock
from pupitre.lake import services, upkeep
from pupitre.lake.contracts import Forgotten
from pupitre.lake.tests.examples import events
upkeep.GRACE = timedelta(0)
rows, first = int(sys.argv[1]), int(sys.argv[2])
with services.writer() as writer:
    for number in range(first, 1_000_000):
        if number == first:
            print("begun", flush=True)
        table = events(*range(number * rows, (number + 1) * rows))
        writer.append(table, batch=f"b{number}")
        assert not writer.append(table, batch=f"b{number}")
        print(number, flush=True)
        if number % 4 == 0:
            writer.keep_up(at=clock.now())
        if number % 7 == 0:
            writer.erase(Forgotten(user_ids=("nobody",)))
"""
HELD = Sql(
    "held",
    f"SELECT CAST(substr(message_id, 2) AS BIGINT) // {ROWS} AS batch, count(*) AS n, "
    "count(DISTINCT message_id) AS d FROM {events} GROUP BY batch ORDER BY batch",
)


def start(place: Place, first: int) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PUPITRE_")}
    env |= {
        "DJANGO_SETTINGS_MODULE": "pupitre.config.settings",
        "PUPITRE_DATA_DIR": str(place.folder.parent),
        "PUPITRE_LAKE_CATALOGUE": settings.ENV.lake_catalogue.get_secret_value(),
        "PYTHONPATH": str(ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORK, str(ROWS), str(first)],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged(process: subprocess.Popen[str], after_seconds: float) -> Iterator[int]:
    """What it said before it was killed, so long after it began."""
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    time.sleep(after_seconds)
    process.send_signal(signal.SIGKILL)
    said = process.stdout.read()
    assert process.wait(30) == -signal.SIGKILL
    process.stdout.close()
    yield from (int(line) for line in said.splitlines(keepends=True) if line.endswith("\n"))


def test_kills_at_random_points_lose_and_double_nothing(any_lake: Place) -> None:
    chance = random.Random(SEED)  # noqa: S311
    known: set[int] = set()
    first = 0
    for _ in range(KILLS):
        process = start(any_lake, first)
        known |= set(acknowledged(process, chance.uniform(0, 0.8)))
        reading.close()
        held = queries.run(HELD).rows
        assert all(count == ROWS and different == ROWS for _, count, different in held), held
        there = {int(str(batch)) for batch, _, _ in held}
        assert known <= there
        assert len(there - known) <= 1  # in, and killed before it could say so
        # The next one begins again where this one may have been cut off: it must not double it.
        first = max(known, default=0)
        known |= there
    with services.writer() as writer:
        for number in sorted(known):
            again = events(*range(number * ROWS, (number + 1) * ROWS))
            assert not writer.append(again, batch=f"b{number}")
        writer.keep_up(at=clock.now())
        writer.erase(Forgotten(user_ids=("nobody",)))
    assert {batch for batch, _, _ in queries.run(HELD).rows} == known
    writing.close()
    on_disk = len(list((any_lake.folder / "data").rglob("*.parquet")))
    assert on_disk == queries.space().files  # what the killed ones left behind is gone


def test_it_does_work_between_kills(lake: Place) -> None:
    """The test above could pass by doing nothing: this one sees that it appends and tidies."""
    process = start(lake, 0)
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(10)]
    process.kill()
    process.wait()
    process.stdout.close()
    assert said == ["begun", *map(str, range(9))]
    assert {one.author for one in queries.snapshots()} >= {"append"}
