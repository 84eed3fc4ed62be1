"""The tables of this room, a file for each matter."""

from pupitre.flow.identify.models.book import (
    Bookmark,
    Forgotten,
    Hand,
    HandLink,
    Identifier,
    Link,
    Rule,
    Spelling,
    Standing,
    Use,
)
from pupitre.flow.identify.models.traits import Trait

__all__ = [
    "Bookmark",
    "Forgotten",
    "Hand",
    "HandLink",
    "Identifier",
    "Link",
    "Rule",
    "Spelling",
    "Standing",
    "Trait",
    "Use",
]
