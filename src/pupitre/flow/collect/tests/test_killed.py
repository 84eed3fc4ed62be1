"""kill -9 at random points of collector and drain: what was acknowledged is stored, once.

The product's own entrance, served by processes of their own, and the drain in another; a sender
that behaves as SDKs do: whatever was not acknowledged, it sends again. KILLS=200 in the environment
makes a long round of it, with -o faulthandler_timeout=7200: a test may take ten minutes otherwise.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.collect.tests.crash_kit import (
    nothing_is_lost_or_doubled,
    sending,
    stage,
    wait_until_drained,
)
from tests.postgres import postgres

pytestmark = [pytest.mark.once, pytest.mark.slow]
KILLS = int(os.environ.get("KILLS", "10"))
SEED = 20260311


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    if request.param == "sqlite":
        yield {}
        return
    with postgres() as address:
        yield {"DATABASE_URL": address}


def test_killed_at_random_points(database: dict[str, str], tmp_path: Path, settings: Any) -> None:
    dice = random.Random(SEED)  # noqa: S311
    with stage(tmp_path, **database) as made:
        with sending(made.port) as senders:
            for _ in range(KILLS):
                time.sleep(dice.uniform(0.3, 2.5))
                what = dice.choice(("collector", "drain"))
                made.kill(what)
                made.start(what)
                if what == "collector":
                    made.wait_until_it_answers()
            time.sleep(1)
        wait_until_drained(made)
    nothing_is_lost_or_doubled(tmp_path, settings, senders)
