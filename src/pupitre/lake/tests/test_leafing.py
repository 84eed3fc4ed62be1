"""A page of somebody's events from the files themselves is the page that the engine gives."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pupitre.lake import leafing, person_events, queries, schema, services
from pupitre.lake.contracts import EVENT_SCHEMA, Brought, Forgotten, LakeError
from pupitre.lake.place import Place, here
from pupitre.lake.queries import Place as Where
from pupitre.lake.queries import Stretch, Wanted
from pupitre.lake.tests.examples import DAY, event, events

pytestmark = pytest.mark.once  # it has catalogues of its own
LEAST_GROUP = 2_048  # rows: the engine writes no smaller group
START = DAY.replace(tzinfo=UTC)
NAMES = ("user_id:", "anonymous_id:", "anonymous_id:é", "user_id:'; --")


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    leafing.forget()
    yield
    leafing.forget()


@pytest.fixture
def small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    options = [
        (name, table, str(LEAST_GROUP) if name == "parquet_row_group_size" else value)
        for name, table, value in schema.OPTIONS
    ]
    monkeypatch.setattr(schema, "OPTIONS", tuple(options))


def some(chance: random.Random, count: int, first: int) -> pa.Table:
    """Events over four months, many at the same instant, in no order."""
    rows = []
    for number in range(first, first + count):
        at = DAY + timedelta(minutes=chance.randrange(3_000) * 60)
        who = f"{chance.choice(NAMES)}{chance.randrange(40)}"
        kind = {"channel": chance.choice(["web", "store"]), "name": chance.choice(["A", "B", None])}
        rows.append(event(number, identity=who, corrected_at=at, **kind))
    return pa.Table.from_pylist(rows, schema=EVENT_SCHEMA)


def asked(chance: random.Random) -> tuple[tuple[Stretch, ...], Wanted]:
    stretches = []
    for _ in range(chance.choice([1, 2, 2, 6])):
        who = f"{chance.choice(NAMES)}{chance.randrange(42)}"
        since = START + timedelta(hours=chance.randrange(-200, 3_200))
        until = since + timedelta(hours=chance.choice([0, 5, 700]))
        whole = chance.random() < 0.5
        stretches.append(Stretch(who) if whole else Stretch(who, since, until))
    at = START + timedelta(hours=chance.randrange(3_200))
    before = Where(at, "web-shop", f"m{chance.randrange(9_000)}") if chance.random() < 0.4 else None
    wanted = Wanted(
        before=before,
        since=START + timedelta(hours=chance.randrange(2_000)) if chance.random() < 0.2 else None,
        channels=("store",) if chance.random() < 0.3 else (),
        names=("A",) if chance.random() < 0.3 else (),
    )
    return tuple(stretches), wanted


def from_files(stretches: tuple[Stretch, ...], wanted: Wanted, limit: int) -> list[object] | None:
    page = leafing.newest(here(), stretches, wanted, limit=limit)
    return None if page is None else page.to_pylist()


def from_engine(stretches: tuple[Stretch, ...], wanted: Wanted, limit: int) -> list[object]:
    step, given = person_events.timeline(stretches, wanted, limit=limit)
    return queries.table(step, given).to_pylist()


def many_groups(lake: Place) -> bool:
    assert lake.data_folder is not None
    files = lake.data_folder.rglob("*.parquet")
    return any(pq.read_metadata(file).num_row_groups > 2 for file in files)


@pytest.mark.parametrize("seed", range(2))
def test_it_is_what_the_engine_says(seed: int, lake: Place, small_groups: None) -> None:
    """Small files and merged ones, many row groups, equal instants, letters of every kind."""
    chance = random.Random(seed)  # noqa: S311
    services.append(some(chance, 20_000, 0), batch="many")
    services.append(some(chance, 300, 50_000), batch="few")
    if seed:
        with services.writer() as writer:
            writer.keep_up(at=START)
    services.append(some(chance, 30, 60_000), batch="newer")
    assert many_groups(lake)
    compared = 0
    for _ in range(60):
        stretches, wanted = asked(chance)
        limit = chance.choice([1, 7, 51, 2_000])
        found = from_files(stretches, wanted, limit)
        assert found == from_engine(stretches, wanted, limit)
        compared += len(found or ())
    assert compared > 1_000


def test_pages_follow_each_other_to_the_end(lake: Place, small_groups: None) -> None:
    chance = random.Random(9)  # noqa: S311
    services.append(some(chance, 9_000, 0), batch="many")
    mine = (Stretch("user_id:1"), Stretch("anonymous_id:1"))
    whole = from_engine(mine, Wanted(), 5_000)
    seen: list[object] = []
    place = None
    while page := from_files(mine, Wanted(before=place), 20):
        seen += page
        last = page[-1]
        assert isinstance(last, dict)
        at = last["corrected_at"].replace(tzinfo=UTC)
        place = Where(at, last["source"], last["message_id"])
    assert seen == whole


def test_older_files_stay_shut_once_the_page_is_full(
    lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in range(6):
        at = DAY + timedelta(days=31 * month)
        services.append(
            events(*range(month * 30, month * 30 + 30), identity="user_id:1", corrected_at=at),
            batch=f"month {month}",
        )
    assert lake.data_folder is not None
    files = sorted(lake.data_folder.rglob("*.parquet"), key=lambda file: file.stat().st_mtime)
    assert len(files) == 6
    assert from_files((Stretch("user_id:1"),), Wanted(), 40) is not None  # all are known now
    for file in files[:3]:
        file.write_bytes(b"")  # to read one would be an error
    found = from_files((Stretch("user_id:1"),), Wanted(), 40)
    assert found is not None
    assert len(found) == 40


def test_what_files_alone_cannot_say_is_left_to_the_engine(lake: Place) -> None:
    mark = {"extra": '{"import":7}', "received_at": DAY, "identity": "user_id:1"}
    services.append(events(*range(20), **mark), batch="brought")
    services.append(events(*range(20, 30), identity="user_id:1"), batch="others")
    mine = (Stretch("user_id:1"),)
    with services.writer() as writer:
        which = Brought("web-shop", START, '{"import":7}')
        writer.withdraw(which, through="m15", batch="back")
    assert from_files(mine, Wanted(), 50) is None
    left = queries.events_of(mine, limit=50)
    assert len(left) == len(from_engine(mine, Wanted(), 50)) < 30


def test_an_erasure_takes_files_away_from_under_it(lake: Place) -> None:
    services.append(events(*range(30)), batch="some")
    mine = (Stretch("user_id:p1"), Stretch("user_id:p2"))
    before = from_files(mine, Wanted(), 50)
    services.erase(Forgotten(identities=("user_id:p1",), user_ids=("p1",)))
    after = from_files(mine, Wanted(), 50)
    assert before is not None
    assert after == from_engine(mine, Wanted(), 50)
    assert 0 < len(after) < len(before)


def test_a_file_that_went_away_is_left_to_the_engine_which_asks_again(
    lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listed before an erasure, opened after it."""
    services.append(events(*range(30)), batch="some")
    mine = (Stretch("user_id:p2"),)
    listed = leafing._files

    def then_erased(place: Place) -> list[object]:
        found = listed(place)
        services.erase(Forgotten(identities=("user_id:p1",), user_ids=("p1",)))
        return list(found)

    monkeypatch.setattr(leafing, "_files", then_erased)
    assert from_files(mine, Wanted(), 50) is None
    assert len(queries.events_of(mine, limit=50)) == len(from_engine(mine, Wanted(), 50)) == 4


