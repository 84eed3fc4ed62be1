"""From the journal to the lake: each event once, whatever happens in between, on both databases."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from pupitre.flow.collect.details import Wrong, detail
from pupitre.flow.collect.draining import Drain
from pupitre.flow.collect.intake import books
from pupitre.flow.collect.intake.books import DAY_US
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.home import Home, LocalHome, PostgresHome
from pupitre.flow.collect.intake.records import Entry, Parcel, refused, seal
from pupitre.flow.collect.intake.segments import SegmentJournal, segments
from pupitre.flow.collect.stamping import rows_to_table
from pupitre.flow.collect.tests.collector_kit import ROOMY
from pupitre.flow.collect.tests.drain_kit import (
    AT_US,
    drained,
    keep,
    parcel,
    record,
    stored,
)
from pupitre.lake import queries, services
from pupitre.lake.contracts import LakeError, Sql
from pupitre.lake.services import Writer
from tests.postgres import postgres

pytestmark = [pytest.mark.once, pytest.mark.slow]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as address:
        yield address


@pytest.fixture
def lake(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    services.close()
    queries.close()
    yield
    services.close()
    queries.close()


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest, lake: None, tmp_path: Path) -> Home:
    if request.param == "sqlite":
        return LocalHome(tmp_path / "intake", ROOMY)
    address = request.getfixturevalue("server")
    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return PostgresHome(address.rpartition("/")[0] + f"/{name}", ROOMY)


def counted(home: Home) -> Counter[tuple[str, str]]:
    with home.looking() as engine:
        assert engine is not None
        rows = engine.run("SELECT source, outcome, sum(events) FROM counts GROUP BY 1, 2")
    return Counter({(source, outcome): int(events) for source, outcome, events in rows})


def held(home: Home) -> list[tuple[Any, ...]]:
    with home.looking() as engine:
        assert engine is not None
        return engine.run("SELECT source, reason, raw FROM quarantine ORDER BY id")


def test_what_was_kept_is_in_the_lake_once(home: Home) -> None:
    keep(home, parcel("a", "b"), parcel("c", source="till"), parcel("b", "d", "d"))
    keep(home, parcel("a", source="till"), parcel("c"))
    drained(home)
    assert stored() == Counter([("shop", i) for i in "abcd"] + [("till", "a"), ("till", "c")])
    assert counted(home) == {
        ("shop", "accepted"): 4,
        ("shop", "duplicate"): 2,
        ("till", "accepted"): 2,
    }
    assert drained(home) == 0


def test_a_duplicate_in_a_later_round_is_one(home: Home) -> None:
    for _ in range(3):
        keep(home, parcel("a", "b"))
        drained(home)
    assert stored() == Counter([("shop", "a"), ("shop", "b")])
    assert counted(home)["shop", "duplicate"] == 4


def test_ids_are_remembered_for_thirty_days_and_not_for_ever(home: Home) -> None:
    keep(home, parcel("a"))
    drained(home)
    for days in (15, 31):
        keep(home, parcel("a"))
        drained(home, at_us=AT_US + days * DAY_US)
    assert stored() == Counter([("shop", "a")])
    keep(home, parcel("z"))
    drained(home, at_us=AT_US + 64 * DAY_US)
    with home.looking() as engine:
        assert engine is not None
        kept = engine.run("SELECT DISTINCT period FROM seen_run")
    assert 0 < len(kept) <= books.PERIODS
    keep(home, parcel("a"))
    drained(home, at_us=AT_US + 65 * DAY_US)
    assert stored()["shop", "a"] == 2


class _Died(BaseException):
    """The process ends here."""


STAGES = ("planned", "read", "appended", "entered")


@pytest.mark.parametrize("stage", STAGES)
def test_a_round_that_died_is_done_again_with_the_same_events(home: Home, stage: str) -> None:
    """Cut at each of its steps; more arrives before it is taken up again."""
    keep(
        home,
        parcel("a", "b", "a"),
        parcel("c", refused=[refused("no_event", detail(Wrong.NO_EVENT), b"{}")]),
    )
    desk = home.desk()
    drain = Drain(desk)

    def die(*_: Any, **__: Any) -> Any:
        raise _Died

    place, name = {
        "planned": (desk, "read"),
        "read": (Writer, "append"),
        "appended": (desk, "finish"),
        "entered": (desk.books, "_show"),  # within the books' transaction
    }[stage]
    with pytest.MonkeyPatch.context() as patch, services.writer() as writer:
        patch.setattr(place, name, die)
        with pytest.raises(_Died):
            drain.once(writer, at_us=AT_US)
    desk.close()
    keep(home, parcel("c", "d"))
    drained(home)
    assert stored() == Counter(("shop", i) for i in "abcd")
    assert counted(home) == {
        ("shop", "accepted"): 4,
        ("shop", "duplicate"): 2,
        ("shop", "no_event"): 1,
    }
    assert len(held(home)) == 1


def test_a_poisoned_parcel_stops_nothing(home: Home) -> None:
    keep(home, parcel("a"), b"\xc1 no parcel", b"", parcel("b"))
    drained(home)
    assert stored() == Counter([("shop", "a"), ("shop", "b")])
    assert [(reason, bytes(raw)) for _, reason, raw in held(home)] == [
        ("unreadable", b"\xc1 no parcel"),
        ("unreadable", b""),
    ]


def test_an_event_that_the_lake_refuses_goes_to_quarantine_and_the_rest_goes_in(
    home: Home,
) -> None:
    """No such event passes the door: should one ever, it must not stop the journal."""
    far = record("far", corrected_us=2**62)  # in no calendar of any engine
    keep(home, Parcel("shop", "web", AT_US, [record("a"), far, record("b")]), parcel("c"))
    desk = home.desk()
    drain = Drain(desk)
    for _ in range(2):
        with pytest.raises((LakeError, ArithmeticError)), services.writer() as writer:
            drain.once(writer, at_us=AT_US)
    with services.writer() as writer:
        drain.once(writer, at_us=AT_US)
    desk.close()
    assert stored() == Counter(("shop", i) for i in "abc")
    ((source, reason, raw),) = held(home)
    assert (source, reason) == ("shop", "unreadable")
    assert b'"far"' in bytes(raw)
    assert counted(home) == {("shop", "accepted"): 3, ("shop", "unreadable"): 1}
    keep(home, parcel("far"))
    drained(home)
    assert stored()["shop", "far"] == 1  # mended and sent again, it is no duplicate


def test_a_round_that_died_half_taken_apart_never_goes_in_whole(home: Home) -> None:
    """The lake was ill, took one half, and the process died; then it was well."""
    keep(home, parcel("a", "b", "c", "d"))
    append = Writer.append
    asked: list[str] = []

    def ill(writer: Writer, table: Any, *, batch: str) -> bool:
        asked.append(batch)
        if ":" not in batch or batch.endswith(":0-4"):
            raise LakeError("append events", "", "ill")
        if sum(name.endswith(("-4", "-2")) for name in asked) > 2:
            raise _Died
        return append(writer, table, batch=batch)

    class Over(BaseException):
        """Not to be caught, as a kill is not."""

    desk = home.desk()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "append", ill)
        patch.setattr(f"{__name__}._Died", Over)
        drain = Drain(desk)
        for expected in (LakeError, LakeError, Over):
            with pytest.raises(expected), services.writer() as writer:
                drain.once(writer, at_us=AT_US)
    desk.close()
    assert len(stored()) == 2  # a half is in
    drained(home)
    assert stored() == Counter(("shop", i) for i in "abcd")
    assert counted(home) == {("shop", "accepted"): 4}


def test_an_event_that_no_table_can_hold_goes_to_quarantine_and_the_rest_goes_in(
    home: Home,
) -> None:
    far = record("far", corrected_us=2**63)  # a number that the journal takes and a column does not
    keep(home, Parcel("shop", "web", AT_US, [record("a"), far, record("b")]), parcel("c"))
    drained(home)
    assert stored() == Counter(("shop", i) for i in "abc")
    ((source, reason, raw),) = held(home)
    assert (source, reason) == ("shop", "unreadable")
    assert b'"far"' in bytes(raw)
    assert counted(home) == {("shop", "accepted"): 3, ("shop", "unreadable"): 1}


@pytest.mark.parametrize("rounds", [1, 2])
def test_an_id_is_the_same_whether_the_door_or_the_drain_took_its_fingerprint(
    home: Home, rounds: int
) -> None:
    taken = b"".join(fingerprints("shop", "ab"))
    keep(home, msgspec.structs.replace(parcel("a", "b"), fingerprints=taken))
    if rounds == 2:
        drained(home)
    keep(home, parcel("b", "c"), parcel("a", source="till"))
    drained(home)
    assert stored() == Counter([("shop", "a"), ("shop", "b"), ("shop", "c"), ("till", "a")])
    assert counted(home) == {
        ("shop", "accepted"): 3,
        ("shop", "duplicate"): 1,
        ("till", "accepted"): 1,
    }


def test_quarantine_is_bounded_and_says_what_it_dropped(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books, "MAX_QUARANTINE_ROWS", 5)
    for start in (0, 4):
        bad = [
            refused("no_event", detail(Wrong.NO_EVENT), str(start + i).encode()) for i in range(4)
        ]
        keep(home, parcel(refused=bad))
        drained(home)
    assert [bytes(raw) for _, _, raw in held(home)] == [b"3", b"4", b"5", b"6", b"7"]
    assert counted(home)["shop", "dropped_from_quarantine"] == 3
    monkeypatch.setattr(books, "MAX_QUARANTINE_BYTES", 3)
    keep(home, parcel(refused=[refused("no_event", detail(Wrong.NO_EVENT), b"8")]))
    drained(home)
    assert [bytes(raw) for _, _, raw in held(home)] == [b"6", b"7", b"8"]


def test_the_last_events_of_each_source_are_shown(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pupitre.flow.collect.intake.books.LATEST_KEPT", 3)
    monkeypatch.setattr("pupitre.flow.collect.showing.LATEST_KEPT", 3)
    for ids in ("abcde", "fg"):
        keep(home, parcel(*ids), parcel("only", source="till"))
        drained(home)
    with home.looking() as engine:
        assert engine is not None
        rows = engine.run("SELECT source, message_id FROM latest ORDER BY source, id")
    assert rows == [("shop", "e"), ("shop", "f"), ("shop", "g"), ("till", "only")]


def test_old_quarantine_and_counts_are_let_go(home: Home) -> None:
    keep(home, parcel("a", refused=[refused("no_event", detail(Wrong.NO_EVENT), b"{}")]))
    drained(home)
    desk = home.desk()
    desk.books.tidy(at_us=AT_US + 29 * DAY_US, quarantine_days=30)
    assert len(held(home)) == 1
    desk.books.tidy(at_us=AT_US + 31 * DAY_US, quarantine_days=30)
    assert held(home) == []
    assert counted(home)
    desk.books.tidy(at_us=AT_US + 500 * DAY_US, quarantine_days=30)
    desk.close()
    assert not counted(home)


# --- the files of one machine --------------------------------------------------------------------


def test_files_are_deleted_once_moved_and_only_when_their_writer_is_gone(
    lake: None, tmp_path: Path
) -> None:
    home = LocalHome(tmp_path / "intake", ROOMY)
    journal = SegmentJournal(home.journal_folder, ROOMY)
    journal.commit([Entry(seal(parcel("a")), 1)])
    drained(home)
    assert len(segments(home.journal_folder)) == 1
    journal.commit([Entry(seal(parcel("b")), 1)])
    drained(home)
    assert stored() == Counter([("shop", "a"), ("shop", "b")])
    journal.close()
    desk = home.desk()
    desk.tidy()
    assert list(home.journal_folder.iterdir()) == []
    assert desk.books.positions() == {}
    desk.close()


def test_a_journal_begins_another_file_once_one_has_grown(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path, ROOMY, segment_bytes=1_000)
    for _ in range(5):
        journal.commit([Entry(b"x" * 600, 1)])
    journal.close()
    assert len(segments(tmp_path)) == 3


def test_books_that_were_lost_cost_no_event(lake: None, tmp_path: Path) -> None:
    """A restored backup may be older than the journal: what is left in it goes in again."""
    home = LocalHome(tmp_path / "intake", ROOMY)
    keep(home, parcel("a", "b"))
    shutil.rmtree(home.folder / "books.sqlite", ignore_errors=True)
    drained(home)
    assert sum(stored().values()) == 2


# --- stamping ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("properties", "amount", "currency"),
    [
        ('{"revenue": 12.5, "currency": "eur"}', "12.5000", "EUR"),
        ('{"total": "99.99", "value": 3}', "99.9900", None),
        ('{"revenue": null, "value": -1e3, "currency": "EURO"}', "-1000.0000", None),
        ('{"revenue": 0.1}', "0.1000", None),
        ('{"value": "many"}', None, None),
        ('{"value": true, "currency": "EUR"}', None, None),
        ('{"value": 1e999}', None, None),
        ('{"value": 1e15}', None, None),
        ('{"value": 99999999999999.9999}', None, None),
        ('{"price": 5, "currency": "EUR"}', None, None),
        ('{"nested": {"value": 5}}', None, None),
    ],
)
def test_amounts(properties: str, amount: str | None, currency: str | None) -> None:
    table = rows_to_table([Parcel("shop", "web", AT_US, [record("a", properties=properties)])])
    (row,) = table.to_pylist()
    assert (row["amount"] and str(row["amount"]), row["currency"]) == (amount, currency)


def test_only_a_track_has_an_amount_and_the_strongest_identifier_is_the_identity() -> None:
    rows = rows_to_table(
        [
            Parcel(
                "shop",
                "store",
                AT_US,
                [
                    record("a", type="page", properties='{"value": 5}'),
                    record("b", user_id=None, anonymous_id="x"),
                    record("c", user_id="u", anonymous_id="x"),
                ],
            )
        ]
    ).to_pylist()
    assert [row["amount"] for row in rows] == [None, None, None]
    assert [row["identity"] for row in rows] == ["user_id:u", "anonymous_id:x", "user_id:u"]
    assert {row["channel"] for row in rows} == {"store"}


def test_what_the_lake_was_given_is_what_it_says(home: Home) -> None:
    keep(home, parcel("a"))
    drained(home)
    sql = Sql("one", "SELECT type, name, user_id, corrected_at, properties FROM {events}")
    ((type_, name, user, at, properties),) = queries.run(sql).rows
    assert (type_, name, user, properties) == ("track", "x", "u", "{}")
    assert str(at) == "2026-03-01 12:00:00"
