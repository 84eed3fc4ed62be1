"""What came in by a mistake goes out again: whole, exactly, and as if it had never been."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pupitre.core.errors import Invalid
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect import queries as collected
from pupitre.flow.collect.files import delimited, importing, records, taking_back, work
from pupitre.flow.collect.files.actions import RunImport, TakeBackImport
from pupitre.flow.collect.files.mapping import written
from pupitre.flow.collect.files.opening import digest_of
from pupitre.flow.collect.files.records import ImportRow, Progress, State
from pupitre.flow.collect.files.services import taken_back_at_console
from pupitre.flow.collect.files.tests.kit import (
    HEADER,
    SOURCE,
    a_company_that_imports,
    a_file,
    a_mapping,
    asked,
    books,
    in_lake,
    lake,
)
from pupitre.flow.collect.intake.books import Books, period_of
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.tests.drain_kit import drained, keep, parcel
from pupitre.lake.services import Writer
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Refused, Waiting
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company

__all__ = ["lake"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]
NUMBERED = "no,client,date,montant,magasin\n"
GOOD = HEADER + "7;31/12/2025;1 234,50;Lyon\n8;01/01/2026;2,5;\n9;never;1;\n"


@pytest.fixture(autouse=True)
def company() -> Company:
    return a_company_that_imports()


def numbered(*ids: str) -> str:
    return NUMBERED + "".join(f"{id_},1,01/01/2026,1,X\n" for id_ in ids)


def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few rows, parts of a few events."""
    monkeypatch.setattr(delimited.Delimited.chunks, "__kwdefaults__", {"size": 1, "after": -1})
    monkeypatch.setattr("pupitre.flow.collect.files.text.READ_BYTES", 400)
    monkeypatch.setattr(taking_back, "PART_EVENTS", 7)


def taken(row: ImportRow) -> Progress:
    asked_back = taken_back_at_console(number=row.id, at=NOON)
    return taking_back.take_back(asked_back, now=lambda: NOON)


def row_of(path: Path, **mapping: Any) -> ImportRow:
    row = asked(path, a_mapping(**mapping))
    importing.run(row, now=lambda: NOON)
    return row


def sent(*ids: str) -> None:
    """By SDK, and into the lake."""
    keep(home(), parcel(*ids, source=SOURCE))
    drained(home(), at_us=since_1970(NOON))


IDS = (*"abcdez", *(f"n{n}" for n in range(100)))


def everything() -> dict[str, list[Any]]:
    """All that tells of events: the lake, the counts, quarantine, what was seen."""
    with books() as told:
        seen = told.seen(period_of(since_1970(NOON)), fingerprints(SOURCE, IDS))
        refused = "SELECT source, received_us, reason, detail, raw FROM quarantine"
        return {
            "lake": in_lake("* EXCLUDE (extra)"),
            "counts": sorted(told.engine.run("SELECT * FROM counts WHERE events > 0")),
            "quarantine": sorted(told.engine.run(refused)),
            "shares": sorted(told.engine.run("SELECT source, minute, outcome, events FROM share")),
            "seen": sorted(seen),
            "intents": told.engine.run("SELECT batch FROM intent"),
        }


class TestGone:
    def test_from_the_lake_the_counts_and_quarantine(self, tmp_path: Path) -> None:
        row = row_of(a_file(tmp_path, GOOD))
        assert len(in_lake()) == 2
        assert len(collected.held(source=SOURCE)) == 1
        assert len(collected.latest_events(source=SOURCE, limit=9)) == 2
        done = taken(row)
        assert (done.state, done.going, done.taken, done.standing) == (State.TAKEN, 2, 2, 0)
        assert not any(everything().values())
        assert not collected.held(source=SOURCE)
        assert not collected.latest_events(source=SOURCE, limit=9)

    def test_and_nothing_else_does(self, tmp_path: Path) -> None:
        sent("a", "z")
        other = row_of(a_file(tmp_path, numbered("b", "c"), "one.csv"), message_id="no")
        before = everything()
        wrong = row_of(
            a_file(tmp_path, numbered("a", "b", "d") + "e,1,never,1,X\n", "two.csv"),
            message_id="no",
        )
        assert [id_ for (id_,) in in_lake("message_id")] == ["a", "b", "c", "d", "z"]
        assert taken(wrong).taken == 1
        assert everything() == before
        assert taken(other).taken == 2
        assert [id_ for (id_,) in in_lake("message_id")] == ["a", "z"]

    @pytest.mark.slow
    @pytest.mark.parametrize("own", ["", "no"])
    def test_and_imported_again_it_is_as_if_it_had_come_once(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str
    ) -> None:
        small(monkeypatch)
        rows = "".join(
            f"n{n % 90},{n},{'01/01/2026' if n % 10 else 'never'},1,X\n" for n in range(1, 101)
        )
        path = a_file(tmp_path, NUMBERED + rows)
        row = row_of(path, message_id=own)
        once = everything()
        done = taken(row)
        assert done.taken == len(once["lake"]) > 50
        assert not in_lake()
        again = row_of(path, message_id=own)
        assert again.id != row.id
        assert everything() == once
        assert asked(path, a_mapping(message_id=own)).id == again.id  # in already

    def test_what_an_sdk_sends_afterwards_comes_in(self, tmp_path: Path) -> None:
        row = row_of(a_file(tmp_path, numbered("a", "b")), message_id="no")
        sent("a")
        assert len(in_lake()) == 2
        taken(row)
        sent("a", "b")
        assert [id_ for (id_,) in in_lake("message_id")] == ["a", "b"]

    def test_twice_is_once(self, tmp_path: Path, company: Company) -> None:
        row = row_of(a_file(tmp_path, GOOD))
        first = taken(row)
        assert taken(row) == first
        with pytest.raises(Invalid, match=r"already|déjà"):
            act(TakeBackImport(SOURCE, row.id), by=company.actor("ops"), at=NOON)


