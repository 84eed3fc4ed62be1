"""How a name is compared: its words without accents, and which words are nearly the same.

Words are near by the restricted Damerau–Levenshtein distance (a letter more, less, other, or two
that changed places). Candidates come from deletion neighbourhoods, as SymSpell makes them: two
words within ``k`` errors have something in common once at most ``k`` letters are left out of the
first seven of each. So no list of all words is read, nor kept in memory.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations

from rapidfuzz.distance import OSA

from pupitre.flow.identify.models.search import WORD_CHARACTERS

SHORTEST_NEAR = 4  # letters; shorter words are all near each other
TWO_ERRORS_FROM = 8  # letters
_PREFIX = 7
_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
_CHUNK = re.compile(r"\S+")
_PART = re.compile(r"[^\W_]+")
_MOST_WORDS = 12  # of one name


def folded(text: str) -> str:
    """Without accents or capitals: « Hélène » and "HELENE" are the same."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in apart if not unicodedata.combining(character))
    return bare.translate(_LETTERS)


def words_of(name: str) -> tuple[str, ...]:
    """The words under which a name is found: the parts of a compound, and the whole in one."""
    found: dict[str, None] = {}
    for chunk in _CHUNK.findall(folded(name)):
        parts = _PART.findall(chunk)
        for word in (*parts, "".join(parts)):
            if len(word) > 1:
                found[word[:WORD_CHARACTERS]] = None
    return tuple(found)[:_MOST_WORDS]


def asked_for(text: str) -> tuple[str, ...]:
    """The words that somebody typed. A letter alone counts as soon as others stand before it."""
    found = [
        word for word in _PART.findall(folded(text).replace("'", " ").replace("’", " ")) if word
    ]
    if len(found) > 1:
        found = [word for word in found[:-1] if len(word) > 1] + found[-1:]
    return tuple(dict.fromkeys(word[:WORD_CHARACTERS] for word in found))[:_MOST_WORDS]


def errors_allowed(one: str, other: str) -> int:
    """How many errors still make the same word: by the shorter of the two."""
    shortest = min(len(one), len(other))
    if shortest < SHORTEST_NEAR:
        return 0
    return 2 if shortest >= TWO_ERRORS_FROM else 1


def distance(one: str, other: str) -> int | None:
    """How many errors lie between two words; None where that is too many."""
    most = errors_allowed(one, other)
    errors = OSA.distance(one, other, score_cutoff=most)
    return errors if errors <= most else None


def near_keys(word: str) -> frozenset[int]:
    """Hashes of what is left of the word without one letter, or without two of a long one."""
    if len(word) < SHORTEST_NEAR or not word.isalpha():
        return frozenset()
    most = 2 if len(word) >= TWO_ERRORS_FROM else 1
    return frozenset(_hash(text) for text in _without(word[:_PREFIX], most))


def _without(text: str, most: int) -> Iterator[str]:
    for count in range(most + 1):
        for kept in combinations(text, len(text) - count):
            yield "".join(kept)


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
