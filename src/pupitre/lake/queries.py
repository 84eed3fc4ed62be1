"""What other rooms ask of the lake."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pyarrow as pa

from pupitre.lake import reading, steps
from pupitre.lake.contracts import Answer, AsOf, Sql, Timed, Value
from pupitre.lake.place import here

PAGE_SECONDS = 20.0
PAGE_ROWS = 10_000


def run(
    step: Sql,
    parameters: Mapping[str, Value] | None = None,
    *,
    as_of: AsOf | None = None,
    seconds: float = PAGE_SECONDS,
    rows: int = PAGE_ROWS,
) -> Answer:
    """A page's question: bounded in time and rows. Raises LakeError, TooLong, NoSuchSnapshot."""
    began = time.perf_counter()
    given = dict(parameters or {})
    table, whole, state = reading.ask(here(), step, given, as_of=as_of, seconds=seconds, rows=rows)
    found = list(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return Answer(
        step=step.name,
        columns=tuple(table.column_names),
        rows=tuple(found[:rows]),
        sql=whole.text,
        parameters=tuple(given.items()),
        as_of=state,
        seconds=time.perf_counter() - began,
        truncated=len(found) > rows,
    )


def table(
    step: Sql,
    parameters: Mapping[str, Value] | None = None,
    *,
    as_of: AsOf | None = None,
    seconds: float | None = None,
) -> pa.Table:
    """Every row, as an Arrow table: for machines, which bound it by what they ask."""
    found, _, _ = reading.ask(
        here(), step, dict(parameters or {}), as_of=as_of, seconds=seconds, rows=None
    )
    return found


def recent_steps() -> tuple[Timed, ...]:
    """How long this process's last steps took."""
    return steps.recent()


def close() -> None:
    """Let go of what this process keeps open for reading."""
    reading.close()