class TestWherever:
    @pytest.mark.slow
    @pytest.mark.parametrize("own", ["", "no"])
    def test_it_stops_it_goes_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str
    ) -> None:
        """Before and after each write to either store; the drain comes in between."""
        small(monkeypatch)
        ids = [f"n{n}" for n in range(40)]
        row = row_of(a_file(tmp_path, numbered(*ids)), message_id=own)
        row = taken_back_at_console(number=row.id, at=NOON)
        stops, done = 0, None
        for owner, what, nth in [
            (owner, what, nth)
            for nth in (1, 2, 3)
            for owner, what in (
                (Writer, "withdraw"),
                (Writer, "record"),
                (Writer, "rewrite"),
                (Books, "enter"),
                (Books, "withdraw"),
                (Books, "forget"),
            )
        ]:
            for after in (False, True):
                with monkeypatch.context() as patch:
                    _stopping(patch, owner, what, nth, after=after)
                    try:
                        done = taking_back.take_back(row, now=lambda: NOON)
                        break
                    except OSError:
                        stops += 1
                sent(f"other-{stops}")
        done = taking_back.take_back(row, now=lambda: NOON)
        assert stops >= 6
        assert (done.state, done.taken, done.going) == (State.TAKEN, 40, 40)
        assert {id_[:6] for (id_,) in in_lake("message_id")} == {"other-"}
        sent(*ids)
        assert len(in_lake(where="message_id NOT LIKE 'other-%'")) == 40

    def test_an_import_under_way_stops(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        small(monkeypatch)
        row = asked(a_file(tmp_path, numbered(*(f"n{n}" for n in range(90)))), a_mapping())
        back: list[Progress] = []

        def told(now: Progress) -> None:
            if not back and now.accepted:
                taken_back_at_console(number=row.id, at=NOON)
                back.append(taken(row))

        with pytest.raises(importing.Stopped):
            importing.run(row, now=lambda: NOON, told=told)
        assert 0 < back[0].taken < 90
        assert not in_lake()
        assert importing.run(row, now=lambda: NOON) == back[0]
        assert not any(everything().values())

    def test_the_worker_does_it(self, lake: Path, company: Company) -> None:
        token = "ab" * 16
        place = records.stored_path(token)
        place.parent.mkdir(parents=True)
        a_file(place.parent, GOOD, "file")
        action = RunImport(
            SOURCE, "achats.csv", digest_of(place), written(a_mapping()).decode(), token
        )
        done = act(action, by=company.actor("ops"), at=NOON)
        assert isinstance(done, Performed)
        assert work.once(threading.Event())
        assert len(in_lake()) == 2
        act(TakeBackImport(SOURCE, int(str(done.result))), by=company.actor("ops"), at=NOON)
        assert len(records.to_take_back()) == 1
        assert work.once(threading.Event())
        assert not in_lake()
        assert not records.to_take_back()


def _stopping(patch: pytest.MonkeyPatch, owner: type, what: str, nth: int, *, after: bool) -> None:
    real, calls = getattr(owner, what), 0

    def stopping(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == nth and not after:
            raise OSError("the power is gone")
        found = real(*args, **kwargs)
        if calls == nth:
            raise OSError("the power is gone")
        return found

    patch.setattr(owner, what, stopping)


class TestWhoMay:
    def test_the_letters_of_importing(self, tmp_path: Path, company: Company) -> None:
        row = row_of(a_file(tmp_path, GOOD))
        action = TakeBackImport(SOURCE, row.id)
        with pytest.raises(Refused):
            act(action, by=company.actor("brand"), at=NOON)
        assert isinstance(act(action, by=company.actor("cio"), at=NOON), Waiting)
        assert records.import_numbered(number=row.id) == replace(
            row, progress=records.progress_of(row.id)[row.id][1]
        )
        assert isinstance(act(action, by=company.actor("ops"), at=NOON), Performed)
        found = records.import_numbered(number=row.id)
        assert found is not None
        assert found.taken_back_at == NOON
        assert found.taken_back_from == company.seats["ops"]
        line = AuditLine.objects.latest("pk")
        assert (line.activity, line.subject) == ("import.run", f"source:{SOURCE}")
        assert "achats.csv" in str(line.detail)

    def test_what_is_not_there(self, company: Company) -> None:
        with pytest.raises(Invalid, match=r"no such import|pas d’import"):
            act(TakeBackImport(SOURCE, 4711), by=company.actor("ops"), at=NOON)
