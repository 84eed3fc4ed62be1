"""Who is who on the simulated company, whose truth is known: by what events said alone, and with
likely matches beside it.

Pairs of identifiers are marked: right where both are one person's and stand together, wrong where
they stand together and are not, missed where they are and do not. What is missed is told by kind.
At scale 1 it is the company of 4,000 people over twelve months.
"""

from __future__ import annotations

import itertools
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds

from benchmarks.harness import Benchmark, Measure, database
from pupitre.core import clock
from pupitre.flow.collect.simulation import services
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.likely import newcomers, running, work
from pupitre.flow.identify.models import Identifier, MatchRun, Proposal
from pupitre.flow.identify.normalising import Setting

PEOPLE, MONTHS, SEED = 4_000, 12, 3
NEWCOMERS = 60
AT_MOST_MS = 1_000.0
KINDS = {
    Kind.USER_ID: "user_id",
    Kind.EMAIL: "email",
    Kind.PHONE: "phone",
    Kind.LOYALTY_CARD: "loyalty_card",
    Kind.SOCIAL: "handle",
}
Truth = Mapping[tuple[str, str], list[dict[str, Any]]]


@dataclass(frozen=True)
class Owner:
    people: frozenset[int]
    kind: str
    shared: bool
    mistyped: bool


@dataclass
class Marked:
    """Pairs of identifiers, counted."""

    right: int
    wrong: Counter[str]
    missed: Counter[str]

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong.total(), 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.missed.total(), 1)


def run(scale: float) -> Iterator[Measure]:
    people = max(1_000, round(PEOPLE * scale))
    scenario = Scenario(people=people, months=MONTHS, seed=SEED)
    with tempfile.TemporaryDirectory(prefix="pupitre-who-") as folder, database():
        made = Path(folder) / "made"
        services.into_folder(scenario=scenario, folder=made, processes=1)
        began = time.perf_counter()
        for batch in ds.dataset(made / "events").to_batches(batch_size=rounds.ROWS):
            rounds.hear(ds.dataset([batch]).to_table(), at=clock.now(), setting=Setting())
        yield Measure("events heard, into an empty book", time.perf_counter() - began, "s")
        truth = _truth(made)
        yield from _told("events alone", _marked(truth))
        began = time.perf_counter()
        work.ask(clock.now(), by="a benchmark")
        run_ = MatchRun.objects.get()
        running.perform(run_.pk, now=clock.now, stop=threading.Event())
        run_.refresh_from_db()
        yield Measure(
            f"learning and comparing {run_.people:,} people", time.perf_counter() - began, "s"
        )
        yield from _told("with likely matches", _marked(truth), at_least=0.99)
        yield from _proposals(truth)
        yield from _newcomers()


def _truth(made: Path) -> Truth:
    found: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in ds.dataset(made / "truth" / "identifiers").to_table().to_pylist():
        found[row["kind"], row["value"].casefold()].append(row)
    return found


def _owner(truth: Truth, kind: str, value: str) -> Owner | None:
    rows = truth.get((KINDS.get(Kind(kind), ""), value.casefold()))
    if not rows:
        return None
    return Owner(
        frozenset(row["person"] for row in rows),
        kind,
        bool(rows[0]["shared"]),
        rows[0]["correct_value"] is not None,
    )


def _marked(truth: Truth) -> Marked:
    rows = Identifier.objects.exclude(kind__in=HELD).values_list("pk", "kind", "value", "person")
    who, together = {}, defaultdict(list)
    for pk, kind, value, person in rows:
        owner = _owner(truth, kind, value)
        if owner is not None:
            who[pk] = owner, person
            if person is not None:
                together[person].append(owner)
    marked = Marked(0, Counter(), Counter())
    for group in together.values():
        for x, y in itertools.combinations(group, 2):
            if x.people & y.people:
                marked.right += 1
            else:
                marked.wrong[_named(x, y)] += 1
    alone = defaultdict(list)
    for owner, person in who.values():
        if len(owner.people) == 1:
            alone[next(iter(owner.people))].append((owner, person))
    for own in alone.values():
        for (x, here), (y, there) in itertools.combinations(own, 2):
            if here is None or here != there:
                marked.missed[_named(x, y)] += 1
    return marked


def _named(x: Owner, y: Owner) -> str:
    kinds = " and ".join(sorted((x.kind, y.kind)))
    marks = [name for name in ("mistyped", "shared") if getattr(x, name) or getattr(y, name)]
    return f"{kinds}{' (' + ', '.join(marks) + ')' if marks else ''}"


def _told(when: str, marked: Marked, *, at_least: float | None = None) -> Iterator[Measure]:
    yield Measure(f"precision of pairs, {when}", marked.precision, "", at_least=at_least)
    yield Measure(f"recall of pairs, {when}", marked.recall, "")
    for word, counted in (("wrong", marked.wrong), ("missed", marked.missed)):
        for name, pairs in counted.most_common():
            yield Measure(f"{word}, {when}: {name}", pairs, "pairs")


def _proposals(truth: Truth) -> Iterator[Measure]:
    right = there = 0
    for row in Proposal.objects.select_related("a", "b"):
        a, b = (_owner(truth, end.kind, end.value) for end in (row.a, row.b))
        there += 1
        right += bool(a and b and a.people & b.people)
    yield Measure("proposals that wait for a steward", there, "pairs")
    yield Measure("of them, one person", right / max(there, 1), "of 1")


def _newcomers() -> Iterator[Measure]:
    rows = Identifier.objects.filter(kind=Kind.USER_ID, person__isnull=False)
    found = rows.values_list("person", flat=True)[:NEWCOMERS]
    persons = [person for person in found if person is not None]
    began = time.perf_counter()
    newcomers.compare_new(persons[:1])
    yield Measure("the first newcomer, index included", time.perf_counter() - began, "s")
    taken = []
    for person in persons[1:]:
        began = time.perf_counter()
        newcomers.compare_new([person])
        taken.append(time.perf_counter() - began)
    at = sorted(taken)[max(0, -(-len(taken) * 95 // 100) - 1)] * 1000
    yield Measure("one newcomer more, 95th percentile", at, "ms", at_most=AT_MOST_MS)


BENCHMARK = Benchmark("Who is who on a company whose truth is known: how right, how complete?", run)
