"""A data folder in which sources stand open: `python -m tests.sdks.preparing SOURCE[=ORIGIN]…`.

In a process of its own, for its settings are those of the Pupitre that will be served from that
folder. Prints each source's write key, as JSON.
"""

from __future__ import annotations

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pupitre.config.settings")
django.setup()

from pupitre.config import prepare  # noqa: E402
from pupitre.flow.collect.tests.sources_kit import (  # noqa: E402
    a_company_with_sources_in_its_matrix,
    a_key,
    a_source,
)


def main(wanted: list[str]) -> dict[str, str]:
    """Source → key. Opened as people open them: asked for, advised on, approved, given a key."""
    prepare.migrate()
    company = a_company_with_sources_in_its_matrix()
    keys = {}
    for one in wanted:
        name, _, origin = one.partition("=")
        a_source(company, name, allowed_origins=(origin,) if origin else ())
        keys[name] = a_key(company, name).text
    return keys


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1:])))  # noqa: T201
