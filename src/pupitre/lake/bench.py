"""A bench to work on tables before they are anybody's: DuckDB in memory, without the lake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from pupitre.lake import steps
from pupitre.lake.contracts import Sql, Value
from pupitre.lake.place import here

MEMORY_SHARE = 2  # one half of what queries may take


class Bench:
    """One thread's. It reaches no file, no network and no extension."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def shape(
        self, step: Sql, given: pa.Table, parameters: Mapping[str, Value] | None = None
    ) -> pa.Table:
        """What the step makes of the table that it calls ``given``. Raises LakeError."""
        self._connection.register("given", given)
        try:
            return steps.execute(self._connection, step, parameters).to_arrow_table()
        finally:
            self._connection.unregister("given")


@contextmanager
def bench() -> Iterator[Bench]:
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "memory_limit": f"{here().memory_mb // MEMORY_SHARE}MB",
            "temp_directory": "",
        },
    )
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield Bench(connection)
    finally:
        connection.close()
