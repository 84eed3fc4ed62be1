"""DuckDB in process, with the lake attached: offline, and within its bounds."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import duckdb
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from pupitre.lake import extensions
from pupitre.lake.contracts import LakeError
from pupitre.lake.place import CATALOGUE_SCHEMA, Place

BUSY_MS = 20_000  # how long a locked SQLite catalogue is waited for
CONNECT_SECONDS = 5


def quoted(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"


def is_made(place: Place) -> bool:
    """Whether a SQLite catalogue is there. One in PostgreSQL is known by attaching it."""
    return place.on_postgres or place.catalogue_file.exists()


def open_lake(place: Place, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, with the lake attached as ``lake``. Raises LakeError."""
    place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    spill = _spill_folder(place)
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            # An empty place: no secret that a user's own DuckDB keeps at home is taken up.
            "secret_directory": str(place.folder / "extensions" / "none"),
            "memory_limit": f"{place.memory_mb}MB",
            "temp_directory": str(spill),
            "max_temp_directory_size": f"{place.spill_mb}MB",
        },
    )
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")  # the catalogue's own connections too
        # Nothing of a file outlives it in memory; questions are answered as soon without.
        connection.execute("SET GLOBAL enable_external_file_cache = false")
        _load(connection, place)
        _attach(connection, place, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _load(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    wanted = ["postgres" if place.on_postgres else "sqlite", "ducklake"]
    if place.data.startswith("s3://"):
        wanted.append("httpfs")
    for name in wanted:
        path = extensions.loadable(name, links=place.folder / "extensions")
        try:
            connection.execute(f"LOAD {quoted(str(path))}")
        except duckdb.Error as error:
            raise LakeError(f"load {name}", f"LOAD {path}", str(error)) from error
    if "httpfs" in wanted:
        _tell_secret(connection, place)


def _tell_secret(connection: duckdb.DuckDBPyConnection, place: Place) -> None:
    store = place.store
    given = {"KEY_ID": store.key_id, "SECRET": store.secret, "REGION": store.region}
    options = [f"{name} {quoted(value)}" for name, value in given.items() if value]
    if store.endpoint:
        parts = urlsplit(store.endpoint)
        options += [
            f"ENDPOINT {quoted(parts.netloc)}",
            "URL_STYLE 'path'",
            f"USE_SSL {'false' if parts.scheme == 'http' else 'true'}",
        ]
    try:
        connection.execute(f"CREATE SECRET lake_store ({', '.join(['TYPE s3', *options])})")
    except duckdb.Error as error:
        # Not quoted: it holds the key.
        raise LakeError("tell the key of the store", "CREATE SECRET …", _first(error)) from None


def _attach(connection: duckdb.DuckDBPyConnection, place: Place, *, read_only: bool) -> None:
    """Parquet moved with its folder is found there: paths in the catalogue count from DATA_PATH."""
    options = [f"DATA_PATH {quoted(place.data_path)}", "OVERRIDE_DATA_PATH true"]
    if place.on_postgres:
        parts: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS}
        parts |= conninfo_to_dict(place.catalogue)
        address = make_conninfo(**parts)
        source = f"ducklake:postgres:{address}"
        options.append(f"METADATA_SCHEMA {quoted(CATALOGUE_SCHEMA)}")
    else:
        source = f"ducklake:sqlite:{place.catalogue_file}"
        options += ["META_JOURNAL_MODE 'WAL'", f"META_BUSY_TIMEOUT {BUSY_MS}"]
    if read_only:
        options += ["READ_ONLY", "CREATE_IF_NOT_EXISTS false"]
    try:
        connection.execute(f"ATTACH {quoted(source)} AS lake ({', '.join(options)})")
    except duckdb.Error as error:
        # Not quoted, nor its cause: the address may hold a password.
        where = "PostgreSQL" if place.on_postgres else str(place.catalogue_file)
        raise LakeError("attach the lake", f"ATTACH {where}", _safe(error, place)) from None


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _safe(error: Exception, place: Place) -> str:
    said = _first(error)
    password = conninfo_to_dict(place.catalogue).get("password") if place.on_postgres else None
    return said.replace(str(password), "…") if password else said


def _spill_folder(place: Place) -> str:
    """A folder of this process's own; those that dead processes left are taken away."""
    place.spill_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in place.spill_folder.iterdir():
        if left.name.isdigit() and not _alive(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
    return str(place.spill_folder / str(os.getpid()))


def _alive(pid: int) -> bool:
    with suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
