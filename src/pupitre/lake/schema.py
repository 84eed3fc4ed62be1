"""The tables of the lake, made where they are missing."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre.lake.contracts import EVENT_COLUMNS, Sql

FILE_MB = 128  # what files are merged up to, and not much beyond
# Of a file, unpacked together. A customer's page unpacks a few: the smaller, the sooner. Scans pay
# for it: up to twice the processor time of the engine's default of 122,880. docs/decisions/0034.
GROUP_ROWS = 4_096
BATCHES_INLINED = 10  # rows: one append's line rests in the catalogue until upkeep writes it out

_columns = ",\n  ".join(
    f"{column.name} {column.sql}{'' if column.nullable else ' NOT NULL'}"
    for column in EVENT_COLUMNS
)
TABLES = Sql(
    "tables of the lake",
    "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = 'main'",
)
CREATION = (
    Sql("create events", f"CREATE TABLE lake.events (\n  {_columns}\n)"),
    Sql(
        "partition events by month",
        "ALTER TABLE lake.events SET PARTITIONED BY (year(corrected_at), month(corrected_at))",
    ),
    Sql(
        "sort events by person and time",
        "ALTER TABLE lake.events SET SORTED BY (identity ASC, corrected_at ASC)",
    ),
    Sql(
        "create batches",
        "CREATE TABLE lake.batches (batch VARCHAR NOT NULL, appended_at TIMESTAMP NOT NULL, "
        "rows BIGINT NOT NULL)",
    ),
)
EXPECTED = frozenset({"events", "batches"})

# Kept by the catalogue, each set where it is not so yet: (option, table or none, value).
OPTIONS: tuple[tuple[str, str | None, str], ...] = (
    ("parquet_compression", None, "zstd"),
    ("target_file_size", None, f"{FILE_MB}MB"),
    ("parquet_row_group_size", None, str(GROUP_ROWS)),
    # Events go to files at once, never to rows of the catalogue: see docs/decisions/0021.
    ("data_inlining_row_limit", "events", "0"),
    ("data_inlining_row_limit", "batches", str(BATCHES_INLINED)),
)
OPTIONS_SET = Sql(
    "options of the lake", "SELECT option_name, scope_entry, value FROM ducklake_options('lake')"
)


def options_missing(found: Iterable[tuple[str, str | None, str]]) -> tuple[Sql, ...]:
    """What sets the options that are not set, or otherwise."""
    there = {(name, entry and entry.rpartition(".")[2]): value for name, entry, value in found}
    steps = []
    for name, table, value in OPTIONS:
        stored = value.replace("MB", "000000") if name == "target_file_size" else value
        if there.get((name, table)) != stored:
            where = f", table_name => '{table}'" if table else ""
            steps.append(Sql(f"set {name}", f"CALL lake.set_option('{name}', '{value}'{where})"))
    return tuple(steps)
