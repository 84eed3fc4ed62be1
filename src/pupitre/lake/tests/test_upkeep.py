"""Upkeep changes how the lake lies, never what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pupitre.core import clock
from pupitre.lake import queries, services, upkeep
from pupitre.lake.contracts import Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events

pytestmark = pytest.mark.once  # it has catalogues of its own

ALL = Sql("all", "SELECT * FROM {events} ORDER BY message_id")
NOON = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)


def files(place: Place) -> list[Path]:
    return sorted((place.folder / "data" / "main" / "events").rglob("*.parquet"))


def test_small_files_become_one_sorted_by_person_and_time(any_lake: Place) -> None:
    for number in range(12):
        services.append(events(*range(number * 20, number * 20 + 20)), batch=f"b{number}")
    before = queries.run(ALL).rows
    states = [
        (one, queries.run(ALL, as_of=queries.as_of(at=one.at)).rows)
        for one in queries.snapshots()
        if one.author == "append"
    ]
    assert len(states) == 12
    done = services.keep_up(at=clock.now())
    assert (done.merged_files, done.into_files) == (12, 1)
    assert queries.run(ALL).rows == before
    for one, rows in states:
        assert queries.run(ALL, as_of=queries.as_of(at=one.at)).rows == rows
    assert done.deleted_files == 0  # somebody may still be reading them
    assert queries.space().waiting_bytes > 0
    soon, later = clock.now() + timedelta(minutes=50), clock.now() + timedelta(days=2)
    assert services.keep_up(at=soon).deleted_files == 0
    assert services.keep_up(at=later).deleted_files == 12
    assert queries.space().waiting_bytes == 0
    [merged] = files(any_lake)
    lying = pq.read_table(merged).select(["identity", "corrected_at"]).to_pylist()
    keys = [(row["identity"], row["corrected_at"]) for row in lying]
    assert keys == sorted(keys)
    assert len(keys) == 240
    assert queries.run(ALL).rows == before


def test_an_append_is_laid_out_by_month_and_sorted(lake: Place) -> None:
    services.append(events(*range(40_000, 80_000, 500), *range(0, 40_000, 500)), batch="a")
    months = {file.parent.name for file in files(lake)}
    assert months == {"month=3", "month=4", "month=5"}
    for file in files(lake):
        rows = pq.read_table(file).select(["identity", "corrected_at"]).to_pylist()
        keys = [(row["identity"], row["corrected_at"]) for row in rows]
        assert keys == sorted(keys)
        assert {row["corrected_at"].month for row in rows} == {int(file.parent.name[6:])}


def test_upkeep_with_nothing_to_do_leaves_no_trace(lake: Place) -> None:
    services.append(events(1), batch="a")
    services.keep_up(at=clock.now())
    before = queries.snapshots()
    services.keep_up(at=clock.now())
    assert queries.snapshots() == before


@pytest.mark.slow
def test_the_writer_merges_between_appends_once_there_are_many(lake: Place) -> None:
    with services.writer() as writer:
        for number in range(upkeep.SMALL_FILES):
            writer.append(events(number), batch=f"b{number}")
            if number < upkeep.SMALL_FILES - 1:
                assert writer.tend() == 0
        assert writer.tend() == upkeep.SMALL_FILES
        assert writer.tend() == 0
    assert queries.space().files == 1


def test_what_a_crash_left_is_deleted_and_what_is_needed_is_not(lake: Place) -> None:
    services.append(events(1, 2), batch="a")
    [needed] = files(lake)
    left = needed.with_name("ducklake-left.parquet")
    left.write_bytes(needed.read_bytes())
    assert services.keep_up(at=clock.now()).orphaned_files == 0  # it may be somebody's, still
    assert services.keep_up(at=clock.now() + timedelta(hours=2)).orphaned_files == 1
    assert files(lake) == [needed]


def test_old_batches_are_forgotten_and_recent_ones_known(any_lake: Place) -> None:
    services.append(events(1), batch="a")
    later = clock.now() + upkeep.BATCHES_KEPT - timedelta(minutes=1)
    assert services.keep_up(at=later).forgotten_batches == 0
    assert not services.append(events(1), batch="a")
    assert services.keep_up(at=later + timedelta(minutes=2)).forgotten_batches == 1


def test_batches_written_out_of_the_catalogue_are_known_and_forgotten(
    any_lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "BATCHES_INLINED", 1)
    for name in ("a", "b", "c"):
        services.append(events(ord(name)), batch=name)
    services.keep_up(at=clock.now())
    assert list((any_lake.folder / "data" / "main" / "batches").glob("*.parquet"))
    assert not services.append(events(1), batch="b")
    assert services.append(events(2), batch="d")
    done = services.keep_up(at=clock.now() + upkeep.BATCHES_KEPT)
    assert done.forgotten_batches == 4
    services.keep_up(at=clock.now() + upkeep.BATCHES_KEPT + timedelta(days=2))
    assert queries.run(Sql("batches", "SELECT * FROM {batches}")).rows == ()
    assert services.append(events(3), batch="e")
    assert queries.space().events == 5


def instants(*hours_ago: float) -> list[tuple[int, datetime]]:
    return [(n, NOON - timedelta(hours=ago)) for n, ago in enumerate(hours_ago)]


def expired(*hours_ago: float, keep: timedelta = timedelta(days=30)) -> tuple[int, ...]:
    return upkeep.to_expire(instants(*hours_ago), at=NOON, keep=keep)


def test_every_snapshot_of_two_days_is_kept() -> None:
    assert expired(47, 46.9, 46.8, 1, 0.1) == ()


def test_then_the_last_of_each_hour() -> None:
    assert expired(100.9, 100.5, 100.1, 99.9, 50.4, 50.3, 0) == (0, 1, 4)


def test_then_none() -> None:
    assert expired(24 * 31, 24 * 30.5, 24 * 29, 1) == (0, 1)


def test_the_newest_is_always_kept() -> None:
    assert expired(24 * 99, 24 * 98) == (0,)
    assert expired() == ()
