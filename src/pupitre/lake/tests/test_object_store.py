"""Events in S3-compatible storage: written, asked for, tidied and erased there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from pupitre.core import clock
from pupitre.core.contributions import Unhealthy
from pupitre.lake import checks, queries, services
from pupitre.lake.contracts import Forgotten, LakeError, Sql
from pupitre.lake.place import Place, here
from pupitre.lake.tests.examples import events
from pupitre.lake.tests.store import BUCKET, Store, serving

pytestmark = [pytest.mark.once, pytest.mark.slow]  # catalogues of its own
ALL = Sql("all", "SELECT * FROM {events} ORDER BY message_id")


@pytest.fixture
def store(lake: Place, settings: Any) -> Iterator[Store]:
    with serving() as made:
        given = {
            "lake_data": f"s3://{BUCKET}/pupitre",
            "lake_s3_endpoint": f"http://127.0.0.1:{made.port}",
            "lake_s3_region": "eu-west-3",
            "lake_s3_key_id": "tester",
            "lake_s3_secret": SecretStr("s3cr-t"),
        }
        settings.ENV = settings.ENV.model_copy(update=given)
        yield made
        queries.close()
        services.close()


def test_the_lake_lives_in_a_bucket(store: Store) -> None:
    for number in range(4):
        services.append(events(*range(number * 10, number * 10 + 10)), batch=f"b{number}")
    assert len(store.objects) == 4
    assert all(key.startswith("pupitre/main/events/year=2026/month=3/") for key in store.objects)
    before = queries.run(ALL).rows
    assert len(before) == 40
    assert not (here().folder / "data").exists()
    assert "answers" in checks.storage()
    assert services.keep_up(at=clock.now()).merged_files == 4
    services.keep_up(at=clock.now() + timedelta(days=2))
    assert len(store.objects) == 1
    assert queries.run(ALL).rows == before
    services.erase(Forgotten(user_ids=("p1",)))
    assert len(store.objects) == 1
    left = queries.run(ALL).rows
    assert left == tuple(row for row in before if row[6] != "p1")
    assert store.refused == 0


def test_a_wrong_key_is_seen_and_not_told(store: Store, settings: Any) -> None:
    wrong = {"lake_s3_key_id": "nobody", "lake_s3_secret": SecretStr("wr0ng-secret")}
    settings.ENV = settings.ENV.model_copy(update=wrong)
    with pytest.raises(LakeError) as caught:
        services.append(events(1), batch="a")
    assert "wr0ng-secret" not in str(caught.value)
    with pytest.raises(Unhealthy):
        checks.storage()
    assert store.refused > 0
    assert store.objects == {}
