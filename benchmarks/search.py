"""Finding somebody among a million: by name, nearly by name, and by an identifier.

Names are the simulator's, as people typed them; nine surnames of ten are made up on top of those,
as many as France has (some 200,000 among a million people) and as unevenly borne, so that there
are rare words and very common ones. What is typed: names of the crowd whole, unfinished, without
accents, with one error; the commonest names, which thousands bear; e-mail addresses.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
from django.db import connection

from benchmarks.harness import Benchmark, Denominator, Measure, database, summary, timed
from pupitre.flow.collect.simulation.words import FIRST_NAMES, SURNAMES
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, Trait
from pupitre.flow.identify.normalising import Setting
from pupitre.flow.identify.search.indexing import index_names
from pupitre.flow.identify.search.searching import find
from pupitre.rules.mandate import guard

PEOPLE = 1_000_000
SURNAMES_MADE = 200_000
AT_MOST_MS = 200.0
RUNS = 300
AT_ONCE = 20_000
_SYLLABLES = tuple(
    "ba be bou bri ca cha che cor da de du fa fer fon ga ge gri la le lo ma mar mi".split()  # noqa: SIM905
)
_ENDS = tuple("ac and ard at aud eau el er et ier in ot on ont oux our ul y".split())  # noqa: SIM905


def run(scale: float) -> Iterator[Measure]:
    people = round(PEOPLE * scale)
    chance = np.random.default_rng(7)
    with database(), guard.permitted():
        names = _names(people, chance)
        began = time.perf_counter()
        _fill(names)
        yield Measure(f"{people:,} people written and indexed", time.perf_counter() - began, "s")
        for what, asked in _asked(names, chance).items():
            texts = iter(asked)
            find(asked[0], setting=Setting())
            taken = summary(_one(next(texts)) for _ in range(len(asked)))
            bare = timed(partial(_bare, asked[0]), runs=5).median
            for name, seconds in (("median", taken.median), ("95th percentile", taken.p95)):
                yield Measure(
                    question=f"{what}, {name}",
                    value=seconds * 1000,
                    unit="ms",
                    at_most=AT_MOST_MS,
                    denominator=Denominator("a LIKE over every trait", bare * 1000),
                )


def _one(text: str) -> float:
    began = time.perf_counter()
    find(text, setting=Setting())
    return time.perf_counter() - began


def _bare(text: str) -> None:
    with connection.cursor() as cursor:
        like = f"%{text.split()[-1]}%"
        cursor.execute("SELECT count(*) FROM identify_trait WHERE value LIKE %s", [like])
        cursor.fetchall()


def _names(people: int, chance: np.random.Generator) -> list[tuple[str, str]]:
    """First name and surname, borne as unevenly as names are (Zipf)."""
    made = ["".join(parts).capitalize() for parts in itertools.product(
        _SYLLABLES, _SYLLABLES, _SYLLABLES, _ENDS)][:: 1]  # fmt: skip
    chance.shuffle(made)
    surnames = (*SURNAMES, *made[:SURNAMES_MADE])
    first = chance.choice(len(FIRST_NAMES), size=people, p=_zipf(len(FIRST_NAMES), 0.7))
    last = chance.choice(len(surnames), size=people, p=_zipf(len(surnames), 0.75))
    return [(FIRST_NAMES[f], surnames[s]) for f, s in zip(first, last, strict=True)]


def _zipf(count: int, power: float) -> np.ndarray:
    weights = 1 / np.arange(1, count + 1) ** power
    return np.asarray(weights / weights.sum())


def _fill(names: list[tuple[str, str]]) -> None:
    for start in range(0, len(names), AT_ONCE):
        some = range(start, min(start + AT_ONCE, len(names)))
        Identifier.objects.bulk_create(
            (Identifier(pk=n + 1, kind=Kind.EMAIL, value=_address(n), person=n + 1) for n in some),
            batch_size=5_000,
        )
        Trait.objects.bulk_create(
            (
                Trait(identifier_id=n + 1, name=trait, value=value, source="shop",
                      first_us=1, last_us=1)
                for n in some
                for trait, value in zip(("firstName", "lastName"), names[n], strict=True)
            ),
            batch_size=5_000,
        )  # fmt: skip
        index_names([n + 1 for n in some])


def _address(number: int) -> str:
    return f"client{number}@courriel.example"


def _asked(names: list[tuple[str, str]], chance: np.random.Generator) -> dict[str, list[str]]:
    chosen = [names[n] for n in chance.integers(len(names), size=RUNS)]
    common = list(itertools.product(FIRST_NAMES[:10], SURNAMES[:30]))
    return {
        "a whole name": [f"{first} {last}" for first, last in chosen],
        "a name without accents, its end missing": [f"{f} {last[:4]}" for f, last in chosen],
        "a name with an error": [f"{f} {_spoilt(last, chance)}" for f, last in chosen],
        "a surname alone, with an error": [_spoilt(last, chance) for _, last in chosen],
        "two of the commonest names": [f"{first} {last}" for first, last in common],
        "the commonest names, both with an error": [
            f"{_spoilt(first, chance)} {_spoilt(last, chance)}" for first, last in common
        ],
        "an e-mail address": [_address(n) for n in chance.integers(len(names), size=RUNS)],
    }


def _spoilt(word: str, chance: np.random.Generator) -> str:
    place = int(chance.integers(1, len(word)))
    return word[:place] + "e" + word[place + 1 :]


BENCHMARK = Benchmark("Is somebody found among a million while one types?", run)
