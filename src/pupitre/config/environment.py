"""Every setting that an operator may give, declared once: name, type, default, meaning."""

from __future__ import annotations

import secrets
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """Read from environment variables named PUPITRE_…, save DATABASE_URL, which hosts agree on.

    The documentation test fails when a field here is missing from docs/operators/settings.md.
    """

    model_config = SettingsConfigDict(env_prefix="PUPITRE_", extra="ignore")

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
        description="Demonstration mode: one-click seats. Refuses any address but loopback.",
    )
    debug: bool = Field(default=False, description="Django's debug pages. Never with real data.")
    host: str = Field(default="127.0.0.1", description="Address that the server listens on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port that the server listens on.")
    public_url: str = Field(
        default="",
        description="Address that people type, with its scheme, for links in e-mails.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Further host names that may be asked for, separated by commas.",
    )
    trusted_proxies: int = Field(
        default=0, ge=0, le=5, description="How many proxies in front may tell the client's address."
    )
    time_zone: str = Field(default="Europe/Paris", description="The company's time zone (IANA name).")
    email_url: SecretStr = Field(
        default=SecretStr(""),
        description="SMTP server, smtp://user:password@host:port or smtps://; empty writes files.",
    )
    email_from: str = Field(
        default="pupitre@localhost", description="Sender of the e-mails that Pupitre sends."
    )
    digest_hour: int = Field(
        default=7, ge=0, le=23, description="Hour of the daily digest, in the company's time zone."
    )
    oidc_issuer: str = Field(
        default="", description="OpenID Connect issuer; empty leaves sign-in to passwords."
    )
    oidc_client_id: str = Field(default="", description="Client id given by the issuer.")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="Client secret given by the issuer."
    )
    oidc_name: str = Field(default="SSO", description="Name of the issuer on the sign-in button.")


def secret_key(env: Environment) -> str:
    """The key given, or one made at first start and kept, readable by its owner alone."""
    given = env.secret_key.get_secret_value()
    if given:
        return given
    path = env.data_dir / "secret_key"
    env.data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
