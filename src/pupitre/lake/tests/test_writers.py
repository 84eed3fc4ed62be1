"""One writes at a time; the others are told, or wait their turn."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime

import psycopg
import pyarrow as pa
import pytest

from pupitre.lake import durable, locking, queries, services, writing
from pupitre.lake.contracts import EVENT_SCHEMA, LakeError, NotTheWriter, Sql, WrongShape
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import event, events

pytestmark = pytest.mark.once  # it has catalogues of its own

COUNT = Sql("count", "SELECT count(*) FROM {events}")
HOLD = """
import fcntl, sys, time
file = open(sys.argv[1], "a")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(float(sys.argv[2]))
"""


def hold(place: Place, seconds: float) -> subprocess.Popen[str]:
    """Another process that is the writer, for so long."""
    place.folder.mkdir(parents=True, exist_ok=True)
    lock = str(place.folder / locking.LOCK_FILE)
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, lock, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.stdout.close()
    return process


def test_another_process_that_writes_is_not_disturbed(lake: Place) -> None:
    other = hold(lake, 60)
    try:
        with pytest.raises(NotTheWriter), services.writer(wait_seconds=0.1):
            pass
    finally:
        other.kill()
        other.wait()
    with services.writer(wait_seconds=5) as writer:  # its lock went with it
        assert writer.append(events(1), batch="a")


def test_one_waits_for_its_turn(lake: Place) -> None:
    other = hold(lake, 0.5)
    assert services.append(events(1), batch="a")
    other.wait()


def test_threads_take_turns_and_a_thread_may_come_in_again(lake: Place) -> None:
    with services.writer() as writer:
        writer.append(events(1), batch="a")
        assert services.append(events(2), batch="b")  # the same thread
        refused = []

        def other() -> None:
            try:
                with services.writer(wait_seconds=0.05):
                    pass
            except NotTheWriter as error:
                refused.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert len(refused) == 1
    threads = [
        threading.Thread(target=services.append, args=[events(n)], kwargs={"batch": f"t{n}"})
        for n in range(10, 16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queries.run(COUNT).rows == ((8,),)


@pytest.mark.slow
def test_writers_on_other_machines_are_kept_out_by_the_catalogue(
    any_lake: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not any_lake.on_postgres:
        pytest.skip("a SQLite catalogue is on one machine")
    elsewhere = Place(folder=tmp_path_factory.mktemp("other"), catalogue=any_lake.catalogue)
    services.prepare()
    with (
        locking.alone(any_lake, wait_seconds=5),
        pytest.raises(NotTheWriter, match="machine"),
        locking._advisory_lock(elsewhere, 0),
    ):
        pass
    with (
        locking._advisory_lock(elsewhere, 0),
        pytest.raises(NotTheWriter, match="machine"),
        locking.alone(any_lake, wait_seconds=0.1),
    ):
        pass


def test_what_fails_leaves_nothing_and_the_next_one_works(lake: Place) -> None:
    def half(writer: services.Writer) -> None:
        with writer.transaction("append", "half"):
            writer.run(Sql("half", "INSERT INTO lake.batches VALUES ('x', now(), 1)"))
            raise RuntimeError("the plug was pulled")

    with pytest.raises(RuntimeError), services.writer() as writer:
        half(writer)
    with pytest.raises(LakeError), services.writer() as writer:
        writer.run(Sql("nonsense", "SELEKT"))
    assert services.append(events(1), batch="x")
    assert queries.run(COUNT).rows == ((1,),)


@pytest.mark.parametrize(
    "table",
    [
        events(1).drop_columns(["amount"]),
        events(1).append_column("more", pa.array(["x"])),
        events(1).select(list(reversed(EVENT_SCHEMA.names))),
        events(1).set_column(0, "message_id", pa.array([1])),
        pa.Table.from_pylist([event(1, identity=None)], schema=EVENT_SCHEMA),
    ],
)
def test_a_table_of_another_shape_is_refused(lake: Place, table: pa.Table) -> None:
    with pytest.raises(WrongShape), services.writer() as writer:
        writer.append(table, batch="a")


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_batch_has_a_name(lake: Place, name: str) -> None:
    with pytest.raises(WrongShape):
        services.append(events(1), batch=name)


def test_an_empty_batch_is_known_too(lake: Place) -> None:
    assert services.append(events(), batch="a")
    assert not services.append(events(), batch="a")
    assert queries.space().files == 0


def test_every_value_comes_back_as_it_went_in(any_lake: Place) -> None:
    odd = event(
        1,
        name="«été» 👗 \\ ' \" \n\t",
        properties='{"a":"\\u0000","b":[1,2.5,null]}',
        original_at=None,
        amount=None,
        currency=None,
        corrected_at=datetime(1970, 1, 1, 0, 0, 0, 1),  # noqa: DTZ001
    )
    far = event(2, corrected_at=datetime(2262, 4, 11, 23, 47, 16, 854775))  # noqa: DTZ001
    table = pa.Table.from_pylist([odd, far], schema=EVENT_SCHEMA)
    services.append(table, batch="a")
    found = queries.table(Sql("all", "SELECT * FROM {events} ORDER BY message_id"))
    assert found.cast(EVENT_SCHEMA) == table


def test_files_are_on_the_disk_before_the_catalogue_speaks_of_them(
    lake: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync, run = durable._sync, writing.Writer.run

    def noted_sync(path: object) -> None:
        synced.append(str(path))
        sync(path)  # type: ignore[arg-type]

    def noted_run(self: writing.Writer, step: Sql, given: object = None) -> object:
        if step.name == "commit":
            synced.append("commit")
        return run(self, step, given)  # type: ignore[arg-type]

    services.prepare()
    monkeypatch.setattr(durable, "_sync", noted_sync)
    monkeypatch.setattr(writing.Writer, "run", noted_run)
    services.append(events(*range(0, 80_000, 500)), batch="a")  # three months
    commit = synced.index("commit")
    files = {str(file) for file in (lake.folder / "data").rglob("*.parquet")}
    assert len(files) == 3
    assert files <= set(synced[:commit])
    assert {str(lake.folder / "data/main/events/year=2026")} <= set(synced[:commit])
    synced.clear()
    services.append(events(*range(1, 80_000, 500)), batch="b")
    with services.writer() as writer:
        writer.keep_up(at=datetime.now(UTC))
    merged = {str(file) for file in (lake.folder / "data").rglob("*.parquet")} - files
    assert len(merged) == 6
    assert merged <= set(synced[: len(synced) - synced[::-1].index("commit")])


@pytest.mark.slow
def test_a_catalogue_whose_server_went_away_is_found_again(any_lake: Place) -> None:
    if not any_lake.on_postgres:
        pytest.skip("a file does not go away")
    services.append(events(1), batch="a")
    assert queries.run(COUNT).rows == ((1,),)
    for _ in range(2):
        _cut_off(any_lake)
        assert queries.run(COUNT).rows == ((1,),)  # a reader asks again by itself
        _cut_off(any_lake)
        assert queries.space().events == 1
    _cut_off(any_lake)
    try:
        services.append(events(2), batch="b")
    except LakeError:
        services.append(events(2), batch="b")  # a writer is asked again by whoever has the batch
    assert queries.run(COUNT).rows == ((2,),)


def _cut_off(place: Place) -> None:
    with psycopg.connect(place.catalogue, autocommit=True) as line:
        line.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
