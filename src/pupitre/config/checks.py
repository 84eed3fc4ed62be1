"""What `pupitre doctor` looks at. A check says what it saw, or raises Unhealthy with a remedy."""

from __future__ import annotations

import re
import shutil
import stat
import sys
import tempfile
from importlib import metadata

from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.cache import cache
from django.core.mail import get_connection
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from pupitre import __version__
from pupitre.config import environment, messages
from pupitre.config.lock import is_working
from pupitre.core.contributions import HealthCheck, Unhealthy

OLDEST_PYTHON = (3, 11)
FREE_BYTES_WANTED = 1_000_000_000
MAIL_PATIENCE_SECONDS = 5


def python() -> str:
    here = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise Unhealthy(here, "Install Python 3.11 or newer.")
    return here


def packages() -> str:
    wanted = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in metadata.requires("pupitre") or ()
    }
    installed = {re.sub(r"[-_.]+", "-", found.name).lower() for found in metadata.distributions()}
    missing = sorted(
        name for name in wanted if re.sub(r"[-_.]+", "-", name).lower() not in installed
    )
    if missing:
        raise Unhealthy(
            f"missing: {', '.join(missing)}",
            "pip install --require-hashes -r requirements/run.txt",
        )
    return f"Pupitre {__version__}, {len(wanted)} packages that it needs"


def variables() -> str:
    unknown = environment.unknown_variables()
    if unknown:
        raise Unhealthy(
            f"unknown: {', '.join(unknown)}",
            "Correct the name, or take it away; docs/operators/settings.md has them all.",
        )
    return "every PUPITRE_ variable is a known setting"


def exposure() -> str:
    env = environment.load()
    if env.demo or env.debug:
        return "demonstration, on this machine alone" if env.demo else "debug pages, this machine"
    if not environment.is_loopback(env.host) and not env.public_url:
        raise Unhealthy(
            f"listens on {env.host}, and no public address is set",
            "Set PUPITRE_PUBLIC_URL to the address that people type, such as https://pupitre.example.",
        )
    if not settings.SECURE and not environment.is_loopback(env.public_host):
        raise Unhealthy(
            f"{env.address} is not encrypted",
            "Put a TLS proxy in front, and let PUPITRE_PUBLIC_URL begin with https://.",
        )
    return env.address


def database() -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Unhealthy(
            str(error).strip().splitlines()[0],
            "Start the database, or correct DATABASE_URL.",
        ) from error
    if connection.vendor == "sqlite":
        return f"SQLite, {settings.DATABASES[DEFAULT_DB_ALIAS]['NAME']}"
    version = ".".join(map(str, connection.get_database_version()))
    return f"{connection.display_name} {version}"


def migrations() -> str:
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        raise Unhealthy("the database does not answer", "See the line on the database.") from error
    if plan:
        raise Unhealthy(f"{len(plan)} to apply", "pupitre migrate")
    return f"{len(executor.loader.applied_migrations)} applied"


def shared_cache() -> str:
    try:
        cache.set("doctor", "well", 10)
        seen = cache.get("doctor")
    except DatabaseError as error:
        raise Unhealthy("its table is missing", "pupitre migrate") from error
    if seen != "well":
        raise Unhealthy("it forgets what it is given", "pupitre migrate")
    return "keeps what it is given"


def data_folder() -> str:
    folder = settings.DATA_DIR
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        raise Unhealthy(
            f"{folder}: {error.strerror or error}",
            "Let the user that runs Pupitre write there, or set PUPITRE_DATA_DIR.",
        ) from error
    if free < FREE_BYTES_WANTED:
        raise Unhealthy(
            f"{folder}: {free / 1e9:.1f} GB free, less than {FREE_BYTES_WANTED / 1e9:.0f} GB",
            "Make room, or move PUPITRE_DATA_DIR to a larger disk.",
        )
    return f"{folder}, {free / 1e9:.0f} GB free"


def secret_key() -> str:
    env = environment.load()
    if env.secret_key.get_secret_value():
        if len(settings.SECRET_KEY) < 40:
            raise Unhealthy("shorter than 40 characters", "Give PUPITRE_SECRET_KEY a longer one.")
        return "given in the environment"
    path = env.folder / environment.SECRET_KEY_FILE
    if not path.exists():
        raise Unhealthy("not made yet", "pupitre migrate")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Unhealthy(f"{path} is open to other users", f"chmod 600 {path}")
    return f"{path}, readable by its owner alone"


def static_files() -> str:
    if settings.DEBUG or not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return "served from the source, unhashed"
    remedy = "pupitre manage collectstatic --noinput"
    hashed: dict[str, str]
    hashed, _ = staticfiles_storage.load_manifest()  # type: ignore[assignment]  # stubs are behind
    if not hashed:
        raise Unhealthy("not collected", remedy)
    gone = [name for name in hashed.values() if not staticfiles_storage.exists(name)]
    if gone:
        raise Unhealthy(f"{len(gone)} missing, {gone[0]} among them", remedy)
    return f"{len(hashed)} collected"


def translations() -> str:
    waiting = messages.stale()
    if waiting:
        raise Unhealthy(f"{len(waiting)} not compiled", "pupitre messages compile")
    return f"{len(messages.catalogues())} compiled"


def mail() -> str:
    if not settings.ENV.email_url.get_secret_value():
        return f"no server: messages are kept in {settings.EMAIL_FILE_PATH}"
    server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        door = get_connection(timeout=MAIL_PATIENCE_SECONDS)
        door.open()
        door.close()
    except OSError as error:  # smtplib's errors are OSErrors too
        raise Unhealthy(
            f"{server}: {error}", "Start the mail server, or correct PUPITRE_EMAIL_URL."
        ) from error
    return server


def worker() -> str:
    return "at work" if is_working(settings.DATA_DIR) else "not running (`pupitre run` starts one)"


# Without these nothing works: /health looks at them too, and they must stay quick.
VITAL = (
    HealthCheck("database", database),
    HealthCheck("migrations", migrations),
    HealthCheck("shared cache", shared_cache),
    HealthCheck("data folder", data_folder),
)
HOUSE = (
    HealthCheck("Python", python),
    HealthCheck("packages", packages),
    HealthCheck("settings", variables),
    HealthCheck("address", exposure),
    *VITAL,
    HealthCheck("secret key", secret_key),
    HealthCheck("static files", static_files),
    HealthCheck("translations", translations),
    HealthCheck("e-mail", mail),
    HealthCheck("worker", worker),
)
