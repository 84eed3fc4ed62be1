"""The doctor: what is well, what is not, and a remedy that works when it is followed."""

from __future__ import annotations

import smtplib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from rich.console import Console

from pupitre.config import checks, doctor, messages
from pupitre.core.contributions import HealthCheck, Unhealthy
from tests.serving import clean_environment


def remedy(check: Callable[[], str]) -> str:
    with pytest.raises(Unhealthy) as ill:
        check()
    assert ill.value.seen
    return ill.value.remedy


# --- the table -----------------------------------------------------------------------------------


def test_one_check_that_fails_or_breaks_hides_no_other() -> None:
    def ill() -> str:
        raise Unhealthy("seen", "do this")

    def broken() -> str:
        raise ZeroDivisionError("oh")

    lines = doctor.examine(
        [HealthCheck("a", ill), HealthCheck("b", broken), HealthCheck("c", lambda: "fine")]
    )
    assert [(line.name, line.well) for line in lines] == [("a", False), ("b", False), ("c", True)]
    assert lines[0].remedy == "do this"
    assert "ZeroDivisionError: oh" in lines[1].seen

    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(doctor.table(lines))
    drawn = console.export_text()
    assert drawn.count("✗") == 2
    assert drawn.count("✓") == 1
    assert "do this" in drawn


def test_what_was_seen_is_never_read_as_markup() -> None:
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(doctor.table([doctor.Line("[red]x[/]", False, "[/]", "[bold]")]))
    drawn = console.export_text()
    assert "[red]x[/]" in drawn
    assert "[bold]" in drawn


# --- each check ----------------------------------------------------------------------------------


def test_an_old_python_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.python()
    monkeypatch.setattr(checks, "OLDEST_PYTHON", (3, 99))
    assert "Install Python" in remedy(checks.python)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "packages that it needs" in checks.packages()
    wanted = ["django<5.3,>=5.2", "No_Such.Package[extra]; python_version > '3'"]
    monkeypatch.setattr(checks.metadata, "requires", lambda _name: wanted)
    with pytest.raises(Unhealthy, match=r"missing: No_Such\.Package$") as ill:
        checks.packages()
    assert "--require-hashes" in ill.value.remedy


def test_a_misspelt_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.variables()
    monkeypatch.setenv("PUPITRE_HOTS", "127.0.0.1")
    with pytest.raises(Unhealthy, match="PUPITRE_HOTS"):
        checks.variables()


def test_an_address_that_is_not_safe_is_found(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert checks.exposure() == "http://127.0.0.1:8000"
    monkeypatch.setenv("PUPITRE_HOST", "0.0.0.0")
    assert "PUPITRE_PUBLIC_URL" in remedy(checks.exposure)
    monkeypatch.setenv("PUPITRE_PUBLIC_URL", "http://pupitre.example")
    assert "https://" in remedy(checks.exposure)
    monkeypatch.setenv("PUPITRE_PUBLIC_URL", "https://pupitre.example")
    settings.SECURE = True
    assert checks.exposure() == "https://pupitre.example"


@pytest.mark.django_db
def test_the_database_and_what_is_in_it() -> None:
    assert connection.display_name in checks.database()
    assert "applied" in checks.migrations()
    assert checks.shared_cache()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_was_not_applied_is_found() -> None:
    call_command("migrate", "sessions", "zero", verbosity=0)
    try:
        assert remedy(checks.migrations) == "pupitre migrate"
    finally:
        call_command("migrate", "sessions", verbosity=0)
    assert checks.migrations()


@pytest.mark.django_db
def test_a_cache_without_its_table_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE cache")
    assert remedy(checks.shared_cache) == "pupitre migrate"


def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pupitre", "doctor"],
        env=clean_environment(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/x"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Start the database" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_data_folder_that_is_gone_or_nearly_full_is_found(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    assert "free" in checks.data_folder()
    monkeypatch.setattr(checks, "FREE_BYTES_WANTED", 10**18)
    assert "Make room" in remedy(checks.data_folder)
    settings.DATA_DIR = tmp_path / "gone"
    assert "PUPITRE_DATA_DIR" in remedy(checks.data_folder)
    settings.DATA_DIR = Path("/proc")  # not even root may write there
    assert "PUPITRE_DATA_DIR" in remedy(checks.data_folder)


def test_a_key_that_others_may_read_or_that_is_short_is_found(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.SECRET_KEY = "short"
    assert "longer" in remedy(checks.secret_key)
    monkeypatch.delenv("PUPITRE_SECRET_KEY")
    monkeypatch.setenv("PUPITRE_DATA_DIR", str(tmp_path))
    assert remedy(checks.secret_key) == "pupitre migrate"
    key = tmp_path / "secret_key"
    key.touch(mode=0o644)
    key.chmod(0o644)
    assert remedy(checks.secret_key) == f"chmod 600 {key}"
    key.chmod(0o600)
    assert str(key) in checks.secret_key()


def test_translations_that_are_not_compiled_are_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(messages, "stale", lambda: [tmp_path / "django.po"])
    assert remedy(checks.translations) == "pupitre messages compile"
    monkeypatch.setattr(messages, "stale", list)
    assert "compiled" in checks.translations()


def test_static_files_that_were_not_collected_or_are_gone_are_found(tmp_path: Path) -> None:
    def ask() -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", ASK_STATIC],
            env=clean_environment(tmp_path, DJANGO_SETTINGS_MODULE="pupitre.config.settings"),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    assert ask() == (1, "not collected\npupitre manage collectstatic --noinput\n")
    subprocess.run(
        [sys.executable, "-m", "pupitre", "manage", "collectstatic", "--noinput"],
        env=clean_environment(tmp_path),
        capture_output=True,
        check=True,
    )
    code, said = ask()
    assert code == 0, said
    next((tmp_path / "static").rglob("*.????????????.css")).unlink()
    code, said = ask()
    assert code == 1
    assert "1 missing" in said


ASK_STATIC = """
import sys, django
django.setup()
from pupitre.config import checks
from pupitre.core.contributions import Unhealthy
try:
    print(checks.static_files())
except Unhealthy as ill:
    print(ill.seen)
    print(ill.remedy)
    sys.exit(1)
"""


def test_a_mail_server_that_does_not_answer_is_found(settings: Any) -> None:
    assert "kept in" in checks.mail()
    settings.ENV = settings.ENV.model_copy(
        update={"email_url": checks.environment.SecretStr("smtp://x")}
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert "PUPITRE_EMAIL_URL" in remedy(checks.mail)
    assert issubclass(smtplib.SMTPException, OSError)  # so a refused password is found as well


# --- the command ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_following_the_remedies_makes_it_well(tmp_path: Path) -> None:
    def pupitre(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pupitre", *arguments],
            env=clean_environment(tmp_path, COLUMNS="200"),
            capture_output=True,
            text=True,
            check=False,
        )

    messages.compile_stale()
    before = pupitre("doctor")
    assert before.returncode == 1
    remedies = {
        line.split("pupitre ")[-1].strip()
        for line in before.stdout.splitlines()
        if line.startswith("✗")
    }
    assert remedies == {"migrate", "manage collectstatic --noinput"}
    for line in remedies:
        done = pupitre(*line.split())
        assert done.returncode == 0, done.stderr
    after = pupitre("doctor")
    assert after.returncode == 0, after.stdout + after.stderr
    assert "✗" not in after.stdout
