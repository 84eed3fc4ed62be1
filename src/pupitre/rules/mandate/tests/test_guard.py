"""The fence: a fenced table is written inside an act, or not at all, however the SQL is spelt."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from pupitre.rules.mandate import guard
from pupitre.rules.mandate.guard import WroteAroundTheMatrix
from pupitre.rules.mandate.models import Cell, Function, Ledger, Member, Notice, Seat
from pupitre.rules.mandate.testing import Company, a_company

pytestmark = pytest.mark.django_db
SOURCE = Path(guard.__file__).parents[2]
on_postgresql = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="a statement of PostgreSQL's own"
)
on_sqlite = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="a statement of SQLite's own"
)
FENCED = sorted(guard._fenced)


@pytest.fixture
def company() -> Company:
    return a_company()


SPELLINGS = (
    "update mandate_seat set name_fr = 'x'",
    "UPDATE mandate_seat SET name_fr = 'x'",
    "UPDATE \"mandate_seat\" SET name_fr = 'x'",
    "  \n\tUpDaTe\n\tmandate_seat\nSET name_fr = 'x'",
    "/* a word first */ UPDATE mandate_seat SET name_fr = 'x'",
    "UPDATE /* a word between */ mandate_seat SET name_fr = 'x'",
    "-- a line first\nUPDATE mandate_seat SET name_fr = 'x'",
    "UPDATE -- a line between\n mandate_seat SET name_fr = 'x'",
    "WITH x AS (SELECT 1 AS n) UPDATE mandate_seat SET name_fr = 'x'",
    "WITH x AS (SELECT 1 AS n) DELETE FROM mandate_seat",
    "DELETE FROM mandate_seat",
    'delete  from  "mandate_seat" where 1 = 1',
    "INSERT INTO mandate_seat (key) VALUES ('x')",
    "INSERT INTO mandate_seat SELECT * FROM mandate_seat",
    "INSERT INTO mandate_seat (key) VALUES ('x') ON CONFLICT DO NOTHING",
)
SPELLINGS_SQLITE = (
    "INSERT OR REPLACE INTO mandate_seat (key) VALUES ('x')",
    "insert or ignore into mandate_seat (key) values ('x')",
    "REPLACE INTO mandate_seat (key) VALUES ('x')",
    "UPDATE OR IGNORE mandate_seat SET name_fr = 'x'",
    "UPDATE [mandate_seat] SET name_fr = 'x'",
    "UPDATE `mandate_seat` SET name_fr = 'x'",
    "UPDATE main.mandate_seat SET name_fr = 'x'",
    'UPDATE "main"."mandate_seat" SET name_fr = \'x\'',
    "UPDATE MANDATE_SEAT SET name_fr = 'x'",
)
SPELLINGS_POSTGRESQL = (
    "UPDATE ONLY mandate_seat SET name_fr = 'x'",
    "UPDATE public.mandate_seat SET name_fr = 'x'",
    'UPDATE "public" . "mandate_seat" SET name_fr = \'x\'',
    "DELETE FROM ONLY mandate_seat",
    "WITH x AS (DELETE FROM mandate_seat RETURNING id) SELECT count(*) FROM x",
    "WITH x AS (UPDATE mandate_seat SET places = 2 RETURNING id) SELECT count(*) FROM x",
    "SELECT 1; DELETE FROM mandate_seat",
    "DO $$ BEGIN DELETE FROM mandate_seat; END $$",
    "TRUNCATE mandate_seat CASCADE",
    "TRUNCATE TABLE mandate_seat CASCADE",
    "TRUNCATE ONLY mandate_seat",
    'TRUNCATE django_session, "mandate_seat" RESTART IDENTITY CASCADE',
    "TRUNCATE django_session, ONLY public.mandate_seat CASCADE",
    "COPY mandate_seat FROM STDIN",
    "COPY public.mandate_seat (key, name_fr) FROM STDIN",
    "MERGE INTO mandate_seat USING mandate_member m ON false WHEN MATCHED THEN DELETE",
    "MERGE INTO ONLY mandate_seat USING mandate_member m ON false WHEN MATCHED THEN DELETE",
)


def _refused(sql: str) -> None:
    before = list(Seat.objects.order_by("pk").values_list("pk", "name_fr", "places"))
    with connection.cursor() as cursor, pytest.raises(WroteAroundTheMatrix, match="mandate_seat"):
        cursor.execute(sql)
    assert list(Seat.objects.order_by("pk").values_list("pk", "name_fr", "places")) == before


@pytest.mark.parametrize("sql", SPELLINGS)
def test_a_write_outside_an_act_is_refused_however_it_is_spelt(company: Company, sql: str) -> None:
    _refused(sql)


@on_sqlite
@pytest.mark.parametrize("sql", SPELLINGS_SQLITE)
def test_spellings_of_sqlite(company: Company, sql: str) -> None:
    _refused(sql)


@on_postgresql
@pytest.mark.parametrize("sql", SPELLINGS_POSTGRESQL)
def test_spellings_of_postgresql(company: Company, sql: str) -> None:
    _refused(sql)


@on_postgresql
def test_the_copy_of_psycopg_goes_past_the_fence_as_little(company: Company) -> None:
    with connection.cursor() as cursor, pytest.raises(WroteAroundTheMatrix):
        cursor.copy("COPY mandate_seat (key) FROM STDIN")
    seats = Seat.objects.count()
    with connection.cursor() as cursor, cursor.copy("COPY mandate_seat TO STDOUT") as rows:
        assert len(list(rows.rows())) == seats


@pytest.mark.parametrize("table", FENCED)
def test_every_table_of_the_room_is_fenced(table: str) -> None:
    with connection.cursor() as cursor, pytest.raises(WroteAroundTheMatrix, match=table):
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608  (one of our own names)


def test_what_is_fenced_is_what_the_room_has() -> None:
    rooms = ("mandate_", "collect_", "identify_")
    tables = {t for t in connection.introspection.table_names() if t.startswith(rooms)}
    assert tables == set(FENCED)


def test_the_orm_is_refused_in_all_its_ways(company: Company) -> None:
    seat = Seat.objects.get(key="cmo")
    member = Member.objects.first()
    assert member is not None
    attempts = (
        lambda: seat.save(),
        lambda: Cell.objects.first().delete(),
        lambda: Seat.objects.create(key="new", function=seat.function, name_fr="Neuf"),
        lambda: Seat.objects.filter(key="cmo").update(name_fr="x"),
        lambda: Seat.objects.update(position=F("position") + 1),
        lambda: Notice.objects.all().delete(),
        lambda: Cell.objects.all().delete(),
        lambda: Seat.objects.bulk_update([seat], ["name_fr"]),
        lambda: Notice.objects.bulk_create(
            [Notice(member=member, kind="personal", text_fr="x", text_en="x", at=None)]
        ),
        lambda: Seat.objects.get_or_create(key="n", defaults={"function": seat.function}),
        lambda: Seat.objects.update_or_create(key="cmo", defaults={"name_fr": "x"}),
        lambda: Ledger.objects.filter(pk=1).update(seq=0),
        lambda: Function.objects.bulk_create(
            [Function(key="cmo", name_fr="x")], ignore_conflicts=True
        ),
    )
    for attempt in attempts:
        with pytest.raises(WroteAroundTheMatrix), transaction.atomic():
            attempt()


def test_many_rows_at_once_are_refused(company: Company) -> None:
    with connection.cursor() as cursor, pytest.raises(WroteAroundTheMatrix):
        cursor.executemany("UPDATE mandate_seat SET places = %s WHERE key = %s", [(2, "cmo")])
    rows = ", ".join(["(%s)"] * 5_000)  # longer than what the fence remembers
    with connection.cursor() as cursor, pytest.raises(WroteAroundTheMatrix):
        cursor.execute(f"INSERT INTO mandate_scope (key) VALUES {rows}", ["x"] * 5_000)  # noqa: S608


READS = (
    "SELECT * FROM mandate_seat",
    "SELECT REPLACE(name_fr, 'a', 'b') FROM mandate_seat",
    "SELECT key AS update_me FROM mandate_seat",
    "SELECT 'delete' FROM mandate_seat",
    "WITH x AS (SELECT * FROM mandate_seat) SELECT count(*) FROM x",
    "UPDATE django_session SET session_data = (SELECT key FROM mandate_seat LIMIT 1)",
    "DELETE FROM django_session WHERE session_key IN (SELECT key FROM mandate_seat)",
)


@pytest.mark.parametrize("sql", READS)
def test_reading_passes_and_so_do_tables_that_are_not_fenced(company: Company, sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@on_postgresql
def test_locking_reads_pass(company: Company) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM mandate_ledger FOR UPDATE OF mandate_ledger")
        cursor.execute('SELECT * FROM mandate_ledger FOR NO KEY UPDATE OF "mandate_ledger"')


def test_inside_an_act_writes_pass_and_the_law_is_known_to_have_changed(company: Company) -> None:
    with guard.permitted() as permit:
        Notice.objects.create(
            member_id=company.members["cmo"],
            kind="personal",
            text_fr="x",
            text_en="x",
            at="2026-01-01T00:00Z",
        )
        assert not permit.law_changed
        Seat.objects.filter(key="cmo").update(name_fr="x")
        assert permit.law_changed
    with pytest.raises(WroteAroundTheMatrix):
        Seat.objects.filter(key="cmo").update(name_fr="y")


def test_a_permit_ends_with_its_act_even_where_the_act_fails(company: Company) -> None:
    with pytest.raises(ZeroDivisionError), guard.permitted():
        raise ZeroDivisionError
    with pytest.raises(WroteAroundTheMatrix):
        Seat.objects.filter(key="cmo").update(name_fr="y")


@pytest.mark.django_db(transaction=True)
def test_a_permit_is_no_other_threads(company: Company) -> None:
    caught: list[BaseException] = []

    def write() -> None:
        try:
            Seat.objects.filter(key="cmo").update(name_fr="y")
        except WroteAroundTheMatrix as refused:
            caught.append(refused)
        finally:
            connections.close_all()

    with guard.permitted():
        other = threading.Thread(target=write)
        other.start()
        other.join(20)
    assert len(caught) == 1


def test_only_the_choke_point_and_the_test_kit_open_the_fence() -> None:
    openers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "/tests/" not in path.as_posix() and "permitted()" in path.read_text("utf-8")
    }
    assert openers == {
        "rules/mandate/guard.py",
        "rules/mandate/acting.py",
        "rules/mandate/testing.py",
    }


def test_the_test_kit_is_imported_by_tests_alone() -> None:
    importers = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "/tests/" not in path.as_posix()
        and re.search(r"mandate(\.testing| import .*\btesting\b)", path.read_text("utf-8"))
    }
    assert importers == set()


def test_nothing_reaches_under_django_to_the_database() -> None:
    """The driver's own connection knows no fence: nobody may take it in hand."""
    reaching = re.compile(r"connection\.connection\b|executescript|\.cursor\.cursor\b")
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if "/tests/" not in path.as_posix() and reaching.search(path.read_text("utf-8"))
    }
    assert found == {"rules/mandate/guard.py"}
