"""Splink's own engine, in memory and for one piece of work; nothing of ours stays in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.realtime import compare_records

LEFT, RIGHT = "a", "b"  # names of two sources; Splink puts the first of the alphabet left


def engine(threads: int | None = None) -> DuckDBAPI:
    """A new one. One thread where the last bit of every sum must be the same each time."""
    made = DuckDBAPI(":memory:")
    if threads:
        made.duckdb_con.execute(f"SET threads TO {int(threads)}")
    return made


def linker(
    api: DuckDBAPI,
    sources: tuple[pa.Table, ...],
    shares: Mapping[str, pa.Table],
    settings: dict[str, Any],
) -> Linker:
    """One source to find duplicates in, or two to link; all with the same columns."""
    names = (LEFT, RIGHT)[: len(sources)]
    tables = [
        api.register(source, dataset_display_name=name)
        for name, source in zip(names, sources, strict=True)
    ]
    made = Linker(tables if len(tables) > 1 else tables[0], settings, log_level=None)
    for column, table in shares.items():
        known = api.register(
            table.select([column, f"tf_{column}"]), table_name=f"pupitre_shares_{column}"
        )
        made.table_management.register_term_frequency_lookup(known, column)
    return made


def predicted(linker: Linker, least_weight: float | None) -> pa.Table:
    """Every pair that the rules bring together, or those from so many bits on."""
    found: Any = linker.inference.predict(threshold_match_weight=least_weight, warning_mode="never")
    return found.as_pyarrow_table()


def compared_with(
    newcomer: pa.Table, others: pa.Table, settings: dict[str, Any], fingerprint: str
) -> pa.Table:
    """One record with each of some others, all with their `tf_<column>`.

    Writing the statement takes longer than running it: Splink keeps it by the model's fingerprint.
    The engine is a new one, so what Splink registers for a comparison goes with it, nothing piles
    up, and no two newcomers meet.
    """
    found: Any = compare_records(
        newcomer, others, settings, engine(threads=1), sql_cache_key=fingerprint
    )
    return found.as_pyarrow_table()
