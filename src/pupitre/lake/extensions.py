"""DuckDB's extensions, from the installed wheels: nothing is ever fetched."""

from __future__ import annotations

import importlib.util
import os
from contextlib import suppress
from pathlib import Path

import duckdb

from pupitre.lake.contracts import LakeError

# DuckDB finds an extension's entry point by the name of its file, and the wheels of these two are
# not named after theirs.
ENTRY_POINTS = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner"}


def wheel_file(name: str) -> Path:
    """The extension's file inside its wheel; raises LakeError where the wheel does not fit."""
    wheel = f"duckdb_extension_{name}"
    found = importlib.util.find_spec(wheel)
    for folder in (found.submodule_search_locations if found else None) or ():
        file = Path(folder) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if file.exists():
            return file
    raise LakeError(f"load {name}", "", f"no {wheel} for DuckDB {duckdb.__version__} is installed")


def loadable(name: str, *, links: Path) -> Path:
    """A path that DuckDB can load the extension from: in the wheel, or a link to it."""
    file = wheel_file(name)
    if name not in ENTRY_POINTS:
        return file
    link = links / f"v{duckdb.__version__}" / f"{ENTRY_POINTS[name]}.duckdb_extension"
    if not (link.is_symlink() and link.readlink() == file):
        link.parent.mkdir(parents=True, exist_ok=True)
        draft = link.with_name(f"{link.name}.{os.getpid()}")
        with suppress(FileNotFoundError):
            draft.unlink()
        draft.symlink_to(file)
        draft.replace(link)  # at once: another process may be loading it
    return link
