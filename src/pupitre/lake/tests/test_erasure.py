"""After an erasure no file of the lake holds what was erased; everything else is as it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from pupitre.lake import queries, services
from pupitre.lake.contracts import Forgotten, Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events

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
        # Random bytes are compressed, so files are searched uncompressed as well: see below.
        done = writer.erase(Forgotten(user_ids=gone))
    assert done.events == 10
    assert queries.run(ALL).rows == tuple(
        row for row in before if not str(row[0]).startswith("of-") and row[0] != "m5"
    )
    queries.close()
    services.close()
    assert holding(any_lake.folder, needles(*gone)) == []
    for file in any_lake.folder.rglob("*.parquet"):
        assert not any(word in str(pq.read_table(file).to_pylist()) for word in gone)
