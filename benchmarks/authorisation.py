"""Whether somebody may: what asking the matrix costs, against a very large one.

Asked of the law in memory, as every act does; reading the law anew when it has changed is the
benchmark changed-letter.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from itertools import cycle

from benchmarks.company import ACTIVITIES, DAY, SEATS, SEED, a_large_company
from benchmarks.harness import Benchmark, Denominator, Measure, timed
from pupitre.rules.mandate.contracts import Activity, Actor, Reason
from pupitre.rules.mandate.law import Law
from pupitre.rules.mandate.ruling import Verdict, rule

ANY = ("A", "R", "AR", "C", "I")
ACTING = ("A", "R", "AR")
ACCOUNTABLE = ("A", "AR")
QUESTIONS = 2_000  # asked in turn, so that no cell is asked twice in a row
RUNS = 15
TARGET_MICROSECONDS = 50

Question = tuple[Activity, str, Actor]  # activity, scope, who


def run(scale: float) -> Iterator[Measure]:
    seats, activities = max(10, round(SEATS * scale)), max(10, round(ACTIVITIES * scale))
    law = a_large_company(seats=seats, activities=activities)
    look_up = _per_question(law, _dictionary(law))
    select = _per_question(law, _table(law))
    size = f"{seats} seats × {activities} activities"
    yield Measure(
        question=f"an authorisation check, {size}: median of {RUNS} × {QUESTIONS}",
        value=_per_question(law, _rule(law)),
        unit="µs",
        at_most=TARGET_MICROSECONDS,
        denominator=Denominator("a look-up in a dict", look_up),
    )
    yield Measure(
        question=f"an authorisation check by those who may act, {size}",
        value=_per_question(law, _rule(law), ACTING),
        unit="µs",
        at_most=TARGET_MICROSECONDS,
        denominator=Denominator("a bare SQLite SELECT by primary key", select),
    )
    silent = _without_consultation(law)
    yield Measure(
        question=f"the dearest: who is accountable asks, and nobody is consulted, {size}",
        value=_per_question(silent, _rule(silent), ACCOUNTABLE),
        unit="µs",
        at_most=TARGET_MICROSECONDS,
        denominator=Denominator("a bare SQLite SELECT by primary key", select),
    )


def _without_consultation(law: Law) -> Law:
    """Every cell has to be looked at before one knows that nobody must be asked first.

    Joint activities are left out: those are never performed at once.
    """
    rows = {
        place: {seat: "I" if letters == "C" else letters for seat, letters in row.items()}
        for place, row in law.rows.items()
        if not law.activities[place[1]].joint
    }
    return law.with_rows(rows, number=law.matrix_number)


def _per_question(
    law: Law, ask: Callable[[Question], object], letters: tuple[str, ...] = ANY
) -> float:
    """Microseconds for one question, by the median of several rounds."""
    asked = list(_questions(law, letters))
    taken = timed(lambda: [ask(question) for question in asked], runs=RUNS, warm_up=2)
    return taken.median / len(asked) * 1e6


def _questions(law: Law, letters: tuple[str, ...]) -> Iterator[Question]:
    """Each row in turn, and in it a seat by chance, of those that hold one of these letters."""
    chance = random.Random(SEED)
    rows = cycle(law.rows.items())
    for _number in range(QUESTIONS):
        (scope, key), row = next(rows)
        seat = chance.choice([seat for seat, held in row.items() if held in letters])
        yield law.activities[key], scope, Actor(member_id=seat, seat_id=seat)


def _rule(law: Law) -> Callable[[Question], object]:
    def ask(question: Question) -> Verdict | Reason:
        activity, scope, actor = question
        return rule(law, activity=activity, scope=scope, actor=actor, day=DAY)

    answers = {ask(question) for letters in (ANY, ACTING) for question in _questions(law, letters)}
    if not {Reason.ONLY_INFORMED, Verdict.DECIDE} <= answers:
        raise RuntimeError(f"the questions are too alike: {answers}")
    return ask


def _dictionary(law: Law) -> Callable[[Question], object]:
    """What a hard-coded permission would cost."""
    letters = {
        (scope, key, seat): held
        for (scope, key), row in law.rows.items()
        for seat, held in row.items()
    }
    return lambda question: letters.get((question[1], question[0].key, question[2].seat_id))


def _table(law: Law) -> Callable[[Question], object]:
    """What asking the database for one letter would cost, were it bare and in memory."""
    base = sqlite3.connect(":memory:")
    base.execute(
        "CREATE TABLE cell (scope TEXT, activity TEXT, seat INTEGER, letters TEXT, "
        "PRIMARY KEY (scope, activity, seat)) WITHOUT ROWID"
    )
    base.executemany(
        "INSERT INTO cell VALUES (?, ?, ?, ?)",
        (
            (scope, key, seat, letters)
            for (scope, key), row in law.rows.items()
            for seat, letters in row.items()
        ),
    )
    select = "SELECT letters FROM cell WHERE scope = ? AND activity = ? AND seat = ?"
    return lambda question: base.execute(
        select, (question[1], question[0].key, question[2].seat_id)
    ).fetchone()


BENCHMARK = Benchmark("What does it cost to ask whether somebody may?", run)
