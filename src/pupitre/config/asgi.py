"""The ASGI entrance, for any server: `pupitre.config.asgi:application`."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pupitre.config.settings")
_pages = get_asgi_application()

from pupitre.config.entrance import entrance  # noqa: E402  (settings must be loaded first)

application = entrance(_pages)
