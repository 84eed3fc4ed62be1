"""Every setting that an operator may give, declared once: name, type, default, meaning."""

from __future__ import annotations

import ipaddress
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PUPITRE_"
DEMO_FOLDER = "demo"
SECRET_KEY_FILE = "secret_key"  # noqa: S105  (a name, not a key)


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("no time zone has this name; Europe/Paris is one") from None
    return name


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        well = not address or (parts.scheme in ("http", "https") and bool(parts.hostname))
    except ValueError:
        well = False
    if not well or urlsplit(address).path.strip("/"):
        raise ValueError("an address looks like https://pupitre.example, without a path")
    return address


class Environment(BaseSettings):
    """Read from environment variables named PUPITRE_…, save DATABASE_URL, which hosts agree on.

    The documentation test fails when a field here is missing from docs/operators/settings.md.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(
        default=Path("var"),
        description="Folder for everything that Pupitre writes: databases, secret key, witness.",
    )
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="Operational database; empty means SQLite in the data folder.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs sessions and seals the audit; empty means a file kept in data_dir.",
    )
    demo: bool = Field(
        default=False,
        description=(
            "Demonstration mode: one-click seats in a company of its own, kept in the folder demo/ "
            "of the data folder. Refuses any address but loopback."
        ),
    )
    debug: bool = Field(default=False, description="Django's debug pages. Never with real data.")
    host: str = Field(default="127.0.0.1", description="Address that the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on.")
    processes: int = Field(
        default=2, ge=1, le=64, description="How many web processes share the port."
    )
    public_url: Annotated[str, AfterValidator(_web_address)] = Field(
        default="",
        description="Address that people type, with its scheme, for links in e-mails.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Further host names that may be asked for, separated by commas.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=5,
        description="How many proxies in front may tell the client's address.",
    )
    company: str = Field(
        default="",
        max_length=80,
        description="The company's name, in the margin of every page and in invitations.",
    )
    time_zone: Annotated[str, AfterValidator(_known_time_zone)] = Field(
        default="Europe/Paris", description="The company's time zone (IANA name)."
    )
    email_url: SecretStr = Field(
        default=SecretStr(""),
        description=(
            "Mail server: smtp://host:25, smtp+starttls://user:password@host:587 or smtps://…:465. "
            "Empty keeps each message as a file in the data folder."
        ),
    )
    email_from: str = Field(
        default="pupitre@localhost", description="Sender of the e-mails that Pupitre sends."
    )
    digest_hour: int = Field(
        default=7, ge=0, le=23, description="Hour of the daily digest, in the company's time zone."
    )
    lake_catalogue: SecretStr = Field(
        default=SecretStr(""),
        description="Catalogue of the lake: postgresql://…; empty means SQLite in the data folder.",
    )
    lake_data: str = Field(
        default="", description="Where events rest: a folder, or s3://bucket/prefix."
    )
    lake_s3_endpoint: str = Field(
        default="", description="Address of S3-compatible storage, where it is not Amazon's."
    )
    lake_s3_region: str = Field(default="", description="Region of the bucket.")
    lake_s3_key_id: str = Field(default="", description="Access key id for the bucket.")
    lake_s3_secret: SecretStr = Field(
        default=SecretStr(""), description="Secret access key for the bucket."
    )
    lake_memory_mb: int = Field(
        default=1024, ge=256, description="Memory that queries may take, in each process, in MB."
    )
    lake_spill_mb: int = Field(
        default=8192, ge=0, description="Disk that queries may spill to, in each process, in MB."
    )
    lake_keep_days: int = Field(
        default=30, ge=1, le=3660, description="How long past states of the lake can be read, days."
    )
    journal_max_mb: int = Field(
        default=4096,
        ge=64,
        description="Received events that may wait for the lake, in MB; beyond, senders must wait.",
    )
    journal_spare_mb: int = Field(
        default=512,
        ge=16,
        description="Room that the journal leaves on its disk, in MB; below, senders must wait.",
    )
    quarantine_days: int = Field(
        default=90, ge=1, le=3660, description="How long refused events are kept, in days."
    )
    import_max_mb: int = Field(
        default=256,
        ge=1,
        le=10240,
        description="The largest file that a page takes to be imported, in MB.",
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect issuer; empty leaves sign-in to passwords."
    )
    oidc_client_id: str = Field(default="", description="Client id given by the issuer.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Client secret given by the issuer."
    )
    oidc_name: str = Field(default="SSO", description="Name of the issuer on the sign-in button.")

    @property
    def folder(self) -> Path:
        """Where this Pupitre writes. The demonstration never shares a folder with real data."""
        base = self.data_dir.expanduser().absolute()
        return base / DEMO_FOLDER if self.demo else base

    @property
    def address(self) -> str:
        """The address that people type, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def public_host(self) -> str:
        return (urlsplit(self.public_url).hostname if self.public_url else self.host) or ""

    @property
    def further_hosts(self) -> tuple[str, ...]:
        return tuple(name.strip() for name in self.allowed_hosts.split(",") if name.strip())


def variable(field: str) -> str:
    """The name of the environment variable that gives a field."""
    alias = Environment.model_fields[field].validation_alias
    return alias if isinstance(alias, str) else f"{PREFIX}{field}".upper()


def load() -> Environment:
    """The settings given; raises ImproperlyConfigured in words that name the variable."""
    try:
        env = Environment()
    except ValidationError as error:
        lines = []
        for found in error.errors():
            field = str(found["loc"][0])
            known = field in Environment.model_fields
            lines.append(f"{variable(field) if known else field}: {found['msg']}")
        raise ImproperlyConfigured("; ".join(lines)) from None
    refuse_exposure(env)
    return env


def unknown_variables() -> tuple[str, ...]:
    """Variables that look like settings of ours and are none: a typing mistake, most often."""
    known = {variable(field) for field in Environment.model_fields}
    return tuple(
        sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_exposure(env: Environment) -> None:
    """One-click seats and debug pages open every door: they stay on this machine."""
    mode = "demo" if env.demo else "debug" if env.debug else ""
    if not mode:
        return
    named = [("host", env.host), ("public_url", env.public_host)]
    named += [("allowed_hosts", name) for name in env.further_hosts]
    for field, host in named:
        if not is_loopback(host):
            raise ImproperlyConfigured(
                f"{variable(mode)} opens every seat to whoever can reach the server, so it runs on "
                f"the loopback address alone; {variable(field)} says {host!r}. Leave that out, or "
                f"turn {variable(mode)} off."
            )
    if env.demo and env.database_url:
        name = urlsplit(env.database_url).path.rsplit("/", 1)[-1]
        if "demo" not in name:
            raise ImproperlyConfigured(
                f"{variable('demo')} would open the seats of whatever company {name!r} holds: "
                f"{variable('database_url')} must name a database with 'demo' in its name."
            )


def secret_key(env: Environment) -> str:
    """The key given, or one made at first start and kept, readable by its owner alone."""
    given = env.secret_key.get_secret_value()
    if given:
        return given
    path = env.folder / SECRET_KEY_FILE
    env.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        # Written whole under another name and then linked: two processes that start at once agree
        # on one key, and neither reads half of one.
        draft = path.with_name(f"{SECRET_KEY_FILE}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