def test_a_damaged_file_is_left_to_the_engine_which_says_so(lake: Place) -> None:
    services.append(events(*range(30)), batch="some")
    mine = (Stretch("user_id:p2"),)
    assert lake.data_folder is not None
    (file,) = lake.data_folder.rglob("*.parquet")
    file.write_bytes(b"PAR1 and no more")
    assert from_files(mine, Wanted(), 50) is None
    with pytest.raises(LakeError):
        queries.events_of(mine)


@pytest.mark.parametrize(
    ("bound", "at_most"), [("MOST_FOUND", 20), ("MOST_LOOKED", 20), ("MOST_KNOWN", 0)]
)
def test_a_robot_of_very_many_events_is_left_to_the_engine(
    lake: Place, monkeypatch: pytest.MonkeyPatch, bound: str, at_most: int
) -> None:
    services.append(events(*range(60), identity="user_id:robot"), batch="some")
    mine = (Stretch("user_id:robot"),)
    assert len(from_files(mine, Wanted(), 5) or ()) == 5
    monkeypatch.setattr(leafing, bound, at_most)
    leafing.forget()
    assert from_files(mine, Wanted(), 5) is None
    assert len(queries.events_of(mine, limit=5)) == 5


def test_a_till_is_read_only_while_it_was_in_their_hand(
    lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.append(events(*range(60), identity="anonymous_id:till"), batch="some")
    monkeypatch.setattr(leafing, "MOST_FOUND", 3)
    since = START + timedelta(minutes=10)
    mine = (Stretch("anonymous_id:till", since, since + timedelta(minutes=2)),)
    assert len(from_files(mine, Wanted(), 50) or ()) == 3


def test_nothing_is_kept_in_mind_of_files_that_are_gone_or_of_which_nobody_asks(
    lake: Place,
) -> None:
    """The least and greatest identity of a file may be somebody's who is erased."""
    services.append(events(*range(30), identity="user_id:zz-gone", user_id="zz-gone"), batch="a")
    services.append(events(*range(30, 60)), batch="b")
    mine = (Stretch("user_id:p1"),)
    from_files(mine, Wanted(), 5)
    assert "zz-gone" in str(leafing._known)
    services.erase(Forgotten(identities=("user_id:zz-gone",), user_ids=("zz-gone",)))
    from_files(mine, Wanted(), 5)
    assert leafing._known
    assert "zz-gone" not in str(leafing._known)
    later = time.monotonic() + leafing.KEPT_SECONDS + 1
    assert not leafing.forgotten_if_idle(now=later - 60)
    assert leafing.forgotten_if_idle(now=later)
    assert not leafing._known


@pytest.mark.parametrize("name", ["user_id:{events}", "user_id:{batches}", "user_id:{", "a'{b}{"])
def test_whatever_somebody_is_called(lake: Place, name: str) -> None:
    """What stands for a table in SQL stands for nothing in a name."""
    services.append(events(*range(3), identity=name), batch="some")
    mine = (Stretch(name), Stretch(f"{name}2", START, START))
    assert len(from_files(mine, Wanted(), 5) or ()) == 3
    assert len(from_engine(mine, Wanted(names=("Product Viewed",)), 5)) == 3


def test_nobody_and_nothing(lake: Place) -> None:
    assert not queries.events_of((Stretch("user_id:1"),))
    services.append(events(1, 2), batch="two")
    assert from_files((Stretch("user_id:nobody"),), Wanted(), 5) == []
    assert from_files((), Wanted(), 5) == []
    assert (
        from_files((Stretch("user_id:p1"),), Wanted(since=datetime(2099, 1, 1, tzinfo=UTC)), 5)
        == []
    )


def test_files_are_sorted_so_that_few_groups_may_hold_somebody(
    lake: Place, small_groups: None
) -> None:
    """What the whole thing rests on: after a merge, each group ends where the next one begins."""
    chance = random.Random(3)  # noqa: S311
    for part in range(3):
        services.append(some(chance, 12_000, part * 12_000), batch=f"part {part}")
    with services.writer() as writer:
        writer.keep_up(at=START)
    assert lake.data_folder is not None
    longest = max(
        (pq.read_metadata(file) for file in lake.data_folder.rglob("*.parquet")),
        key=lambda metadata: metadata.num_row_groups,
    )
    column = longest.schema.names.index("identity")
    told = [longest.row_group(n).column(column).statistics for n in range(longest.num_row_groups)]
    assert len(told) > 1
    assert all(one.max <= other.min for one, other in pairwise(told))
