"""kill -9 in each step of an erasure: the next worker goes on, and nothing is left in the end."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from pupitre.flow.identify.models import ErasedStore, ErasureTarget, RightsRequest
from pupitre.flow.identify.rights import work
from pupitre.flow.identify.rights.tests.kit import a_house, erasure_decided
from pupitre.flow.identify.rights.tests.planted import WORD, let_go, plant, traces
from pupitre.lake import queries, services
from pupitre.rules.mandate.testing import Company
from tests.serving import clean_environment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
APP = "pupitre.flow.identify.rights.tests.worker_app"
SECONDS = 120


@pytest.fixture
def company(lake: Path) -> Iterator[Company]:
    yield a_house()
    let_go()


def a_worker(store: str = "", when: str = "") -> int:
    """How it ended."""
    done = subprocess.run(
        [sys.executable, "-m", APP, store, when],
        env=clean_environment(Path(settings.DATA_DIR), DATABASE_URL=address()),
        timeout=SECONDS,
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()[-2000:]
    return done.returncode


def address() -> str:
    reach = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{reach['NAME']}"
    return f"postgresql://{reach['USER']}@{reach['HOST']}:{reach['PORT']}/{reach['NAME']}"


def test_killed_in_every_step(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    queries.close()
    services.close()
    steps = [*(key for key, _store in work.order_of_stores()), work.DATABASE]
    for place, step in enumerate(steps):
        assert a_worker(step, "after" if place % 2 else "before") == -signal.SIGKILL, step
        done = set(ErasedStore.objects.filter(request=number).values_list("store", flat=True))
        assert done == set(steps[:place])
    assert a_worker() == 0
    assert RightsRequest.objects.get(pk=number).state == "done"
    assert not ErasureTarget.objects.exists()
    assert traces(WORD) == []
