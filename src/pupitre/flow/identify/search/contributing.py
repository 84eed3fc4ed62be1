"""What search brings: the index of names, as a store."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import Store, stores


def contribute() -> None:
    stores.add(
        "identify.names",
        Store(
            name="names",
            engine="database",
            holds=_("The index of names, and the ends of cards and telephones"),
            tables=("identify_word", "identify_nearword", "identify_wordof"),
        ),
    )
