"""What is asked of the lake, and what comes with the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pupitre.lake import queries, services
from pupitre.lake.contracts import (
    AsOf,
    Dimension,
    Filter,
    Forgotten,
    LakeError,
    NoSuchSnapshot,
    Sql,
    TooLong,
)
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import DAY, events

pytestmark = pytest.mark.once  # it has catalogues of its own

COUNT = Sql("count", "SELECT count(*) FROM {events}")


def counted(**given: object) -> int:
    [(number,)] = queries.run(COUNT, **given).rows  # type: ignore[arg-type]
    return int(str(number))


def test_an_empty_lake_answers(any_lake: Place) -> None:
    assert counted() == 0
    assert queries.count_events(by=(Dimension.DAY,)).rows == ()
    assert queries.space().events == 0


def test_counts_by_the_company_s_day(lake: Place) -> None:
    before_midnight = datetime(2026, 3, 10, 22, 59)  # noqa: DTZ001  UTC: 23:59 in Paris
    services.append(events(1, corrected_at=before_midnight), batch="a")
    services.append(events(2, 3, corrected_at=before_midnight + timedelta(minutes=1)), batch="b")
    answer = queries.count_events(by=(Dimension.DAY, Dimension.CHANNEL))
    assert answer.columns == ("day", "channel", "events")
    assert [(str(day), channel, n) for day, channel, n in answer.rows] == [
        ("2026-03-10", "web", 1),
        ("2026-03-11", "web", 2),
    ]


def test_every_filter_filters(lake: Place) -> None:
    services.append(events(*range(10)), batch="a")
    other = {"source": "till", "channel": "store", "type": "page", "name": "O'Neil's"}
    services.append(events(*range(10, 15), **other, identity="user_id:x"), batch="b")
    start = DAY.replace(tzinfo=UTC)
    for which, expected in (
        (Filter(), 15),
        (Filter(sources=("till",)), 5),
        (Filter(channels=("web", "store")), 15),
        (Filter(types=("page",)), 5),
        (Filter(names=("O'Neil's",)), 5),
        (Filter(identity="user_id:x"), 5),
        (Filter(since=start + timedelta(minutes=2)), 13),
        (Filter(until=start + timedelta(minutes=2)), 2),
        (Filter(names=("nothing",)), 0),
    ):
        answer = queries.count_events(which=which)
        assert (answer.rows[0][0] or 0) == expected, which
        again = queries.run(Sql("typed", answer.whole_sql))
        assert again.rows == answer.rows, answer.whole_sql


@pytest.mark.parametrize("dimension", list(Dimension))
def test_every_dimension_groups(lake: Place, dimension: Dimension) -> None:
    services.append(events(1, 2), batch="a")
    answer = queries.count_events(by=(dimension,))
    assert answer.columns == (dimension.value, "events")
    assert [row[1] for row in answer.rows] == [2]


def test_a_person_s_last_events_come_newest_first(lake: Place) -> None:
    services.append(events(*range(40)), batch="a")
    answer = queries.last_events(which=Filter(identity="user_id:p3"), limit=3)
    assert [row[0] for row in answer.rows] == ["m38", "m31", "m24"]


def test_an_answer_can_be_asked_again_as_it_was(any_lake: Place) -> None:
    services.append(events(1, 2), batch="a")
    first = queries.run(COUNT)
    services.append(events(3), batch="b")
    assert counted() == 3
    assert queries.run(Sql("again", first.whole_sql)).rows == first.rows
    assert counted(as_of=first.as_of) == 2


def test_the_state_of_an_instant(any_lake: Place) -> None:
    services.append(events(1, 2), batch="a")
    [newest, *_] = queries.snapshots()
    assert (newest.author, newest.message) == ("append", "a")
    services.append(events(3), batch="b")
    state = queries.as_of(at=newest.at)
    assert state == AsOf(newest.id)
    assert counted(as_of=state) == 2


def test_a_state_that_an_erasure_ended_is_rebuilt(any_lake: Place) -> None:
    services.append(events(1, 2, 3), batch="a")
    services.append(events(*range(100, 110)), batch="b")
    old = queries.snapshots()[0]
    services.erase(Forgotten(messages=(("web-shop", "m2"),)))
    state = queries.as_of(at=datetime(2026, 3, 10, 9, 50, tzinfo=UTC))
    assert state.received_by is not None
    assert counted(as_of=state) == 2  # m1 and m3: received by then, and not erased since
    with pytest.raises(NoSuchSnapshot):
        counted(as_of=AsOf(old.id))


def test_rows_are_bounded_and_say_so(lake: Place) -> None:
    services.append(events(*range(30)), batch="a")
    answer = queries.run(Sql("all", "SELECT message_id FROM {events}"), rows=10)
    assert (len(answer.rows), answer.truncated) == (10, True)
    answer = queries.run(Sql("all", "SELECT message_id FROM {events}"), rows=30)
    assert (len(answer.rows), answer.truncated) == (30, False)


def test_a_question_that_takes_too_long_is_interrupted(lake: Place) -> None:
    slow = Sql("slow", "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
    with pytest.raises(TooLong) as caught:
        queries.run(slow, seconds=0.3)
    assert caught.value.step == "slow"
    assert counted() == 0  # and the next one is answered


def test_an_error_names_its_step_and_quotes_its_sql(lake: Place) -> None:
    with pytest.raises(LakeError) as caught:
        queries.run(Sql("count the moons", "SELECT moons FROM {events}"))
    assert "count the moons" in str(caught.value)
    assert "SELECT moons FROM lake.events AT (VERSION =>" in str(caught.value)


def test_readers_cannot_write(any_lake: Place) -> None:
    services.append(events(1), batch="a")
    with pytest.raises(LakeError, match="read-only"):
        queries.run(Sql("sneak", "DELETE FROM lake.events"))


def test_each_step_is_timed(lake: Place) -> None:
    counted()
    last = queries.recent_steps()[-1]
    assert (last.step, last.well) == ("count", True)
    assert last.seconds > 0


def test_space_is_told(any_lake: Place) -> None:
    services.append(events(1, 2), batch="a")
    services.append(events(3), batch="b")
    told = queries.space()
    assert (told.events, told.files, told.small_files) == (3, 2, 2)
    on_disk = sum(file.stat().st_size for file in any_lake.folder.rglob("*.parquet"))
    assert told.data_bytes == on_disk
    assert told.waiting_bytes == 0
    assert told.catalogue_bytes > 10_000
    assert told.free_bytes is not None
