"""A customer's page among fifty million events: its first page, and what a joining costs it.

A million people of fifty events each over a year: half of these with the account's name, half on
a browser on which they signed in. The lake has been kept up; the book is full. The denominator is
the engine's own work: the same events, asked of it by their identities alone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.harness import Benchmark, Denominator, Measure, database, most_memory_mb, summary
from pupitre.core import clock
from pupitre.flow.identify.book.deciding import book_alone
from pupitre.flow.identify.book.reading import person_of
from pupitre.flow.identify.book.upserting import upsert
from pupitre.flow.identify.holding import packed
from pupitre.flow.identify.merging import hands
from pupitre.flow.identify.models import Identifier, Use
from pupitre.flow.identify.people.feed import FIRST_PAGE
from pupitre.flow.identify.timeline.reading import page, stretches_of
from pupitre.lake import queries, services
from pupitre.lake.contracts import EVENT_SCHEMA, Sql, literal
from pupitre.rules.mandate import guard

PEOPLE, EVENTS_EACH = 1_000_000, 50
CHUNK = 1_000_000
YEAR_US = 365 * 86_400_000_000
ASKED = 300
BARE = 40  # of these are asked of the engine too, which takes seconds
AT_MOST_MS = 50.0
JOIN_AT_MOST_MS = 1_000.0
MEMORY_AT_MOST_MB = 4_000.0
_START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_BARE = "SELECT * FROM {{events}} WHERE identity IN ({}) ORDER BY corrected_at DESC LIMIT {}"


def _texts(prefix: str, numbers: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pa.Array:
    return pa.array([f"{prefix}{number:07d}" for number in numbers.tolist()])


def fill(people: int) -> int:
    """The lake, in the order of time; how many events."""
    chance = np.random.default_rng(4)
    events = people * EVENTS_EACH
    for first in range(0, events, CHUNK):
        count = min(CHUNK, events - first)
        at = _START + (first + np.sort(chance.integers(0, count, count))) * (YEAR_US // events)
        who = chance.integers(0, people, count)
        signed = chance.random(count) < 0.5
        user, browser = _texts("u", who), _texts("b", who)
        named = pa.array(signed)
        nobody = pa.nulls(count, pa.string())
        instants = pa.array(at, pa.int64()).view(pa.timestamp("us"))
        constant = {"source": "web-shop", "type": "track", "name": "Product Viewed"}
        constant |= {"channel": "web", "traits": "{}", "context": "{}", "extra": "{}"}
        columns = {name: pa.repeat(value, count) for name, value in constant.items()}
        columns |= {
            "message_id": _texts("m", np.arange(first, first + count)),
            "identity": pc.if_else(
                named,
                pc.binary_join_element_wise("user_id", user, ":"),
                pc.binary_join_element_wise("anonymous_id", browser, ":"),
            ),
            "user_id": pc.if_else(named, user, nobody),
            "anonymous_id": browser,
            "received_at": instants,
            "corrected_at": instants,
            "properties": _texts('{"product_id":"', who % 977).cast(pa.string()),
        }
        columns["properties"] = pc.binary_join_element_wise(columns["properties"], '"}', "")
        table = pa.Table.from_arrays(
            [
                columns[field.name] if field.name in columns else pa.nulls(count, field.type)
                for field in EVENT_SCHEMA
            ],
            schema=EVENT_SCHEMA,
        )
        services.append(table, batch=f"bench:{first}")
    services.keep_up(at=clock.now())
    return events


def write_book(people: int) -> None:
    """Accounts have odd keys, their browsers even ones."""
    stay = packed(np.array([_START, _START + YEAR_US], np.int64))
    for first in range(0, people, 100_000):
        numbers = range(first, min(people, first + 100_000))
        rows: list[tuple[object, ...]] = []
        for number in numbers:
            pk = 2 * number + 1
            rows.append((pk, "user_id", f"u{number:07d}", pk, pk, 0, 0))
            rows.append((pk + 1, "anonymous_id", f"b{number:07d}", None, None, 0, 0))
        with guard.permitted():
            fields = ("id", "kind", "value", "person", "component", "standing", "neighbours")
            upsert(Identifier, fields, rows, unique=("value", "kind"))
            upsert(
                Use,
                ("device_id", "naming_id", "stays", "said"),
                [(2 * number + 2, 2 * number + 1, stay, b"") for number in numbers],
                unique=("device_id", "naming_id"),
            )


def _bare(person: int) -> float:
    """How long the engine takes for the same identities, known beforehand."""
    known = ", ".join(literal(one.identity) for one in stretches_of(person))
    step = Sql("bare", _BARE.format(known, FIRST_PAGE + 1))
    began = time.perf_counter()
    queries.run(step)
    return time.perf_counter() - began


def run(scale: float) -> Iterator[Measure]:
    people = max(1_000, round(PEOPLE * scale))
    with database():
        services.prepare()
        events = fill(people)
        write_book(people)
        chance = np.random.default_rng(5)
        asked = (2 * chance.integers(0, people, ASKED) + 1).tolist()
        first, bare = [], []
        for person in asked[:5]:
            page(person=person, limit=FIRST_PAGE)
        for number, person in enumerate(asked):
            began = time.perf_counter()
            found = page(person=person, limit=FIRST_PAGE)
            first.append(time.perf_counter() - began)
            assert found.rows
            if number < BARE:
                bare.append(_bare(person))
        yield Measure(
            f"first page of a timeline among {events:,} events, 95th percentile",
            summary(first).p95 * 1_000,
            "ms",
            at_most=AT_MOST_MS,
            denominator=Denominator("the engine, asked by identity", summary(bare).p95 * 1_000),
        )
        yield Measure(
            "the same, median",
            summary(first).median * 1_000,
            "ms",
            denominator=Denominator("the engine, asked by identity", summary(bare).median * 1_000),
        )
        seen = []
        for one, other in zip(asked[:40:2], asked[1:40:2], strict=True):
            began = time.perf_counter()
            with guard.permitted(), book_alone():
                hands.join(one=one, other=other, reason="bench", by="bench", at=clock.now())
            page(person=person_of(one) or one, limit=FIRST_PAGE)
            seen.append(time.perf_counter() - began)
        yield Measure(
            "two customers joined and their page read, the longest of 20",
            max(seen) * 1_000,
            "ms",
            at_most=JOIN_AT_MOST_MS,
        )
        yield Measure(
            f"the most memory held, with the filling of the lake and {people:,} people's book",
            most_memory_mb(),
            "MB",
            at_most=MEMORY_AT_MOST_MB,
        )
    queries.close()
    services.close()


BENCHMARK = Benchmark("How soon does a customer's timeline show?", run)
