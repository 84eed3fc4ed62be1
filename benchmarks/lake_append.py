"""Appending to the lake, against DuckLake's own insert of the same rows in the same batches.

The bare side inserts the same Arrow tables into a DuckLake table with the same columns, in one
transaction a batch: once laid out as ours is (by month, sorted), once left as they come. What we
add is the batch's name, recorded in the same transaction, and an fsync of each file before the
commit. Batches alternate between the three, so that a neighbour on the machine slows them alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from benchmarks.harness import Benchmark, Denominator, Measure
from pupitre.lake import connect, schema, writing
from pupitre.lake.contracts import EVENT_SCHEMA
from pupitre.lake.place import Place

ROWS = 50_000  # of a batch
BATCHES = 12
PEOPLE = 200_000
DAYS = 45  # that the events of a batch spread over: two months, or three
SEED = 20260310
TARGET_RATIO = 1 / 0.8  # of the time that the bare engine takes


def a_batch(number: int, rows: int) -> pa.Table:
    chance = np.random.default_rng([SEED, number])
    people = chance.integers(0, PEOPLE, rows)
    start = np.datetime64(datetime(2026, 1, 5), "us")  # noqa: DTZ001
    at = start + chance.integers(0, DAYS * 86_400 * 1_000_000, rows).astype("timedelta64[us]")
    ids = pa.array([f"{number:06d}-{row:08d}" for row in range(rows)])
    user = pa.array([f"u{person}" for person in people])
    products = chance.integers(0, 5_000, rows)
    cents = chance.integers(100, 50_000, rows)
    constant = {
        "source": "web-shop",
        "type": "track",
        "name": "Product Viewed",
        "channel": "web",
        "traits": "{}",
        "context": '{"library":{"name":"analytics.js","version":"4.1.0"},"locale":"fr-FR"}',
        "extra": "{}",
        "currency": "EUR",
    }
    columns = {
        "message_id": ids,
        "identity": pa.array([f"user_id:u{person}" for person in people]),
        "user_id": user,
        "original_at": pa.array(at),
        "sent_at": pa.array(at),
        "received_at": pa.array(at),
        "corrected_at": pa.array(at),
        "properties": pa.array(
            [
                f'{{"sku":"p-{one}","price":{two / 100}}}'
                for one, two in zip(products, cents, strict=True)
            ]
        ),
        "amount": pa.array(cents / 100).cast(pa.float64()).cast(pa.decimal128(18, 4), safe=False),
    }
    arrays = []
    for field in EVENT_SCHEMA:
        if field.name in columns:
            arrays.append(columns[field.name].cast(field.type))
        elif field.name in constant:
            arrays.append(pa.array([constant[field.name]] * rows, field.type))
        else:
            arrays.append(pa.nulls(rows, field.type))
    return pa.Table.from_arrays(arrays, schema=EVENT_SCHEMA)


def bare(place: Place, *, laid_out: bool) -> Callable[[pa.Table], None]:
    line = connect.open_lake(place, read_only=False)
    line.execute(schema.CREATION[0].text)
    if laid_out:
        for step in schema.CREATION[1:3]:
            line.execute(step.text)
    line.execute("CALL lake.set_option('parquet_compression', 'zstd')")
    line.execute("CALL lake.set_option('data_inlining_row_limit', 0)")
    line.execute(f"CALL lake.set_option('target_file_size', '{schema.FILE_MB}MB')")

    def append(table: pa.Table) -> None:
        line.register("incoming", table)
        line.execute("INSERT INTO lake.events SELECT * FROM incoming")
        line.unregister("incoming")

    return append


def run(scale: float) -> Iterator[Measure]:
    batches = max(4, round(BATCHES * scale))
    rows = ROWS
    taken: dict[str, list[float]] = {"ours": [], "same layout": [], "as they come": []}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        laid = bare(Place(folder=root / "laid"), laid_out=True)
        plain = bare(Place(folder=root / "plain"), laid_out=False)
        with writing.writer(Place(folder=root / "ours"), wait_seconds=5) as writer:
            for number in range(batches):
                table = a_batch(number, rows)
                sides: list[tuple[str, Callable[[], object]]] = [
                    ("ours", lambda t=table, n=number: writer.append(t, batch=f"b{n}")),
                    ("same layout", lambda t=table: laid(t)),
                    ("as they come", lambda t=table: plain(t)),
                ]
                for name, call in sides[number % 3 :] + sides[: number % 3]:
                    began = time.perf_counter()
                    call()
                    taken[name].append(time.perf_counter() - began)
        writing.close()
    per_event = {name: sum(taken[name]) / batches / rows * 1e6 for name in taken}
    for name, bound in (("same layout", TARGET_RATIO), ("as they come", None)):
        yield Measure(
            question=f"an event appended, in batches of {rows:,}: mean of {batches} batches",
            value=per_event["ours"],
            unit="µs",
            denominator=Denominator(f"raw DuckLake, {name}", per_event[name]),
            ratio_at_most=bound,
        )


BENCHMARK = Benchmark("What do our appends cost beside raw DuckLake's?", run)
