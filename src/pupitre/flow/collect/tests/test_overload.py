"""When the disk or the lake cannot keep up: 503 with Retry-After, a red /health, nothing lost."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pupitre.core.contributions import Unhealthy
from pupitre.flow.collect import health
from pupitre.flow.collect.intake import group_commit
from pupitre.flow.collect.intake.home import LocalHome
from pupitre.flow.collect.intake.segments import Bounds, SegmentJournal
from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.tests.collector_kit import ROOMY, Desk, FixedLoader
from pupitre.flow.collect.tests.drain_kit import drained, keep, parcel, stored
from pupitre.lake import queries, services

pytestmark = pytest.mark.once
EVENT = {"event": "x", "userId": "u", "properties": {"text": "y" * 20_000}}


@pytest.fixture(autouse=True)
def loader() -> Iterator[None]:
    before = shelf.loader
    shelf.keep(FixedLoader())
    yield
    shelf.keep(before)


@pytest.fixture
def lake(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    services.close()
    queries.close()
    yield
    services.close()
    queries.close()


def unhealthy(check: Any) -> str:
    try:
        check()
    except Unhealthy as ill:
        return f"{ill.seen} {ill.remedy}"
    return ""


class FullDisk(SegmentJournal):
    """SQLite's own bound of pages stands for the disk's: the engine says SQLITE_FULL alike."""

    pages = 16

    def _begin(self) -> sqlite3.Connection:
        connection = super()._begin()
        connection.execute(f"PRAGMA max_page_count={self.pages}")
        return connection


def test_a_full_disk(lake: None, tmp_path: Path) -> None:
    folder = tmp_path / "intake" / "journal"
    desk = Desk(folder, FullDisk(folder, ROOMY))
    acknowledged = 0
    answers = []
    for number in range(30):
        answer = desk.ask("/v1/track", {**EVENT, "messageId": f"m{number}"})
        answers.append(answer)
        acknowledged += answer.status == 200
        if answer.status != 200:
            break
    full = answers[-1]
    assert acknowledged >= 3
    assert (full.status, full.json["code"]) == (503, "overloaded")
    assert int(full.headers["retry-after"]) > 0
    assert "could not be written" in unhealthy(health.check_journal)
    # Once there is room, it goes on by itself; whoever had to wait sends again.
    FullDisk.pages = 10_000
    try:
        assert desk.ask("/v1/track", {**EVENT, "messageId": f"m{acknowledged}"}).status == 200
    finally:
        FullDisk.pages = 16
    assert group_commit.trouble() == ""
    desk.close()
    drained(LocalHome(tmp_path / "intake", ROOMY))
    assert stored() == {("web-shop", f"m{number}"): 1 for number in range(acknowledged + 1)}


def test_a_lake_that_does_not_keep_up(lake: None, tmp_path: Path) -> None:
    folder = tmp_path / "intake" / "journal"
    desk = Desk(folder, SegmentJournal(folder, Bounds(max_bytes=400_000, spare_bytes=0)))
    status = 200
    deadline = time.monotonic() + 20
    sent = 0
    while status == 200 and time.monotonic() < deadline:
        status = desk.ask("/v1/track", {**EVENT, "messageId": f"m{sent}"}).status
        sent += status == 200
    assert status == 503
    assert "wait to go into the lake" in unhealthy(health.check_journal)
    query = "writeKey=key-of-the-shop&userId=u&event=x"
    pixel = desk.ask("/v1/pixel/track", headers={}, method="GET", query=query)
    assert pixel.status == 503
    assert pixel.body.startswith(b"GIF89a")
    desk.close()
    home = LocalHome(tmp_path / "intake", ROOMY)
    drained(home)
    assert sum(stored().values()) == sent
    after = Desk(folder, SegmentJournal(folder, Bounds(max_bytes=400_000, spare_bytes=0)))
    assert after.ask("/v1/track", EVENT).status == 200
    after.close()


def test_a_disk_with_little_left(tmp_path: Path) -> None:
    journal = SegmentJournal(tmp_path, Bounds(max_bytes=2**40, spare_bytes=2**60))
    desk = Desk(tmp_path, journal)
    assert desk.ask("/v1/track", EVENT).status == 503
    assert "MB left" in unhealthy(health.check_journal)
    assert desk.ask("/v1/m", {}, {}).status == 200
    desk.close()


def test_events_that_nobody_moves_turn_health_red(
    lake: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = LocalHome(tmp_path / "intake", ROOMY)
    assert health.check_drain() == "nothing waits for the lake"
    keep(home, parcel("a"))  # received on the day of these tests, long ago
    said = unhealthy(health.check_drain)
    assert "waiting for the lake" in said
    assert "no worker" in said
    drained(home)
    assert health.check_drain() == "nothing waits for the lake"


def test_requests_that_wait_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING", 0)
    desk = Desk(tmp_path)
    answer = desk.ask("/v1/track", EVENT)
    assert (answer.status, answer.json["code"]) == (503, "overloaded")
    desk.close()


def test_a_book_that_cannot_be_read_is_an_overload_and_no_refusal(tmp_path: Path) -> None:
    class Broken(FixedLoader):
        def load(self) -> Any:
            raise OSError("the database has vanished")

        version = load

    desk = Desk(tmp_path)
    known = shelf.loader
    shelf.keep(Broken())
    assert desk.ask("/v1/track", EVENT).status == 503
    shelf.keep(known)
    time.sleep(0.15)
    assert desk.ask("/v1/track", EVENT).status == 200
    shelf.keep(Broken())
    time.sleep(0.15)
    assert desk.ask("/v1/track", EVENT).status == 200  # what was known stays in force
    desk.close()
