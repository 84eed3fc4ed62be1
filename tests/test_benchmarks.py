"""The common form of benchmarks: what is printed, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from benchmarks.__main__ import main
from benchmarks.harness import Benchmark, Denominator, Measure, machine, summary, timed
from tests.architecture.source import ROOT

pytestmark = pytest.mark.once

KEYS = {"question", "value", "unit", "denominator", "ratio", "target", "holds"}


def answering(*measures: Measure) -> dict[str, Benchmark]:
    def run(scale: float) -> Iterator[Measure]:
        print("chatter on the way")  # noqa: T201
        yield from measures

    return {"planted": Benchmark("How much is planted?", run)}


FAST = Measure("how long", 40.0, "µs", at_most=50, denominator=Denominator("a dict lookup", 0.05))
SLOW = Measure("how long", 60.0, "µs", at_most=50)


def test_json_is_one_object_in_the_agreed_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["planted", "--json"], answering(FAST)) == 0
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert set(said) == {"benchmark", "machine", "results"}
    assert said["benchmark"] == "planted"
    assert said["machine"] == machine()
    assert set(said["machine"]) == {"cores", "memory_gib", "python", "platform"}
    (result,) = said["results"]
    assert set(result) == KEYS
    assert result["denominator"] == "a dict lookup"
    assert result["ratio"] == pytest.approx(800)
    assert result["target"] == "at most 50 µs"
    assert result["holds"] is True
    assert "chatter" in printed.err


def test_it_ends_with_1_where_one_target_does_not_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["planted", "--json"], answering(FAST, SLOW)) == 1
    assert [r["holds"] for r in json.loads(capsys.readouterr().out)["results"]] == [True, False]
    assert main(["planted"], answering(SLOW)) == 1
    assert main(["--all"], answering(SLOW)) == 1
    assert main(["--all"], answering(FAST)) == 0


@pytest.mark.parametrize(
    ("measure", "holds"),
    [
        (Measure("q", 50, "ms", at_most=50), True),
        (Measure("q", 50.1, "ms", at_most=50), False),
        (Measure("q", 50, "a second", at_least=50), True),
        (Measure("q", 49, "a second", at_least=50), False),
        (Measure("q", 20, "ms", denominator=Denominator("bare", 10), ratio_at_most=2), True),
        (Measure("q", 21, "ms", denominator=Denominator("bare", 10), ratio_at_most=2), False),
        (Measure("q", 1, "ms"), True),
    ],
)
def test_when_a_target_holds(measure: Measure, holds: bool) -> None:
    assert measure.holds is holds
    assert measure.as_json()["holds"] is holds


def test_a_ratio_without_a_denominator_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a denominator"):
        _ = Measure("q", 1, "ms", ratio_at_most=2).holds


@pytest.mark.parametrize(
    "arguments", [["nobody"], ["--json"], ["planted", "--scale", "0"], ["planted", "--scale", "x"]]
)
def test_a_question_that_makes_no_sense_ends_with_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, answering(FAST))
    assert ended.value.code == 2


def test_the_scale_reaches_the_benchmark() -> None:
    seen: list[float] = []

    def run(scale: float) -> Iterator[Measure]:
        seen.append(scale)
        yield FAST

    main(["x", "--scale", "0.1"], {"x": Benchmark("?", run)})
    assert seen == [0.1]


def test_a_benchmark_that_measures_nothing_does_not_hold() -> None:
    with pytest.raises(RuntimeError, match="measured nothing"):
        main(["planted"], answering())


def test_figures_over_many_runs() -> None:
    found = summary([n / 1000 for n in range(100, 0, -1)])
    assert (found.best, found.median, found.p95, found.runs) == (0.001, 0.0505, 0.095, 100)
    assert summary([0.5]).p95 == 0.5
    calls: list[int] = []
    assert timed(lambda: calls.append(1), runs=5, warm_up=2).runs == 5
    assert len(calls) == 7


@pytest.mark.slow
def test_the_command_lists_what_is_there() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    declaring = {
        path.stem.replace("_", "-")
        for path in (ROOT / "benchmarks").glob("*.py")
        if "\nBENCHMARK = " in path.read_text(encoding="utf-8")
    }
    assert {line.split()[0] for line in done.stdout.splitlines()} == declaring
