"""Requests of one event each: on the disk before they are answered, counted once."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import collecting
from benchmarks.harness import Benchmark, Denominator, Measure

REQUESTS = 60_000
LINES = 128
RATE = 10_000.0
SHARE = 0.30


def run(scale: float) -> Iterator[Measure]:
    count = max(LINES, round(REQUESTS * scale))
    warm = [collecting.request(e, "/v1/track") for e in collecting.events(LINES * 4, first=1)]
    requests = [collecting.request(e, "/v1/track") for e in collecting.events(count)]
    with collecting.empty_server(collecting.scratch("empty")) as port:
        collecting.send(port, warm, lines=LINES)
        bare = collecting.send(port, requests, lines=LINES)
    with collecting.collector(collecting.scratch("collector")) as port:
        collecting.send(port, warm, lines=LINES)
        kept = collecting.send(port, requests, lines=LINES)
    if kept.refused:
        raise RuntimeError(f"{kept.refused} requests were refused")
    yield Measure(
        f"single events acknowledged, {LINES} connections",
        kept.per_second,
        "requests/s",
        at_least=RATE,
    )
    yield Measure(
        "one of them, at that rate",
        1e6 / kept.per_second,
        "µs",
        denominator=Denominator("the same server's empty handler", 1e6 / bare.per_second),
        ratio_at_most=1 / SHARE,
    )


BENCHMARK = Benchmark("How many single events a second are kept?", run)
