"""The settings that tests run with: the product's own, in a folder of their own, made quick.

Whatever a developer set for a Pupitre of theirs must not reach the tests, nor the other way round.
Only DATABASE_URL is kept: it is how `python -m tests.postgres` says which database to test on.
"""

from __future__ import annotations

import os
import tempfile

for name in [name for name in os.environ if name.startswith("PUPITRE_")]:
    del os.environ[name]
os.environ["PUPITRE_DATA_DIR"] = tempfile.mkdtemp(prefix="pupitre-tests-")
os.environ["PUPITRE_SECRET_KEY"] = "no secret: the tests' own key"

from pupitre.config.settings import *  # noqa: E402, F403
from pupitre.config.settings import DATA_DIR, DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production, so that two connections race as they do there; a test's data need
    # not survive a power cut.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = DATABASES["default"]["OPTIONS"][
        "init_command"
    ].replace("synchronous=FULL", "synchronous=OFF")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
