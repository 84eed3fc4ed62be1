"""What search brings: the index of names, as a store."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from pupitre.core.contributions import Store, stores
from pupitre.flow.identify.following.rounds import listeners
from pupitre.flow.identify.search import following, indexing


def contribute() -> None:
    listeners.add("identify.names", following.listen)
    stores.add(
        "identify.names",
        Store(
            name="names",
            engine="database",
            holds=_("The index of names, and the ends of cards and telephones"),
            tables=("identify_word", "identify_nearword", "identify_wordof"),
            erase=indexing.erase,
            erases_tables=True,
        ),
    )
