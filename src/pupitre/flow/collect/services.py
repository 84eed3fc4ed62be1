"""What other rooms, and this one's actions, do to the collector's own store."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from pupitre.core.microseconds import instant, since_1970
from pupitre.flow.collect import queries
from pupitre.flow.collect.contracts import Refusal
from pupitre.flow.collect.intake.group_commit import GroupCommit
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Entry, Parcel, seal
from pupitre.flow.collect.queries import Held
from pupitre.flow.collect.receiving.parsing import parse
from pupitre.flow.collect.receiving.requests import Known, Received, Route
from pupitre.flow.collect.receiving.unpacking import REPLACEMENT, mend
from pupitre.flow.collect.receiving.validating import validate
from pupitre.flow.collect.sources.book import SourceBook, shelf


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it. Those that were refused again stay in quarantine."""

    accepted: int
    refused: int


def replay(*, ids: tuple[int, ...]) -> Replayed:
    """Let refused events try again, as of when they came: the journal takes them, quarantine lets
    go of them. A crash between the two, and they can be replayed once more: they count once.

    An event that gave no message id is given one made of its number, so that it stays the same.
    Its age is no obstacle any more: somebody has looked at it. Raises JournalFull.
    """
    book = shelf.loader.load()
    parcels, done = [], []
    for number in dict.fromkeys(ids):
        found = queries.held_one(id_=number)
        parcel = None if found is None else _tried(found, book)
        if parcel is not None:
            parcels.append(parcel)
            done.append(number)
    if parcels:
        keeper = GroupCommit(home().journal())
        try:
            for parcel in parcels:
                keeper.keep_now(Entry(seal(parcel), len(parcel.records)))
        finally:
            keeper.close()
        _forget(tuple(done))
    return Replayed(len(done), len(set(ids)) - len(done))


def _tried(found: Held, book: SourceBook) -> Parcel | None:
    """The parcel that a refused event makes today; nothing where it is refused again."""
    source = book.source(found.source)
    if source is None or not found.whole:
        return None
    parsed = parse(Known(_received(found, book), source))
    if found.sent_us is not None:  # its batch said when, and it does not
        parsed = msgspec.structs.replace(parsed, sent_at=instant(found.sent_us).isoformat())
    parcel = validate(parsed).parcel
    if parcel.refused or not parcel.records:
        return None
    records = [
        msgspec.structs.replace(record, message_id=f"replayed-{found.id}-{index}")
        if record.message_id.startswith("assigned-")
        else record
        for index, record in enumerate(parcel.records)
    ]
    return msgspec.structs.replace(parcel, records=records)


def _received(found: Held, book: SourceBook) -> Received:
    unpacked = mend(found.raw)
    # What was mended when it came is still refused where it tells one thing from another.
    mended = unpacked.mended or (found.reason == Refusal.UNREADABLE and _was_mended(found.raw))
    route = Route("event" if found.type else "either", found.type, history=True)
    return Received(route, unpacked.body, found.at, since_1970(found.at), book, mended=mended)


def _was_mended(raw: bytes) -> bool:
    return REPLACEMENT.encode() in raw or b"\\ufffd" in raw


def _forget(ids: tuple[int, ...]) -> None:
    desk = home().desk()
    try:
        with desk.books.engine.transaction():
            for number in ids:
                desk.books.engine.run("DELETE FROM quarantine WHERE id = ?", [number])
    finally:
        desk.close()
