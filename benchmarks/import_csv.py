"""A CSV of a million rows into the lake, against DuckDB's own reading and writing of it.

The bare side is one statement of DuckDB: it reads the same file with its own reader, maps it to the
same columns, and inserts into a DuckLake table that is laid out as ours is (by month, sorted), in
one transaction. What we add is: the file's digest, the line of each row, a reason for each that
cannot come in, exactly-once chunks with their marks, the books, and files synced before commits.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
from django.conf import settings

from benchmarks.harness import Benchmark, Denominator, Measure
from pupitre.core import clock
from pupitre.flow.collect.contracts import SourceView
from pupitre.flow.collect.files import importing
from pupitre.flow.collect.files.mapping import (
    Identifier,
    Kind,
    Layout,
    Mapping,
    Money,
    Property,
    Text,
    Time,
)
from pupitre.flow.collect.files.opening import digest_of
from pupitre.flow.collect.files.records import ImportRow, Progress, State
from pupitre.flow.collect.sources.book import SourceBook, shelf
from pupitre.lake import connect, schema
from pupitre.lake import services as lake
from pupitre.lake.contracts import EVENT_NAMES, Channel
from pupitre.lake.place import Place

ROWS = 1_000_000
PEOPLE = 100_000
DAYS = 180
SEED = 19970101
RUNS = 3
TARGET_RATIO = 1.5
MAPPING = Mapping(
    name=Text(constant="Order Completed"),
    identifiers=(Identifier("customer", "user_id"), Identifier("email", "email")),
    time=Time("at", "%Y-%m-%d %H:%M:%S", "UTC"),
    amount=Money("total", ".", Text(constant="EUR")),
    properties=(
        Property("shop", "shop"),
        Property("items", "items", Kind.NUMBER),
        Property("note", "note"),
    ),
    layout=Layout("utf-8", ",", True),
)
BARE = """
INSERT INTO lake.events ({names})
SELECT 'file-x-' || lpad((row_number() OVER ())::VARCHAR, 10, '0'), 'bench', 'track',
  'Order Completed', 'store', 'user_id:' || customer, customer, NULL, NULL, NULL,
  strptime("at", '%Y-%m-%d %H:%M:%S'), NULL, TIMESTAMP '2026-11-22',
  strptime("at", '%Y-%m-%d %H:%M:%S'),
  to_json({{'shop': shop, 'items': items::INTEGER, 'note': note}})::VARCHAR, '{{}}',
  to_json({{'import': {{'file': 'bench.csv'}}, 'traits': {{'email': email}}}})::VARCHAR, '{{}}',
  total::DECIMAL(18, 4), 'EUR'
FROM read_csv('{path}', header = true, all_varchar = true)
"""


class _Book:
    def version(self) -> str:
        return "1"

    def load(self) -> SourceBook:
        return SourceBook("1", (SourceView(1, "bench", "Bench", Channel.STORE, True),))


def a_file(path: Path, rows: int) -> None:
    chance = np.random.default_rng(SEED)
    people = chance.integers(0, PEOPLE, rows)
    start = np.datetime64("2026-01-05T00:00:00")
    at = start + chance.integers(0, DAYS * 86_400, rows).astype("timedelta64[s]")
    cents = chance.integers(100, 99_999, rows)
    shops = pa.array(["Lyon, Bellecour", "Nice", "Paris “Rivoli”", "Brest"])
    table = pa.table(
        {
            "customer": pa.array([f"c{person:06d}" for person in people]),
            "email": pa.array([f"c{person}@ardoise.example" for person in people]),
            "at": pa.array([one.replace("T", " ") for one in np.datetime_as_string(at)]),
            "total": pa.array([f"{one / 100:.2f}" for one in cents]),
            "items": pa.array(chance.integers(1, 9, rows)),
            "shop": shops.take(pa.array(chance.integers(0, 4, rows))),
            "note": pa.array([f"order {n}, by the {n % 7} o’clock van" for n in range(rows)]),
        }
    )
    arrow_csv.write_csv(table, path)


def bare(folder: Path, path: Path) -> float:
    line = connect.open_lake(Place(folder=folder), read_only=False)
    for step in schema.CREATION[:3]:
        line.execute(step.text)
    line.execute("CALL lake.set_option('parquet_compression', 'zstd')")
    line.execute("CALL lake.set_option('data_inlining_row_limit', 0)")
    line.execute(f"CALL lake.set_option('target_file_size', '{schema.FILE_MB}MB')")
    began = time.perf_counter()
    line.execute(BARE.format(names=", ".join(EVENT_NAMES), path=path))
    taken = time.perf_counter() - began
    line.close()
    return taken


def ours(folder: Path, path: Path, rows: int) -> float:
    settings.DATA_DIR = folder
    lake.prepare()
    began = time.perf_counter()
    digest = digest_of(path)
    row = ImportRow(
        1, "bench", path.name, digest, path, False, MAPPING, datetime(2026, 11, 22, tzinfo=UTC),
        "benchmark", Progress(),
    )  # fmt: skip
    done = importing.run(row, now=clock.now, digest=digest)
    taken = time.perf_counter() - began
    lake.close()
    if (done.state, done.accepted) != (State.DONE, rows):
        raise RuntimeError(f"nothing was measured: {done}")
    return taken


def run(scale: float) -> Iterator[Measure]:
    rows = max(20_000, round(ROWS * scale))
    shelf.keep(_Book())
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.csv"
        a_file(path, rows)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for number in range(RUNS):
            taken["ours"].append(ours(Path(folder) / f"ours{number}", path, rows))
            taken["bare"].append(bare(Path(folder) / f"bare{number}", path))
        megabytes = path.stat().st_size / 1e6
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield Measure(
        question=f"a CSV of {rows:,} rows ({megabytes:.0f} MB) imported; best of {RUNS} runs",
        value=min(taken["ours"]),
        unit="s",
        denominator=Denominator("DuckDB's own reading and writing of it", min(taken["bare"])),
        ratio_at_most=TARGET_RATIO,
    )
    yield Measure(
        question="memory that both sides took beyond what making the file had, at the most",
        value=max(0, after - before) / 1024,
        unit="MB",
    )


BENCHMARK = Benchmark("What does importing a large file cost beside DuckDB's own import?", run)
