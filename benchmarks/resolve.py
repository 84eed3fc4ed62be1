"""Ten million links become people: against scipy's connected components on the same arrays.

The links are what a retailer's sources tell: for each person a few identifiers in a star around the
strongest, with one household in ten that shares a telephone between two accounts, and a handful of
addresses that thousands share.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from benchmarks.harness import Benchmark, Denominator, Measure, most_memory_mb, timed
from pupitre.flow.identify.kinds import DEFAULT_BOUNDS, Kind
from pupitre.flow.identify.resolving import Evidence, Limits, resolve

LINKS = 10_000_000
RATIO = 3.0
MEMORY_AT_MOST_MB = 4_000.0
EACH = 5  # identifiers of a person beside the account
CODES = {kind: code for code, kind in enumerate(Kind)}
BESIDE = (Kind.LOYALTY_CARD, Kind.EMAIL, Kind.PHONE, Kind.ORDER, Kind.ORDER)
LIMITS = Limits(
    since={code: code + 1 for code in CODES.values()},
    most={CODES[kind]: bounds.most for kind, bounds in DEFAULT_BOUNDS.items()},
    neighbours={CODES[kind]: bounds.neighbours for kind, bounds in DEFAULT_BOUNDS.items()},
)


def evidence(links: int) -> Evidence:
    """Numbered as they came: people one after the other, and what they share at the end."""
    chance = np.random.default_rng(1)
    people = links // EACH
    kinds = np.tile([CODES[kind] for kind in (Kind.USER_ID, *BESIDE)], people)
    account = np.arange(people) * (EACH + 1)
    a = np.repeat(account, EACH)
    b = (account[:, None] + np.arange(1, EACH + 1)).ravel()
    strength = np.tile([CODES[kind] + 1 for kind in BESIDE], people)
    # A telephone that the neighbour's account gives too.
    households = np.flatnonzero(chance.random(people - 1) < 0.05)
    a = np.concatenate((a, account[households + 1]))
    b = np.concatenate((b, account[households] + 3))
    strength = np.concatenate((strength, np.full(len(households), CODES[Kind.PHONE] + 1)))
    # Addresses that thousands gave at the till.
    shared = np.arange(5) + len(kinds)
    kinds = np.concatenate((kinds, np.full(5, CODES[Kind.EMAIL])))
    said = chance.integers(0, people, (5, max(200, people // 400)))
    a = np.concatenate((a, account[said].ravel()))
    b = np.concatenate((b, np.repeat(shared, said.shape[1])))
    strength = np.concatenate((strength, np.full(said.size, CODES[Kind.EMAIL] + 1)))
    order = chance.permutation(len(a))  # as they would come: in no order
    return Evidence(
        kinds.astype(np.int16),
        a[order],
        b[order],
        strength[order].astype(np.int16),
        np.empty((0, 2), np.int64),
    )


def run(scale: float) -> Iterator[Measure]:
    given = evidence(max(10_000, round(LINKS * scale)))
    n, m = len(given.kind), len(given.a)

    def bare() -> object:
        graph = coo_array((np.ones(m, np.int8), (given.a, given.b)), shape=(n, n))
        return connected_components(graph, directed=False)

    alone = timed(bare, runs=3).median
    whole = timed(lambda: resolve(given, LIMITS), runs=3).median
    yield Measure(
        f"{m:,} links between {n:,} identifiers resolved",
        whole,
        "s",
        denominator=Denominator("scipy's connected components of the same links", alone),
        ratio_at_most=RATIO,
    )
    yield Measure(
        "the most memory held, with the links themselves",
        most_memory_mb(),
        "MB",
        at_most=MEMORY_AT_MOST_MB,
    )


BENCHMARK = Benchmark("How long does a full resolution take?", run)
