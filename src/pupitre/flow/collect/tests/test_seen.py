"""What was seen is remembered exactly, against a plain set, on whichever database is tested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from pupitre.flow.collect.intake import seen
from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.fingerprints import fingerprints
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.seen import Seen

pytestmark = pytest.mark.django_db(transaction=True)
PERIOD = 7


def ids(first: int, count: int) -> list[bytes]:
    return fingerprints("shop", map(str, range(first, first + count)))


@pytest.fixture
def books() -> Iterator[Books]:
    desk = home().desk()
    yield desk.books
    desk.close()


def emptied(books: Books) -> Seen:
    books.engine.run("DELETE FROM seen_run")
    books.engine.run("DELETE FROM seen_part")
    return Seen(books.engine)


def runs(books: Books) -> list[int]:
    return [int(n) for (n,) in books.engine.run("SELECT ids FROM seen_run ORDER BY ids")]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "add", "add", "forget", "again"]),
            st.integers(0, 300),
            st.integers(0, 60),
        ),
        max_size=40,
    )
)
def test_what_is_known_is_what_a_set_would_know(
    books: Books, deeds: list[tuple[str, int, int]]
) -> None:
    kept, truth = emptied(books), set[bytes]()
    for deed, first, count in deeds:
        some = ids(first, count)
        assert kept.known(some, since=0) == truth & set(some)
        if deed == "add":
            kept.add([one for one in some if one not in truth], period=PERIOD)
            truth |= set(some)
        elif deed == "forget":
            kept.forget(some)
            truth -= set(some)
        else:
            kept = Seen(books.engine)  # another process: nothing in memory
    every = ids(0, 360)
    assert kept.known(every, since=0) == truth & set(every)


def test_many_rounds_leave_few_runs_and_forget_nothing(books: Books) -> None:
    kept = emptied(books)
    for number in range(60):
        kept.add(ids(number * 700, 700), period=PERIOD)
    assert len(runs(books)) <= 12
    assert sum(runs(books)) == 42_000
    every = ids(0, 43_000)
    assert Seen(books.engine).known(every, since=0) == set(every[:42_000])


def test_periods_stay_apart_and_go_whole(books: Books) -> None:
    kept = emptied(books)
    for period in (5, 6, 7):
        for part in range(9):
            kept.add(ids(period * 10_000 + part * 10, 10), period=period)
    old, new = ids(50_000, 90), ids(60_000, 90)
    assert kept.known([*old, *new], since=0) == {*old, *new}
    assert kept.known([*old, *new], since=6) == set(new)
    kept.forget_before(6)
    assert kept.known([*old, *new], since=0) == set(new)
    ((parts,),) = books.engine.run("SELECT count(*) FROM seen_part")
    assert parts >= len(runs(books))
    kept.forget_before(8)
    assert books.engine.run("SELECT count(*) FROM seen_part") == [(0,)]


def test_what_was_rolled_back_was_not_seen(books: Books) -> None:
    kept = emptied(books)
    for number in range(3):
        kept.add(ids(number * 100, 100), period=PERIOD)
    with suppress(RuntimeError), books.engine.transaction():
        kept.add(ids(300, 100), period=PERIOD)  # the fourth of its size: all four are merged
        assert runs(books) == [400]
        raise RuntimeError
    assert runs(books) == [100, 100, 100]
    assert kept.known(ids(0, 500), since=0) == set(ids(0, 300))
    with books.engine.transaction():
        kept.add(ids(400, 100), period=PERIOD)
    assert kept.known(ids(0, 500), since=0) == {*ids(0, 300), *ids(400, 100)}


def test_a_filter_lets_few_pass_that_it_should_not(books: Books) -> None:
    pairs = seen.pairs_of(b"".join(ids(0, 50_000)))
    kept = seen.sieve(pairs)
    assert len(seen.passing(kept, pairs)) == 50_000
    others = seen.pairs_of(b"".join(ids(100_000, 50_000)))
    assert len(seen.passing(kept, others)) < 50_000 / 300
