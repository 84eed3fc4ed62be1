"""What the lake tells the doctor, the operator and the worker."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from pupitre.core import clock
from pupitre.core.contributions import Unhealthy, health_checks, scheduled_jobs, stores
from pupitre.lake import checks, console, queries, services
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events
from pupitre.lake.tests.test_writers import hold

pytestmark = pytest.mark.once  # it has catalogues of its own

Usage = namedtuple("Usage", "total used free")


def test_it_brings_its_stores_its_checks_and_its_upkeep() -> None:
    assert {"lake.events", "lake.spill"} <= set(stores.keys())
    assert {"lake.catalogue", "lake.storage"} <= set(health_checks.keys())
    assert scheduled_jobs["lake.upkeep"].cron == "23 * * * *"


def test_the_doctor_sees_a_lake_that_is_well(any_lake: Place) -> None:
    services.append(events(1), batch="a")
    assert "1 files" in checks.catalogue()
    assert "GB free" in checks.storage()


def test_a_catalogue_that_is_broken_is_seen(lake: Place) -> None:
    lake.folder.mkdir(parents=True)
    lake.catalogue_file.write_bytes(b"this is no database" * 100)
    with pytest.raises(Unhealthy) as caught:
        checks.catalogue()
    assert str(lake.folder) in caught.value.remedy


def test_a_database_that_is_gone_is_seen(lake: Place, settings: object) -> None:
    gone = SecretStr("postgresql://pupitre@127.0.0.1:9/gone")
    settings.ENV = settings.ENV.model_copy(update={"lake_catalogue": gone})  # type: ignore[attr-defined]
    with pytest.raises(Unhealthy) as caught:
        checks.catalogue()
    assert "PUPITRE_LAKE_CATALOGUE" in caught.value.remedy


def test_a_full_disk_is_seen(lake: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 10**12, 5 * 10**8))
    with pytest.raises(Unhealthy, match=r"0\.5 GB free"):
        checks.storage()


def test_data_that_cannot_be_written_are_seen(lake: Place) -> None:
    lake.folder.mkdir(parents=True)
    (lake.folder / "data").write_text("in the way")
    with pytest.raises(Unhealthy, match="data"):
        checks.storage()


def test_too_many_small_files_are_seen(lake: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SMALL_FILES", 1)
    for number in range(2):
        services.append(events(number), batch=f"b{number}")
    with pytest.raises(Unhealthy, match="2 small files"):
        checks.catalogue()


def test_the_operator_sees_and_tidies_it(lake: Place) -> None:
    for number in range(3):
        services.append(events(number), batch=f"b{number}")
    run = CliRunner().invoke
    before = run(console.lake_commands, ["status"])
    assert before.exit_code == 0
    assert "3, of which 3 small" in before.stdout
    tidied = run(console.lake_commands, ["upkeep"])
    assert tidied.exit_code == 0
    assert "3 files merged into 1" in tidied.stdout
    assert "1, of which 1 small" in run(console.lake_commands, ["status"]).stdout


def test_upkeep_that_cannot_have_its_turn_says_so(
    lake: Place, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(services, "PATIENT_SECONDS", 0.1)
    other = hold(lake, 60)
    try:
        said = CliRunner().invoke(console.lake_commands, ["upkeep"])
        assert said.exit_code == 1
        scheduled_jobs["lake.upkeep"].run(clock.now())
        assert "another process is writing" in caplog.text
    finally:
        other.kill()
        other.wait()


def test_the_worker_s_upkeep_tidies(lake: Place) -> None:
    for number in range(3):
        services.append(events(number), batch=f"b{number}")
    scheduled_jobs["lake.upkeep"].run(clock.now())
    assert queries.space().files == 1
