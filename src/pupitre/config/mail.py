"""Which server takes our e-mails, from one address: smtp://, smtp+starttls:// or smtps://."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from pupitre.config.environment import Environment, is_loopback, variable

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
BACKENDS = "django.core.mail.backends"
PATIENCE_SECONDS = 20


def mail_settings(env: Environment) -> dict[str, Any]:
    """Django's EMAIL_ settings. Without a server, each message is a file in the data folder."""
    address = env.email_url.get_secret_value()
    if not address:
        return {"EMAIL_BACKEND": f"{BACKENDS}.filebased.EmailBackend"}
    try:
        parts = urlsplit(address)
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        # The address itself is not repeated: it may hold a password.
        raise ImproperlyConfigured(
            f"{variable('email_url')} must look like smtp://host:25, "
            "smtp+starttls://user:password@host:587 or smtps://user:password@host:465."
        ) from None
    if parts.password and parts.scheme == "smtp" and not is_loopback(parts.hostname or ""):
        raise ImproperlyConfigured(
            f"{variable('email_url')} would send a password unencrypted: use smtp+starttls:// or "
            "smtps://."
        )
    return {
        "EMAIL_BACKEND": f"{BACKENDS}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": PATIENCE_SECONDS,
    }
