"""What must be there before anything is served: tables, and static files named by their content."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.core.management import call_command

from pupitre import __version__

SIGNATURE_FILE = "static.signature"


def migrate() -> None:
    """Bring the database up to this version: tables, and the cache that processes share."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def collect_static() -> None:
    """Copy, name by content and compress the static files, unless they are as they were."""
    if settings.DEBUG or not isinstance(staticfiles_storage, ManifestStaticFilesStorage):
        return
    now = signature()
    kept = settings.DATA_DIR / SIGNATURE_FILE
    collected = (settings.STATIC_ROOT / staticfiles_storage.manifest_name).exists()
    if collected and kept.exists() and kept.read_text(encoding="ascii") == now:
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    kept.write_text(now, encoding="ascii")


def signature() -> str:
    """A digest of every static file's name, size and time, and of the version that collects."""
    digest = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            size, changed = storage.size(path), storage.get_modified_time(path)
            digest.update(f"{path}\0{size}\0{changed.isoformat()}\n".encode())
    return digest.hexdigest()
