"""What one piece of work brought in is taken back; all else, and every earlier state, stays."""

from __future__ import annotations

from datetime import UTC, timedelta

import pyarrow.parquet as pq
import pytest

from pupitre.lake import queries, reading, services
from pupitre.lake.contracts import AsOf, Brought, Filter, Sql
from pupitre.lake.place import Place, here
from pupitre.lake.tests.examples import DAY, events

pytestmark = pytest.mark.once  # it has catalogues of its own
ALL = Sql("all", "SELECT message_id FROM {events} ORDER BY message_id")
MARK = '{"import":7}'
AT = DAY.replace(tzinfo=UTC)
# The extremes of their columns: what the lake knows of least and greatest is put to the test.
WRONG = Brought("zz-till", AT, MARK)


def state() -> AsOf:
    [(number,)] = reading.look(here(), reading.NEWEST)
    return AsOf(int(number))


def ids(as_of: AsOf | None = None) -> list[object]:
    return [row[0] for row in queries.run(ALL, as_of=as_of).rows]


def of_source(source: str, as_of: AsOf | None = None) -> int:
    found = queries.count_events(which=Filter(sources=(source,)), as_of=as_of)
    return int(str(found.rows[0][0])) if found.rows else 0


def filled() -> None:
    wrong = {"source": "zz-till", "extra": MARK, "received_at": DAY, "user_id": "~~last"}
    services.append(events(*range(50), **wrong), batch="wrong:0")
    services.append(events(*range(100, 110)), batch="others")
    later = DAY + timedelta(days=90)  # of another month: files of its own
    services.append(events(*range(50, 60), **wrong, corrected_at=later), batch="wrong:1")
    # Each differs in one thing from what is to go.
    for number, near in enumerate((
        {"source": "web-shop"},
        {"extra": '{"import":77}'},
        {"received_at": DAY + timedelta(microseconds=1)},
    )):  # fmt: skip
        services.append(events(200 + number, **{**wrong, **near}), batch=f"near:{number}")


def test_what_it_brought_and_nothing_else(any_lake: Place) -> None:
    filled()
    with services.writer() as writer:
        writer.keep_up(at=AT)  # it shares files with others' events
    kept = [one for one in ids() if len(str(one)) == len("m100")]
    before = state()
    assert queries.count_brought(WRONG) == 60
    with services.writer() as writer:
        first = writer.ids_of(WRONG, most=25)
        assert writer.withdraw(WRONG, through=first[-1], batch="back:0") == 25
        assert writer.withdraw(WRONG, through=first[-1], batch="back:0") == 25  # said again
        assert writer.standing(WRONG) == 35
        rest = writer.ids_of(WRONG, most=1000)
        assert not set(first) & set(rest)
        assert writer.withdraw(WRONG, through=rest[-1], batch="back:1") == 35
        assert writer.rewrite()
        assert not writer.rewrite()
    assert ids() == kept
    assert queries.count_brought(WRONG) == 0
    assert (of_source("zz-till"), of_source("web-shop")) == (2, 11)
    # As of before, it stands as it stood, whatever is asked for.
    assert len(ids(before)) == 60 + len(kept)
    assert of_source("zz-till", before) == 62
    assert queries.count_brought(WRONG, as_of=before) == 60


def test_a_whole_source_goes_and_comes_again(any_lake: Place) -> None:
    wrong = {"source": "zz-till", "extra": MARK, "received_at": DAY}
    services.append(events(*range(100, 110)), batch="others")
    services.append(events(*range(50), **wrong), batch="wrong")
    before = state()
    with services.writer() as writer:
        writer.withdraw(WRONG, through="m~", batch="back")
        writer.rewrite()
    assert of_source("zz-till") == 0
    assert of_source("zz-till", before) == 50
    services.append(events(*range(50, 60), **wrong), batch="mended")
    assert (of_source("zz-till"), of_source("web-shop")) == (10, 10)
    assert of_source("zz-till", before) == 50


def test_no_file_of_the_newest_state_holds_it(lake: Place) -> None:
    filled()
    with services.writer() as writer:
        writer.withdraw(WRONG, through="m~", batch="back")
        writer.rewrite()
        # Earlier states keep it for as long as they are kept; then no file does.
        writer.keep_up(at=AT + timedelta(days=3650 * 2))
    found = [
        message
        for file in (lake.data_folder or lake.folder).rglob("events/**/*.parquet")
        for message in zip(
            *(pq.read_table(file, columns=["source", "extra"])[c].to_pylist()
              for c in ("source", "extra")),
            strict=True,
        )
    ]  # fmt: skip
    assert len(found) == 13
    assert found.count(("zz-till", MARK)) == 1
