"""`python -m benchmarks [NAME… | --all] [--json] [--scale S]`

Without a name, lists the benchmarks. --json prints one JSON object and nothing else on standard
output. Exits 1 where a target does not hold, 2 where the question makes no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout

from rich.console import Console
from rich.table import Table
from rich.text import Text

from benchmarks.harness import Benchmark, Measure, found, machine, set_up

out = Console(highlight=False)


def scale(text: str) -> float:
    number = float(text)
    if not 0 < number <= 1000:
        raise argparse.ArgumentTypeError("a scale is over 0, and 1000 at most")
    return number


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    made.add_argument("name", nargs="*", help="which benchmarks; none lists them")
    made.add_argument("--all", action="store_true", help="run every benchmark")
    made.add_argument("--json", action="store_true", help="print one JSON object (for one name)")
    made.add_argument("--scale", type=scale, default=1.0, help="times the size targets speak of")
    return made


def show(name: str, benchmark: Benchmark, measures: list[Measure]) -> None:
    table = Table(title=f"{name}: {benchmark.question}", title_justify="left", box=None)
    for heading in ("", "question", "value", "ratio", "target"):
        table.add_column(
            heading, overflow="fold", justify="right" if heading == "value" else "left"
        )
    for measure in measures:
        mark = Text("✓", "green") if measure.holds else Text("✗", "bold red")
        ratio = ""
        if measure.ratio is not None and measure.denominator is not None:
            ratio = f"{measure.ratio:.3g} × {measure.denominator.name}"
        value = f"{measure.value:.4g} {measure.unit}"
        table.add_row(mark, measure.question, value, ratio, measure.target)
    out.print(table)


def measure(benchmark: Benchmark, at: float) -> list[Measure]:
    with redirect_stdout(sys.stderr):  # whatever it prints, the answer stands alone
        measures = list(benchmark.run(at))
    if not measures:
        raise RuntimeError("it measured nothing")
    return measures


def main(arguments: list[str], benchmarks: Mapping[str, Benchmark]) -> int:
    asked = parser().parse_args(arguments)
    names = sorted(benchmarks) if asked.all else asked.name
    unknown = [name for name in names if name not in benchmarks]
    if unknown:
        parser().error(f"no benchmark is called {', '.join(unknown)}")
    if asked.json and len(names) != 1:
        parser().error("--json goes with one name")
    if not names:
        for name in sorted(benchmarks):
            out.print(f"{name:24} {benchmarks[name].question}", soft_wrap=True)
        return 0
    hold = True
    for name in names:
        measures = measure(benchmarks[name], asked.scale)
        hold = hold and all(one.holds for one in measures)
        if asked.json:
            results = [one.as_json() for one in measures]
            said = {"benchmark": name, "machine": machine(), "results": results}
            sys.stdout.write(json.dumps(said, ensure_ascii=False) + "\n")
        else:
            show(name, benchmarks[name], measures)
    return 0 if hold else 1


if __name__ == "__main__":
    with set_up():
        code = main(sys.argv[1:], found())
    sys.exit(code)
