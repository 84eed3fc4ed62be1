"""After an erasure no file of the lake holds what was erased; everything else is as it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from pupitre.lake import catalogue, queries, reading, services, upkeep
from pupitre.lake.contracts import Filter, Forgotten, Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events

pytestmark = pytest.mark.once  # it has catalogues of its own

AT = datetime(2026, 4, 1, tzinfo=UTC)
ALL = Sql("all", "SELECT message_id, identity, properties FROM {events} ORDER BY message_id")


def holding(folder: Path, needles: Iterable[bytes]) -> list[str]:
    """Files that hold one of these, byte for byte."""
    wanted = tuple(needles)
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and any(needle in file.read_bytes() for needle in wanted)
    )


def needles(*words: str) -> list[bytes]:
    return [word.encode() for word in words]


def test_nothing_of_the_person_is_left_in_any_file(any_lake: Place) -> None:
    # The extremes of every column: statistics keep them outside of the rows.
    for number, extreme in enumerate(("!!first-of-all", "~~last-of-all", "middling-person")):
        person = {
            "identity": f"user_id:{extreme}",
            "user_id": extreme,
            "properties": f'{{"said":"{extreme}"}}',
            "traits": f'{{"email":"{extreme}@example.com"}}',
        }
        services.append(events(1, 2, 3, message_id=f"of-{extreme}", **person), batch=f"a{number}")
    services.append(events(*range(100, 200)), batch="others")
    services.append(
        events(5, identity="user_id:p5", previous_id="middling-person", type="alias"), batch="alias"
    )
    gone = ("!!first-of-all", "~~last-of-all", "middling-person")
    with services.writer() as writer:
        writer.keep_up(at=AT)  # merged with others' events before, too
        before = queries.run(ALL).rows
        done = writer.erase(Forgotten(user_ids=gone))
    assert done.events == 10
    assert queries.run(ALL).rows == tuple(
        row for row in before if not str(row[0]).startswith("of-") and row[0] != "m5"
    )
    queries.close()
    services.close()
    assert holding(any_lake.folder, needles(*gone)) == []
    for file in any_lake.folder.rglob("*.parquet"):  # compressed: what they say is searched too
        assert not any(word in str(pq.read_table(file).to_pylist()) for word in gone)


def test_a_reader_that_was_at_work_is_answered_again(lake: Place) -> None:
    """Its database still thinks of the files that the erasure took away."""
    services.append(events(*range(50)), batch="a")
    count = Sql("count", "SELECT count(DISTINCT properties || identity) FROM {events}")
    assert queries.run(count).rows == ((7,),)
    for person in ("p1", "p2", "p3"):
        services.erase(Forgotten(identities=(f"user_id:{person}",)))
        queries.run(ALL)
    assert queries.run(count).rows == ((4,),)


def test_an_erasure_cut_off_is_finished_by_asking_again(
    any_lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.append(events(*range(50)), batch="a")
    who = Forgotten(user_ids=("p1",))

    def cut_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for module, name in ((upkeep, "expire"), (upkeep, "delete_files"), (catalogue, "vacuum")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, cut_off)
            with pytest.raises(KeyboardInterrupt):
                services.erase(who)
        assert queries.run(Sql("p1", "SELECT * FROM {events} WHERE user_id = 'p1'")).rows == ()
    services.erase(who)
    queries.close()
    services.close()
    assert holding(any_lake.folder, needles("user_id:p1")) == []
    for file in any_lake.folder.rglob("*.parquet"):
        assert "user_id:p1" not in str(pq.read_table(file).to_pylist())


def test_only_what_was_named_is_erased(lake: Place) -> None:
    services.append(events(1, anonymous_id="a-1", user_id=None, identity="x"), batch="a")
    services.append(events(2, 3), batch="b")
    services.append(events(2, source="till"), batch="c")
    assert services.erase(Forgotten()).events == 0
    assert services.erase(Forgotten(messages=(("till", "m2"),))).events == 1
    assert services.erase(Forgotten(anonymous_ids=("a-1",))).events == 1
    assert [row[0] for row in queries.run(ALL).rows] == ["m2", "m3"]


@pytest.mark.slow
def test_postgresql_keeps_no_byte_of_it_either(any_lake: Place) -> None:
    if not any_lake.on_postgres:
        pytest.skip("for the other catalogue, the search above is enough")
    services.append(events(1, user_id="~~somebody", identity="user_id:~~somebody"), batch="a")
    services.append(events(2), batch="b")
    with psycopg.connect(any_lake.catalogue, autocommit=True) as line:
        [folder] = line.execute("SHOW data_directory").fetchone() or [""]
        [base] = line.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone() or [0]
        files = Path(folder) / "base" / str(base)
        line.execute("ANALYZE")
        line.execute("CHECKPOINT")
        assert holding(files, needles("~~somebody"))  # the greatest value of a column
        services.erase(Forgotten(user_ids=("~~somebody",)))
        line.execute("CHECKPOINT")
        assert holding(files, needles("~~somebody")) == []


def test_whole_files_of_a_person_leave_no_trace_and_the_others_are_found(any_lake: Place) -> None:
    """The table's own least and greatest values outlive a file, unless they are seen to."""
    for name in ("aaa", "mmm", "zzz"):
        services.append(events(1, message_id=name, user_id=name, identity=name), batch=f"b-{name}")
    for name in ("aaa", "zzz"):
        services.erase(Forgotten(user_ids=(name,)))
        # What an append remembers of the table must not bring it back.
        services.append(events(2, message_id="nnn", user_id="nnn", identity="nnn"), batch="b-nnn")
        stats = Sql(
            "extremes",
            "SELECT DISTINCT min_value, max_value "
            "FROM {catalogue}.ducklake_table_column_stats WHERE column_id = 7 AND table_id = 2",
        )
        [(least, greatest)] = reading.look(any_lake, stats)
        assert name not in (least, greatest)
    for name, expected in (("aaa", 0), ("mmm", 1), ("nnn", 1), ("zzz", 0)):
        answer = queries.count_events(which=Filter(identity=name))
        assert (answer.rows[0][0] or 0) == expected
    services.erase(Forgotten(user_ids=("mmm", "nnn")))
    assert queries.run(ALL).rows == ()
    services.append(events(3, user_id="ooo", identity="ooo"), batch="b-ooo")
    services.append(events(4, user_id="bbb", identity="bbb"), batch="b-bbb")
    for name in ("ooo", "bbb"):
        assert queries.count_events(which=Filter(identity=name)).rows == ((1,),)
