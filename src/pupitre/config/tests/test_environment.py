"""Settings from the environment: read whole, refused in words, never exposing a demonstration."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pydantic import SecretStr

from pupitre.config import environment
from pupitre.config.environment import Environment, load, secret_key
from pupitre.config.mail import mail_settings
from tests.serving import clean_environment


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("PUPITRE_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PUPITRE_PORT", "eighty", "PUPITRE_PORT: Input should be a valid integer"),
        ("PUPITRE_PORT", "70000", "PUPITRE_PORT: Input should be less than or equal to 65535"),
        ("PUPITRE_DEMO", "perhaps", "PUPITRE_DEMO: Input should be a valid boolean"),
        ("PUPITRE_DIGEST_HOUR", "24", "PUPITRE_DIGEST_HOUR: Input should be less than or equal"),
        ("PUPITRE_TIME_ZONE", "Europe/Pari", "PUPITRE_TIME_ZONE"),
        ("PUPITRE_PUBLIC_URL", "pupitre.example", "PUPITRE_PUBLIC_URL: .* looks like https://"),
        ("PUPITRE_PUBLIC_URL", "https://[x", "PUPITRE_PUBLIC_URL: .* looks like https://"),
        ("PUPITRE_PUBLIC_URL", "https://a.example/pupitre", "without a path"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_its_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        load()


def test_an_empty_variable_is_one_that_was_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUPITRE_PORT", "")
    assert load().port == 8000


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUPITRE_PROT", "8001")
    monkeypatch.setenv("PUPITRE_PORT", "8001")
    assert environment.unknown_variables() == ("PUPITRE_PROT",)


@pytest.mark.parametrize("mode", ["PUPITRE_DEMO", "PUPITRE_DEBUG"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUPITRE_HOST", "0.0.0.0"),
        ("PUPITRE_HOST", "::"),
        ("PUPITRE_HOST", "192.168.1.20"),
        ("PUPITRE_HOST", "pupitre.example"),
        ("PUPITRE_HOST", "127.0.0.1.example"),
        ("PUPITRE_PUBLIC_URL", "https://pupitre.example"),
        ("PUPITRE_ALLOWED_HOSTS", "localhost,pupitre.example"),
    ],
)
def test_one_click_seats_and_debug_pages_stay_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, mode: str, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    load()  # harmless by itself
    monkeypatch.setenv(mode, "true")
    with pytest.raises(ImproperlyConfigured, match=f"{mode}.*{name}"):
        load()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST."])
def test_the_demonstration_runs_on_any_loopback_address(
    monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    monkeypatch.setenv("PUPITRE_DEMO", "true")
    monkeypatch.setenv("PUPITRE_HOST", host)
    assert load().demo


def test_the_demonstration_never_opens_a_database_of_the_companys_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PUPITRE_DEMO", "true")
    monkeypatch.setenv("DATABASE_URL", "postgresql://pupitre@db.example/pupitre")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must name a database with 'demo'"):
        load()
    monkeypatch.setenv("DATABASE_URL", "postgresql://pupitre@db.example/pupitre_demo")
    assert load().demo


def test_the_demonstration_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUPITRE_DATA_DIR", "/srv/pupitre")
    assert load().folder == Path("/srv/pupitre")
    monkeypatch.setenv("PUPITRE_DEMO", "true")
    assert load().folder == Path("/srv/pupitre/demo")


def test_a_relative_folder_does_not_follow_a_change_of_directory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().folder == tmp_path / "var"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"host": "::1", "port": 8080}, "http://[::1]:8080"),
        ({"public_url": "https://pupitre.example/"}, "https://pupitre.example"),
    ],
)
def test_the_address_that_people_type(given: dict[str, object], address: str) -> None:
    assert Environment(**given).address == address


def test_the_key_is_made_once_for_its_owner_alone_even_by_many_at_once(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE_KEY],
            env=clean_environment(tmp_path),
            stdout=subprocess.PIPE,
        )
        for _ in range(6)
    ]
    keys = {maker.communicate(timeout=60)[0] for maker in makers}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 64
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


MAKE_KEY = "from pupitre.config.environment import *; print(secret_key(load()))"


def test_a_key_that_is_given_is_used_and_no_file_is_made(tmp_path: Path) -> None:
    env = Environment(data_dir=tmp_path, secret_key=SecretStr("given"))
    assert secret_key(env) == "given"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "host", "port", "starttls", "ssl"),
    [
        ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, False, False),
        ("smtp://relay.example", "relay.example", 25, False, False),
        ("smtp+starttls://me:p%40ss@relay.example", "relay.example", 587, True, False),
        ("smtps://me:p%40ss@relay.example", "relay.example", 465, False, True),
    ],
)
def test_a_mail_server_is_one_address(
    address: str, host: str, port: int, starttls: bool, ssl: bool
) -> None:
    given = mail_settings(Environment(email_url=SecretStr(address)))
    assert given["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    assert (given["EMAIL_HOST"], given["EMAIL_PORT"]) == (host, port)
    assert (given["EMAIL_USE_TLS"], given["EMAIL_USE_SSL"]) == (starttls, ssl)
    if "@" in address:
        assert (given["EMAIL_HOST_USER"], given["EMAIL_HOST_PASSWORD"]) == ("me", "p@ss")


@pytest.mark.parametrize(
    "address",
    ["relay.example", "http://relay.example", "smtp://h:port", "smtp://me:secret@relay.example"],
)
def test_a_mail_server_that_cannot_be_is_refused_without_repeating_its_password(
    address: str,
) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        mail_settings(Environment(email_url=SecretStr(address)))
    assert "PUPITRE_EMAIL_URL" in str(refused.value)
    assert "secret" not in str(refused.value)
