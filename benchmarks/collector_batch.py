"""Requests of a hundred events each, as servers' SDKs send them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from benchmarks import collecting
from benchmarks.harness import Benchmark, Denominator, Measure, timed

BATCHES = 6_000
EVENTS = 100  # of a batch
LINES = 32
RATE = 120_000.0
SHARE = 0.25


def bodies(count: int, *, first: int = 0) -> list[bytes]:
    """Distinct batches. Their ids are cut out of a longer row, so that making them takes no longer
    than sending them."""
    events = collecting.events(count * EVENTS, first=first)
    return [
        b'{"batch":['
        + b",".join(events[n * EVENTS : (n + 1) * EVENTS])
        + b'],"sentAt":"2026-03-01T12:00:01Z"}'
        for n in range(count)
    ]


def run(scale: float) -> Iterator[Measure]:
    sent = bodies(max(LINES, round(BATCHES * scale)))
    some = sent[:50]
    bare = timed(lambda: [msgspec.json.decode(body) for body in some], runs=20)
    decoded = len(some) * EVENTS / bare.median
    warm = [collecting.request(body, "/v1/import") for body in bodies(LINES * 2, first=1)]
    requests = [collecting.request(body, "/v1/import") for body in sent]
    with collecting.collector(collecting.scratch("collector")) as port:
        collecting.send(port, warm, lines=LINES)
        kept = collecting.send(port, requests, lines=LINES)
    if kept.refused:
        raise RuntimeError(f"{kept.refused} requests were refused")
    rate = kept.per_second * EVENTS
    yield Measure(f"events acknowledged, in batches of {EVENTS}", rate, "events/s", at_least=RATE)
    yield Measure(
        "one of them, at that rate",
        1e6 / rate,
        "µs",
        denominator=Denominator("decoding their JSON alone, on one core", 1e6 / decoded),
        ratio_at_most=1 / SHARE,
    )


BENCHMARK = Benchmark("How many events a second are kept, in batches?", run)
