"""Keeping the index of names: for identifiers that came or of which something was said anew.

Doing it twice does no harm, and any order gives the same: what an identifier's rows are follows
from its traits and its value alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef

from pupitre.core.erasing import Erased, Removed
from pupitre.flow.identify.book.upserting import upsert
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, NearWord, Trait, Word, WordOf
from pupitre.flow.identify.models.search import WORD_CHARACTERS
from pupitre.flow.identify.search.spelling import folded, near_keys, words_of

AT_ONCE = 500  # identifiers
ENDING = 4  # characters of a card or a telephone that people read out
ENDED = frozenset({Kind.PHONE, Kind.LOYALTY_CARD, Kind.CUSTOMER_NUMBER})
_BORNE, _NEAR = ("word_id", "identifier_id"), ("key", "word_id")
_PUNCTUATION = str.maketrans("", "", " -_")
# What sources call a name; compared without case, spaces, hyphens and underscores.
_NAMES = """
name fullname displayname firstname givenname middlename lastname surname familyname maidenname
birthname prenom nom nomdefamille nomcomplet nomdenaissance
"""
NAMES = frozenset(_NAMES.split())


def is_name(trait: str) -> bool:
    return folded(trait).translate(_PUNCTUATION) in NAMES


def index_names(identifier_pks: Iterable[int]) -> None:
    """Make the index say of these identifiers what the book says of them now."""
    for some in _chunks(identifier_pks):
        with transaction.atomic():
            _index(some)


def forget(identifier_pks: Iterable[int]) -> None:
    """Take these identifiers out, and the words that nobody else bears: before an erasure."""
    for some in _chunks(identifier_pks):
        with transaction.atomic():
            rows = WordOf.objects.filter(identifier_id__in=some)
            words = set(rows.values_list("word_id", flat=True))
            rows.delete()
            _clear(words)


def erase(erased: Erased) -> Removed:
    """Whoever asked to be erased leaves the index, and so do words that they alone bore."""
    found = WordOf.objects.filter(identifier_id__in=erased.records).count()
    forget(erased.records)
    borne = WordOf.objects.filter(word=OuterRef("pk"))
    words, _ = Word.objects.filter(~Exists(borne)).delete()  # where a cascade came before
    left = WordOf.objects.filter(identifier_id__in=erased.records).count()
    return Removed(found, left, proof=(("words", words),))


def rebuild() -> None:
    """Make the whole index again from the book."""
    last = 0
    while pks := list(
        Identifier.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    ):
        index_names(pks)
        last = pks[-1]
    Word.objects.filter(~Exists(WordOf.objects.filter(word=OuterRef("pk")))).delete()


def _chunks(pks: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(set(pks))
    for at in range(0, len(ordered), AT_ONCE):
        yield ordered[at : at + AT_ONCE]


def _index(pks: list[int]) -> None:
    wanted = _wanted(pks)
    known: set[tuple[int, str]] = set()
    gone: list[int] = []
    cleared: set[int] = set()
    standing = WordOf.objects.filter(identifier_id__in=pks)
    for row, identifier, word, text in standing.values_list(
        "pk", "identifier_id", "word_id", "word__text"
    ):
        if (identifier, text) in wanted:
            known.add((identifier, text))
        else:
            gone.append(row)
            cleared.add(word)
    if missing := wanted - known:
        ids = _words(sorted({text for _, text in missing}))
        rows = [(ids[text], pk) for pk, text in sorted(missing)]
        upsert(WordOf, _BORNE, rows, unique=_BORNE)
    WordOf.objects.filter(pk__in=gone).delete()
    _clear(cleared)


def _wanted(pks: list[int]) -> set[tuple[int, str]]:
    wanted: set[tuple[int, str]] = set()
    for pk, kind, value in Identifier.objects.filter(pk__in=pks).values_list("pk", "kind", "value"):
        if kind in ENDED and len(value) > ENDING:
            wanted.add((pk, ending_word(value)))
    there = Trait.objects.filter(identifier_id__in=pks).values_list(
        "identifier_id", "name", "value"
    )
    spoken: dict[tuple[int, str], None] = {}
    for pk, name, value in there:
        if is_name(name):
            spoken[pk, value] = None
    wanted.update((pk, word) for pk, value in spoken for word in words_of(value))
    return wanted


def ending_word(value: str) -> str:
    return f":{folded(value[-ENDING:])}"[:WORD_CHARACTERS]


def _words(texts: list[str]) -> dict[str, int]:
    """Ids of words, made where they are new."""
    ids = dict(Word.objects.filter(text__in=texts).values_list("text", "pk"))
    fresh = [text for text in texts if text not in ids]
    if fresh:
        upsert(Word, ("text",), [(text,) for text in fresh], unique=("text",))
        made = dict(Word.objects.filter(text__in=fresh).values_list("text", "pk"))
        near = ((key, pk) for text, pk in sorted(made.items()) for key in sorted(near_keys(text)))
        upsert(NearWord, _NEAR, near, unique=_NEAR)
        ids |= made
    return ids


def _clear(words: set[int]) -> None:
    if words:
        borne = WordOf.objects.filter(word=OuterRef("pk"))
        Word.objects.filter(~Exists(borne), pk__in=words).delete()
