"""The product's own collector takes what is sent to it, and keeps what the lake would have had."""

from __future__ import annotations

from pathlib import Path

from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.simulation import block, posting, rows, writing
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.stamping import rows_to_table
from pupitre.flow.collect.tests.collector_kit import Desk, FixedLoader, basic
from pupitre.lake.contracts import Channel

# The source's channel is the collector's word; its clock is today's; a sender's is not sent.
ITS_OWN = ("channel", "received_at", "sent_at", "original_at", "extra")


def test_every_event_is_let_in_and_kept_as_it_is(tmp_path: Path) -> None:
    table = writing.plain(block.make(Scenario(people=80, months=4, seed=9), 0).table)
    sources = [
        SourceView(number, key, key, Channel.OTHER, open=True)
        for number, key in enumerate(rows.SOURCES, start=1)
    ]
    before = shelf.loader
    shelf.keep(FixedLoader(*sources, keys={one.key: one.id for one in sources}))
    desk = Desk(tmp_path)
    try:
        for source, count, body in posting.batches(table):
            answer = desk.ask("/v1/batch", body, basic(source))
            assert answer.status == 200, answer.body
            assert count <= posting.BATCH_EVENTS
        assert desk.refused() == []
        kept = rows_to_table(desk.parcels()).drop_columns(list(ITS_OWN))
    finally:
        desk.close()
        shelf.keep(before)
    by_id = [("source", "ascending"), ("message_id", "ascending")]
    expected = table.drop_columns(list(ITS_OWN)).sort_by(by_id)
    kept = kept.sort_by(by_id)
    assert kept.num_rows == table.num_rows > 1_000
    about = expected["type"].to_pylist()
    for name in kept.column_names:
        ours, theirs = expected[name].to_pylist(), kept[name].to_pylist()
        if name == "properties":  # an alias and an identify have none
            pairs = zip(about, ours, theirs, strict=True)
            ours, theirs = [], []
            for kind, one, other in pairs:
                if kind in ("track", "page", "screen"):
                    ours.append(one)
                    theirs.append(other)
        assert theirs == ours, name
