"""From the journal to the lake: opened, deduplicated, stamped, appended, entered in the books."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks import collecting
from benchmarks.collector_batch import EVENTS, bodies
from benchmarks.harness import Benchmark, Measure
from pupitre.core import clock
from pupitre.core.microseconds import since_1970
from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.draining import Drain
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Entry, seal
from pupitre.flow.collect.receiving.parsing import parse
from pupitre.flow.collect.receiving.requests import Known, Received, Route
from pupitre.flow.collect.receiving.validating import validate
from pupitre.flow.collect.sources.book import SourceBook
from pupitre.lake import services
from pupitre.lake.contracts import Channel

ALL_EVENTS = 2_400_000
AT_ONCE = 2_000  # batches made at a time
RATE = 150_000.0


def fill(batches: int) -> int:
    """A journal as web processes leave it; how many events it has."""
    source = SourceView(1, "shop", "Shop", Channel.WEB, open=True)
    book = SourceBook("1", (source,))
    at = clock.now()
    journal = home().journal()
    made = 0
    for first in range(0, batches, AT_ONCE):
        entries = []
        for body in bodies(min(AT_ONCE, batches - first), first=first):
            received = Received(Route("batch", history=True), body, at, since_1970(at), book)
            parcel = validate(parse(Known(received, source))).parcel
            entries.append(Entry(seal(parcel), len(parcel.records)))
            made += len(parcel.records)
        for start in range(0, len(entries), 50):
            journal.commit(entries[start : start + 50])
    journal.close()
    return made


def run(scale: float) -> Iterator[Measure]:
    collecting.scratch("").mkdir(parents=True, exist_ok=True)
    events = fill(max(1, round(ALL_EVENTS * scale) // EVENTS))
    services.prepare()
    desk = home().desk()
    drain = Drain(desk)
    began = time.perf_counter()
    while drain.has_work():
        with services.writer() as writer:
            drain.once(writer, at_us=since_1970(clock.now()))
        desk.tidy()
    seconds = time.perf_counter() - began
    desk.close()
    services.close()
    yield Measure("events moved into the lake", events / seconds, "events/s", at_least=RATE)


BENCHMARK = Benchmark("How many events a second go from the journal into the lake?", run)
