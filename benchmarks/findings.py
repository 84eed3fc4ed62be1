"""Findings are live while somebody edits: what one look at a very large matrix costs."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.company import ACTIVITIES, DAY, SEATS, a_large_company
from benchmarks.harness import Benchmark, Denominator, Measure, timed
from pupitre.rules.mandate.findings import find
from pupitre.rules.mandate.law import Law

RUNS = 15
TARGET_MS = 300


def run(scale: float) -> Iterator[Measure]:
    seats, activities = max(10, round(SEATS * scale)), max(10, round(ACTIVITIES * scale))
    for flaws, kind in ((False, "sound"), (True, "flawed")):
        law = a_large_company(seats=seats, activities=activities, flaws=flaws)
        enforced = frozenset(a.key for a in law.activities.values() if a.enforced)
        found = find(law, day=DAY, enforced=enforced)
        if flaws and not any(finding.blocks for finding in found):
            raise RuntimeError("the flawed matrix has no error: nothing was measured")
        bare = timed(lambda law=law: _count_letters(law), runs=RUNS)
        taken = timed(
            lambda law=law, enforced=enforced: find(law, day=DAY, enforced=enforced), runs=RUNS
        )
        cells = sum(len(row) for row in law.rows.values())
        yield Measure(
            question=f"findings of a {kind} matrix: {seats} seats × {activities} activities, "
            f"{cells} letters, {len(found)} findings; median of {RUNS} runs",
            value=taken.median * 1000,
            unit="ms",
            at_most=TARGET_MS,
            denominator=Denominator("one plain pass over its letters", bare.median * 1000),
        )


def _count_letters(law: Law) -> int:
    """The least that any check must do: look at each letter once."""
    accountable = 0
    for row in law.rows.values():
        for letters in row.values():
            if letters == "A" or letters == "AR":
                accountable += 1
    return accountable


BENCHMARK = Benchmark("What do the findings of a very large matrix cost?", run)
