"""The command line: options are settings, rooms add groups, mistakes are one line."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import pupitre
from pupitre.config import demonstration, environment, lock, prepare, serve
from pupitre.config.cli import app
from pupitre.core import contributions
from pupitre.core.contributions import Registry
from tests.serving import Served, clean_environment, free_port

runner = CliRunner()


def command(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pupitre", *arguments],
        env=clean_environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_it_says_which_version() -> None:
    assert runner.invoke(app, ["--version"]).output == f"pupitre {pupitre.__version__}\n"


def test_a_group_that_a_room_contributes_is_a_command(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: Registry[typer.Typer] = Registry("command group")
    monkeypatch.setattr("pupitre.config.cli.cli_groups", groups)
    assert "roomy" not in runner.invoke(app, ["--help"]).output

    group = typer.Typer(help="Of a room.")

    @group.command()
    def first() -> None:
        typer.echo("done by the room")

    @group.command()
    def second() -> None: ...

    groups.add("roomy", group)
    assert "roomy" in runner.invoke(app, ["--help"]).output
    assert runner.invoke(app, ["roomy", "first"]).output == "done by the room\n"
    assert runner.invoke(app, ["nobody"]).exit_code == 2


def test_a_command_that_a_room_contributes_stands_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    commands: Registry[Callable[..., None]] = Registry("command")
    monkeypatch.setattr("pupitre.config.cli.cli_groups", Registry("command group"))
    monkeypatch.setattr("pupitre.config.cli.cli_commands", commands)
    assert runner.invoke(app, ["alone", "3"]).exit_code == 2

    def alone(times: int) -> None:
        """Done by a room."""
        typer.echo("done " * times)

    commands.add("alone", alone)
    assert "Done by a room." in runner.invoke(app, ["--help"]).output
    assert runner.invoke(app, ["alone", "3"]).output == "done done done \n"


def test_djangos_commands_pass_through_with_their_options() -> None:
    done = runner.invoke(app, ["manage", "check", "--tag", "models"])
    assert done.exit_code == 0, done.output
    assert runner.invoke(app, ["manage", "nonsense"]).exit_code != 0


@pytest.mark.parametrize(
    ("arguments", "more", "said"),
    [
        (["run", "--demo", "--host", "0.0.0.0"], {}, "PUPITRE_DEMO opens every seat"),
        (["run", "--demo"], {"PUPITRE_HOST": "192.0.2.1"}, "PUPITRE_HOST says '192.0.2.1'"),
        (["run", "--demo", "--host", "[/x]"], {}, "PUPITRE_HOST says '[/x]'"),
        (["migrate"], {"PUPITRE_PORT": "eighty"}, "PUPITRE_PORT: Input should be a valid integer"),
        (["migrate"], {"DATABASE_URL": "nonsense://x"}, "cannot start with these settings"),
        (["migrate"], {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "pupitre doctor"),
        (["audit", "verify"], {}, "pupitre doctor"),
        (["doctor"], {"PUPITRE_DATA_DIR": "/proc/nowhere"}, "cannot start with these settings"),
        (["demo", "--fresh"], {"DATABASE_URL": "postgresql://x@y/demo"}, "a database of yours"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_without_a_traceback(
    tmp_path: Path, arguments: list[str], more: dict[str, str], said: str
) -> None:
    done = command(tmp_path, *arguments, **more)
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_refused_though_the_system_would_share_it(served: Served) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        serve.refuse_a_taken_port("127.0.0.1", served.port)
    serve.refuse_a_taken_port("127.0.0.1", free_port())


# --- the demonstration ---------------------------------------------------------------------------


@pytest.mark.slow
def test_the_demonstration_is_built_once_and_apart(tmp_path: Path) -> None:
    built = command(tmp_path, "demo")
    assert built.returncode == 0, built.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    database = tmp_path / "demo" / "pupitre.sqlite3"
    before = database.read_bytes()
    assert command(tmp_path, "demo").returncode == 0
    assert database.read_bytes() == before, "it was built twice"
    (tmp_path / "demo" / "kept").touch()
    assert command(tmp_path, "demo", "--fresh").returncode == 0
    assert not (tmp_path / "demo" / "kept").exists()
    assert database.exists()


def test_only_the_demonstration_can_be_forgotten(tmp_path: Path) -> None:
    (tmp_path / "pupitre.sqlite3").touch()
    real = environment.Environment(data_dir=tmp_path)
    with pytest.raises(demonstration.InUse, match="Only the demonstration"):
        demonstration.forget(real)
    assert (tmp_path / "pupitre.sqlite3").exists()


def test_a_demonstration_at_work_is_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    folder = tmp_path / "demo"
    folder.mkdir()
    with (
        lock.serving(folder),
        pytest.raises(demonstration.InUse, match="being served"),
    ):
        demonstration.forget(environment.Environment(data_dir=tmp_path, demo=True))
    assert folder.exists()


def test_the_demonstration_is_what_rooms_contribute(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[object] = []
    parts: Registry[object] = Registry("demonstration builder")
    parts.add("a room", built.append)
    monkeypatch.setattr(demonstration, "demo_builders", parts)
    demonstration.build()
    (at,) = built
    assert at.tzinfo is not None


# --- static files --------------------------------------------------------------------------------


def test_the_signature_of_static_files_changes_with_any_of_them(
    settings: object, tmp_path: Path
) -> None:
    sheet = tmp_path / "a.css"
    sheet.write_text("p {}")
    settings.STATICFILES_DIRS = [tmp_path]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    first = prepare.signature()
    assert prepare.signature() == first
    sheet.write_text("p { }")
    second = prepare.signature()
    assert second != first
    (tmp_path / "b.css").touch()
    assert prepare.signature() not in (first, second)


def test_a_registry_takes_a_name_once() -> None:
    jobs: Registry[contributions.ScheduledJob] = Registry("scheduled job")
    one = contributions.ScheduledJob("digest", "0 7 * * *", print)
    jobs.add("digest", one)
    jobs.add("digest", one)  # the same again is no quarrel: Django may load a room twice
    with pytest.raises(ValueError, match="declared twice"):
        jobs.add("digest", contributions.ScheduledJob("digest", "0 8 * * *", print))
