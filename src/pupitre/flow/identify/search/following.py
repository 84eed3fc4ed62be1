"""The index of names follows what comes into the lake."""

from __future__ import annotations

from pupitre.flow.identify.following.rounds import Heard
from pupitre.flow.identify.search.indexing import index_names


def listen(heard: Heard) -> None:
    """Identifiers of which something was said, and those that are new."""
    index_names({*heard.said, *heard.moved})
