"""A number that an event has of its own counts once, by whichever way it comes, how often, when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.contracts import ACCEPTED, DUPLICATE
from pupitre.flow.collect.files import delimited, importing
from pupitre.flow.collect.files.tests.kit import (
    SOURCE,
    a_company_that_imports,
    a_file,
    a_mapping,
    asked,
    books,
    imported,
    in_lake,
    lake,
)
from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.tests.drain_kit import drained, keep, parcel
from pupitre.lake.services import Writer
from pupitre.rules.mandate.testing import NOON

__all__ = ["lake"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]


@pytest.fixture(autouse=True)
def company() -> None:
    a_company_that_imports()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of a few rows."""
    monkeypatch.setattr(delimited.Delimited.chunks, "__kwdefaults__", {"size": 1, "after": -1})
    monkeypatch.setattr("pupitre.flow.collect.files.text.READ_BYTES", 400)


MAPPING: dict[str, Any] = {"message_id": "no"}


def numbered(folder: Path, *ids: str, name: str = "a.csv") -> Path:
    rows = "".join(f"{id_},1,01/01/2026,1,X\n" for id_ in ids)
    return a_file(folder, "no,client,date,montant,magasin\n" + rows, name)


def sent(*ids: str, at: Any = NOON) -> None:
    keep(home(), parcel(*ids, source=SOURCE))
    drained(home(), at_us=since_1970(at))


def ids() -> list[str]:
    return [id_ for (id_,) in in_lake("message_id")]


def counted() -> dict[str, int]:
    with books() as told:
        rows = told.engine.run("SELECT outcome, sum(events) FROM counts GROUP BY outcome")
    return {outcome: int(events) for outcome, events in rows if events}


def test_by_file_and_then_by_sdk(tmp_path: Path) -> None:
    imported(numbered(tmp_path, "a", "b"), a_mapping(**MAPPING))
    sent("b", "c")
    assert ids() == ["a", "b", "c"]
    assert counted() == {ACCEPTED: 3, DUPLICATE: 1}


def test_by_sdk_and_then_by_file(tmp_path: Path) -> None:
    sent("b", "c")
    done = imported(numbered(tmp_path, "a", "b"), a_mapping(**MAPPING))
    assert (done.accepted, done.duplicates) == (1, 1)
    assert ids() == ["a", "b", "c"]
    assert counted() == {ACCEPTED: 3, DUPLICATE: 1}


def test_by_sdk_waiting_in_the_journal_while_the_file_comes_in(tmp_path: Path) -> None:
    keep(home(), parcel("b", "c", source=SOURCE))
    done = imported(numbered(tmp_path, "a", "b"), a_mapping(**MAPPING))
    assert (done.accepted, done.duplicates) == (2, 0)
    drained(home(), at_us=since_1970(NOON))
    assert ids() == ["a", "b", "c"]
    assert counted() == {ACCEPTED: 3, DUPLICATE: 1}


def test_still_thirty_days_later(tmp_path: Path) -> None:
    imported(numbered(tmp_path, "a"), a_mapping(**MAPPING))
    sent("a", at=NOON + timedelta(days=30))
    assert ids() == ["a"]


def test_of_another_source_it_is_another_event(tmp_path: Path) -> None:
    imported(numbered(tmp_path, "a"), a_mapping(**MAPPING))
    keep(home(), parcel("a", source="till"))
    drained(home(), at_us=since_1970(NOON))
    assert ids() == ["a", "a"]


def test_by_two_files(tmp_path: Path) -> None:
    imported(numbered(tmp_path, "a", "b"), a_mapping(**MAPPING))
    path = numbered(tmp_path, "b", "c", name="b.csv")
    done = imported(path, a_mapping(**MAPPING))
    assert (done.accepted, done.duplicates) == (1, 1)
    assert imported(path, a_mapping(**MAPPING)) == done
    assert ids() == ["a", "b", "c"]


@pytest.mark.usefixtures("small")
def test_twice_in_one_file_chunks_apart(tmp_path: Path) -> None:
    some = [f"n{number:03}" for number in range(60)]
    row = asked(numbered(tmp_path, *some, *some[::-1], "n000"), a_mapping(**MAPPING))
    chunks = 0

    def told(_: object) -> None:
        nonlocal chunks
        chunks += 1

    done = importing.run(row, now=lambda: NOON, told=told)
    assert chunks > 4
    assert (done.rows, done.accepted, done.duplicates) == (121, 60, 61)
    assert ids() == some
    sent(*some)
    assert ids() == some


def test_rows_without_a_number_are_not_each_others(tmp_path: Path) -> None:
    done = imported(numbered(tmp_path, "", "a", ""), a_mapping(**MAPPING))
    assert (done.accepted, done.duplicates) == (3, 0)


def test_numbers_made_of_the_file_are_not_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seen(*_: object) -> set[bytes]:
        raise AssertionError("looked up")

    monkeypatch.setattr(Books, "seen", seen)
    assert imported(numbered(tmp_path, "a", "b"), a_mapping()).accepted == 2


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("way", ["sdk in between", "nothing in between"])
def test_wherever_it_stops_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Cut before and after each write to either store, with the drain at work between two tries."""
    some = [f"n{number:03}" for number in range(160)]
    row = asked(numbered(tmp_path, *some, "n001"), a_mapping(**MAPPING))
    stops = 0
    for owner, what in ((Books, "enter"), (Writer, "append_new"), (importing, "intend")) * 4:
        for after in (False, True):
            with monkeypatch.context() as patch:
                _stopping(patch, owner, what, after=after)
                try:
                    importing.run(row, now=lambda: NOON)
                    break
                except OSError:
                    stops += 1
            if way == "sdk in between":
                sent(some[(stops * 7) % 160], f"other-{stops}")
    done = importing.run(row, now=lambda: NOON)
    assert stops >= 6
    assert [id_ for id_ in ids() if id_.startswith("n")] == some
    assert done.accepted + done.duplicates == 161
    if way == "nothing in between":
        assert (done.accepted, done.duplicates) == (160, 1)
        assert counted() == {ACCEPTED: 160, DUPLICATE: 1}
    else:
        assert counted()[ACCEPTED] == len(ids())
    sent(*some)
    assert [id_ for id_ in ids() if id_.startswith("n")] == some
    with books() as told:
        assert not told.engine.run("SELECT batch FROM intent")


def _stopping(patch: pytest.MonkeyPatch, owner: Any, what: str, *, after: bool) -> None:
    """The second time that it is called, before or after it has done its work."""
    real, calls = getattr(owner, what), 0

    def stopping(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2 and not after:
            raise OSError("the power is gone")
        found = real(*args, **kwargs)
        if calls == 2:
            raise OSError("the power is gone")
        return found

    patch.setattr(owner, what, stopping)
