"""A place of one's own for the journal, the books and the lake, on whichever database is tested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.draining import Drain
from pupitre.flow.collect.intake.group_commit import GroupCommit
from pupitre.flow.collect.intake.home import Home
from pupitre.flow.collect.intake.records import Entry, Parcel, Record, Refused, seal
from pupitre.lake import queries, services
from pupitre.lake.contracts import Sql

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT_US = since_1970(AT)
STORED = Sql("what is stored", "SELECT source, message_id FROM {events} ORDER BY 1, 2")


def record(id_: str, **more: Any) -> Record:
    given: dict[str, Any] = {
        "message_id": id_,
        "type": "track",
        "name": "x",
        "user_id": "u",
        "anonymous_id": None,
        "previous_id": None,
        "group_id": None,
        "original_us": None,
        "sent_us": None,
        "corrected_us": AT_US,
        "properties": "{}",
        "traits": "{}",
        "context": "{}",
        "extra": "{}",
        **more,
    }
    return Record(**given)


def parcel(*ids: str, source: str = "shop", refused: Sequence[Refused] = ()) -> Parcel:
    return Parcel(source, "web", AT_US, [record(id_) for id_ in ids], refused)


def keep(home: Home, *parcels: Parcel | bytes) -> None:
    """As a web process keeps them: in a journal of its own."""
    keeper = GroupCommit(home.journal())
    for one in parcels:
        sealed = one if isinstance(one, bytes) else seal(one)
        events = 1 if isinstance(one, bytes) else len(one.records)
        keeper.keep_now(Entry(sealed, events))
    keeper.close()


def drained(home: Home, *, at_us: int = AT_US) -> int:
    """Rounds until nothing waits."""
    desk = home.desk()
    rounds = 0
    try:
        drain = Drain(desk)
        while drain.has_work():
            with services.writer() as writer:
                drain.once(writer, at_us=at_us)
            rounds += 1
            desk.tidy()
    finally:
        desk.close()
    return rounds


def stored() -> Counter[tuple[str, str]]:
    """(source, message id) → how often the lake has it."""
    found = queries.table(STORED)
    return Counter(zip(found["source"].to_pylist(), found["message_id"].to_pylist(), strict=True))
