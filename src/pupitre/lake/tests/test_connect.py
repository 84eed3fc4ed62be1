"""The connection: offline, within its bounds, and discreet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pupitre.lake import extensions, queries, services
from pupitre.lake.connect import open_lake
from pupitre.lake.contracts import LakeError, Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events

pytestmark = pytest.mark.once  # it has catalogues of its own

COUNT = Sql("count", "SELECT count(*) FROM {events}")


def setting(name: str) -> str:
    step = Sql("setting", "SELECT value FROM duckdb_settings() WHERE name = $name")
    [(value,)] = queries.run(step, {"name": name}).rows
    return str(value)


def test_nothing_is_fetched_and_everything_is_bounded(lake: Place) -> None:
    services.prepare()
    assert setting("autoinstall_known_extensions") == "false"
    assert setting("autoload_known_extensions") == "false"
    assert setting("allow_unsigned_extensions") == "false"
    assert setting("memory_limit") == "976.5 MiB"  # 1024 MB
    assert setting("max_temp_directory_size") == "7.6 GiB"  # 8192 MB
    assert setting("temp_directory") == str(lake.spill_folder / str(os.getpid()))
    assert setting("TimeZone") == "UTC"
    with pytest.raises(LakeError):
        queries.run(Sql("fetch", "FROM read_csv('http://127.0.0.1:9/x.csv')"))


def test_a_query_larger_than_memory_ends_in_an_error_not_in_the_machine(
    lake: Place, settings: object
) -> None:
    small = settings.ENV.model_copy(  # type: ignore[attr-defined]
        update={"lake_memory_mb": 256, "lake_spill_mb": 1}
    )
    settings.ENV = small  # type: ignore[attr-defined]
    services.prepare()
    with pytest.raises(LakeError, match=r"(?i)memory|temp"):
        queries.run(
            Sql("hoard", "SELECT len(list(repeat('x', 1000) || i)) FROM range(2000000) t(i)")
        )
    assert queries.run(COUNT).rows == ((0,),)


def test_the_folder_may_be_moved(lake: Place, tmp_path: Path, settings: object) -> None:
    services.append(events(1, 2), batch="a")
    queries.close()
    services.close()
    moved = tmp_path / "elsewhere" / "deeper"
    moved.parent.mkdir()
    lake.folder.rename(moved)
    (tmp_path / "elsewhere" / "lake").symlink_to(moved)
    settings.DATA_DIR = tmp_path / "elsewhere"  # type: ignore[attr-defined]
    assert queries.run(COUNT).rows == ((2,),)
    assert services.append(events(3), batch="b")
    assert queries.run(COUNT).rows == ((3,),)


def test_what_a_dead_process_spilled_is_taken_away(lake: Place) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = lake.spill_folder / str(dead.pid) / "duckdb_temp_storage.tmp"
    alive = lake.spill_folder / str(os.getppid()) / "duckdb_temp_storage.tmp"
    for file in (left, alive):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"somebody")
    services.prepare()
    assert not left.parent.exists()
    assert alive.exists()


def test_a_password_is_never_told(tmp_path: Path) -> None:
    place = Place(folder=tmp_path, catalogue="postgresql://u:s3cr-t@127.0.0.1:9/x")
    with pytest.raises(LakeError) as caught:
        open_lake(place, read_only=True)
    seen = f"{caught.value} {caught.value.__cause__} {caught.value.args}"
    assert "s3cr-t" not in seen
    assert "attach the lake" in seen


def test_a_wheel_that_does_not_fit_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duckdb, "__version__", "9.9.9")
    with pytest.raises(LakeError, match=r"no duckdb_extension_sqlite for DuckDB 9\.9\.9"):
        extensions.wheel_file("sqlite")


def test_a_link_to_another_environment_is_replaced(tmp_path: Path) -> None:
    link = extensions.loadable("sqlite", links=tmp_path)
    assert link.resolve() == extensions.wheel_file("sqlite").resolve()
    link.unlink()
    link.symlink_to("/gone")
    again = extensions.loadable("sqlite", links=tmp_path)
    assert again.resolve() == extensions.wheel_file("sqlite").resolve()
