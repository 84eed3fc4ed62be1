"""The common form of benchmarks.

A benchmark is a module of this package with ``BENCHMARK = Benchmark(question, run)``; its name is
the module's, with dashes. ``run(scale)`` yields measures; scale 1 is the size that targets are for.
A measure is compared with its target by its value or, where it has a denominator that was measured
in the same run, by the ratio of the two: a ratio says the same on another machine.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connections
from django.test.utils import setup_databases, teardown_databases

import benchmarks


@dataclass(frozen=True, slots=True)
class Denominator:
    """What a measure is divided by: the same question put to something barer, in the same run."""

    name: str
    value: float  # in the measure's own unit


@dataclass(frozen=True, slots=True)
class Measure:
    """One answer, and what it must be. A bound on the ratio needs a denominator."""

    question: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    denominator: Denominator | None = None
    ratio_at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.denominator.value if self.denominator else None

    @property
    def target(self) -> str:
        bounds = [
            (
                self.at_most,
                f"at most {self.at_most:g} {self.unit}" if self.at_most is not None else "",
            ),
            (
                self.at_least,
                f"at least {self.at_least:g} {self.unit}" if self.at_least is not None else "",
            ),
            (
                self.ratio_at_most,
                f"at most {self.ratio_at_most:g} times {self.denominator.name}"
                if self.ratio_at_most is not None and self.denominator
                else "",
            ),
        ]
        return ", ".join(words for bound, words in bounds if bound is not None)

    @property
    def holds(self) -> bool:
        if self.ratio_at_most is not None and self.ratio is None:
            raise ValueError(f"{self.question}: a ratio needs a denominator")
        return (
            (self.at_most is None or self.value <= self.at_most)
            and (self.at_least is None or self.value >= self.at_least)
            and (self.ratio_at_most is None or (self.ratio or 0) <= self.ratio_at_most)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "value": self.value,
            "unit": self.unit,
            "denominator": self.denominator.name if self.denominator else None,
            "ratio": self.ratio,
            "target": self.target or None,
            "holds": self.holds,
        }


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A question about cost, and how it is answered."""

    question: str
    run: Callable[[float], Iterable[Measure]]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a call took over many runs, in seconds."""

    best: float
    median: float
    p95: float
    runs: int


def most_memory_mb() -> float:
    """The most that this process has held so far, in millions of bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / 1e6


def timed(call: Callable[[], object], *, runs: int, warm_up: int = 1) -> Timing:
    """Time a call, each run by itself. For calls of a microsecond and more."""
    for _ in range(warm_up):
        call()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return summary(taken)


def summary(seconds: Iterable[float]) -> Timing:
    ordered = sorted(seconds)
    at = max(0, -(-len(ordered) * 95 // 100) - 1)  # nearest rank: a run that happened
    return Timing(ordered[0], statistics.median(ordered), ordered[at], len(ordered))


def machine() -> dict[str, Any]:
    """What the figures depend on, without saying whose machine it is."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(pages / 2**30, 1),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def found() -> dict[str, Benchmark]:
    """Every benchmark of this package, by name."""
    everything = {}
    for module in pkgutil.iter_modules(benchmarks.__path__):
        if module.name in ("__main__", "harness"):
            continue
        declared = getattr(importlib.import_module(f"benchmarks.{module.name}"), "BENCHMARK", None)
        if isinstance(declared, Benchmark):
            everything[module.name.replace("_", "-")] = declared
    return everything


@contextmanager
def set_up() -> Iterator[None]:
    """Django with the product's own settings, in a folder of its own that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="pupitre-benchmark-") as folder:
        for name in [name for name in os.environ if name.startswith("PUPITRE_")]:
            del os.environ[name]
        os.environ["PUPITRE_DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "pupitre.config.settings"
        django.setup()
        yield


@contextmanager
def database() -> Iterator[None]:
    """An empty database with every table: a SQLite file, or a new one beside DATABASE_URL's."""
    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        name = str(Path(settings.DATA_DIR) / "benchmark.sqlite3")
        connections["default"].settings_dict["TEST"]["NAME"] = name
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
