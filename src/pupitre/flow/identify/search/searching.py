"""Finding people by an identifier of any kind, in any spelling, or by their name, nearly written.

First what is certain (an identifier, the number of a page), then the end of a card or a
telephone, then names: as typed, then the last word unfinished, then with typing errors.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, NearWord, Word, WordOf
from pupitre.flow.identify.normalising import MAX_CHARACTERS, Named, Setting, normalised
from pupitre.flow.identify.search.indexing import ENDING, ending_word
from pupitre.flow.identify.search.spelling import asked_for, distance, folded, near_keys

REACHED = (Kind.EMAIL, Kind.PHONE, Kind.SOCIAL)  # kinds by which somebody is written to or called
MOST = 20  # people
_MOST_ROWS = 200  # identifiers looked at for them
_NEAR_WORDS = 40  # for each word that was typed, nearest first
_UNFINISHED_WORDS = 400
_FEW = 2_000  # rows that are looked through one by one
_NUMBER = re.compile(r"(?:n[o°º]?\s*)?(\d[\d\s\u00a0\u202f]{0,20})")
_SPACES = re.compile(r"[\s\u00a0\u202f.\-]+")


class Why(enum.StrEnum):
    """How somebody was found."""

    IDENTIFIER = "identifier"
    NUMBER = "number"
    ENDING = "ending"
    NAME = "name"
    NEARLY = "nearly"  # by a name that is written nearly so


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody found, by which identifier. ``person`` is None where it says who nobody is."""

    identifier: int
    kind: str
    person: int | None
    why: Why


def find(
    text: str, *, setting: Setting, limit: int = MOST, contacts: bool = True
) -> tuple[Hit, ...]:
    """Whoever is meant, the surest first; each person once. ``contacts``: whether a part of a
    telephone or an address finds; a seat that may not see them would guess them by parts."""
    text = text.strip()[:MAX_CHARACTERS]
    found: dict[object, Hit] = {}
    if text:
        for hit in _ways(text, setting, contacts=contacts):
            key = hit.person if hit.person is not None else ("identifier", hit.identifier)
            found.setdefault(key, hit)
            if len(found) >= limit:
                break
    return tuple(found.values())


def _ways(text: str, setting: Setting, *, contacts: bool) -> Iterator[Hit]:
    exact = tuple(_by_identifier(text, setting))
    yield from exact
    yield from _by_number(text)
    if not any(hit.kind in (Kind.EMAIL, Kind.PHONE) for hit in exact):
        yield from _by_ending(text, contacts=contacts)
        yield from _by_name(asked_for(text))


def _by_identifier(text: str, setting: Setting) -> Iterator[Hit]:
    spelt: dict[str, set[str]] = {}
    for known in Kind:
        value, named = normalised(known, text, setting)
        if named is Named.ONE:
            spelt.setdefault(value, set()).add(known)
    rows = Identifier.objects.filter(value__in=spelt).values_list("pk", "kind", "value", "person")
    order = {kind.value: place for place, kind in enumerate(Kind)}
    for pk, kind, value, person in sorted(rows, key=lambda row: (order[row[1]], row[0])):
        if kind in spelt[value]:
            yield Hit(pk, kind, person, Why.IDENTIFIER)


def _by_number(text: str) -> Iterator[Hit]:
    said = _NUMBER.fullmatch(text.casefold())
    number = int(_SPACES.sub("", said[1])) if said else 0
    if 0 < number < 2**63:
        for pk, kind, person in Identifier.objects.filter(pk=number).values_list(
            "pk", "kind", "person"
        ):
            yield Hit(pk, kind, person, Why.NUMBER)


def _by_ending(text: str, *, contacts: bool) -> Iterator[Hit]:
    """The last four characters or more, as somebody reads them out from a card."""
    end = folded(_SPACES.sub("", text))
    if len(end) < ENDING or not any(character.isdigit() for character in end):
        return
    rows = WordOf.objects.filter(word__text=ending_word(end)).values_list(
        "identifier_id", "identifier__kind", "identifier__person", "identifier__value"
    )
    if not contacts:
        rows = rows.exclude(identifier__kind__in=REACHED)
    if len(end) > ENDING:
        rows = rows.filter(identifier__value__iendswith=end)
    for pk, kind, person, value in rows[:_MOST_ROWS]:
        if folded(value).endswith(end) and (contacts or not _reaches(value)):
            yield Hit(pk, kind, person, Why.ENDING)


def _reaches(value: str) -> bool:
    """A card or an account that is itself an address or a telephone."""
    return "@" in value or normalised(Kind.PHONE, value, Setting())[1] is Named.ONE


def _by_name(words: tuple[str, ...]) -> Iterator[Hit]:
    if not words or (len(words) == 1 and len(words[0]) < 2):
        return
    known = dict(Word.objects.filter(text__in=words).values_list("text", "pk"))
    as_typed = [[known[word]] if word in known else [] for word in words]
    yield from _hits(_having(as_typed), Why.NAME)
    unfinished = [*as_typed[:-1], [*as_typed[-1], *_beginning(words[-1])]]
    yield from _hits(_having(unfinished), Why.NAME)
    near = [
        list(dict.fromkeys((*certain, *_near(word))))
        for certain, word in zip(unfinished, words, strict=True)
    ]
    if near != unfinished:
        yield from _hits(_having(near), Why.NEARLY)


def _beginning(word: str) -> tuple[int, ...]:
    """Words that begin so. Either database finds them by its index, each asked in its own way."""
    if len(word) < 2:
        return ()
    words = Word.objects.filter(text__gt=word)
    if connection.vendor == "postgresql":
        words = words.filter(text__startswith=word)
    else:
        words = words.filter(text__lt=word + "\U0010ffff")
    return tuple(words.order_by("text").values_list("pk", flat=True)[:_UNFINISHED_WORDS])


def _near(word: str) -> tuple[int, ...]:
    rows = NearWord.objects.filter(key__in=near_keys(word)).values_list("word_id", "word__text")
    found = []
    for pk, text in rows.distinct():
        errors = distance(word, text)
        if errors:
            found.append((errors, text, pk))
    return tuple(pk for _, _, pk in sorted(found)[:_NEAR_WORDS])


def _having(words: list[list[int]]) -> tuple[int, ...]:
    """Identifiers that bear one word of each list; the shortest list is gone through first."""
    if not all(words):
        return ()
    bearers = [WordOf.objects.filter(word_id__in=some) for some in words]
    if len(bearers) == 1:
        return _identifiers(bearers[0][:_MOST_ROWS])
    few = [len(rows.values_list("pk", flat=True)[: _FEW + 1]) for rows in bearers]
    ordered = [bearers[place] for place in sorted(range(len(few)), key=lambda place: few[place])]
    if min(few) <= _FEW:
        kept: Iterable[int] = _identifiers(ordered[0])
        for rows in ordered[1:]:
            kept = _identifiers(rows.filter(identifier_id__in=kept)) if kept else ()
        return tuple(kept)[:_MOST_ROWS]
    alone = [rows.order_by().values_list("identifier_id", flat=True) for rows in ordered]
    return tuple(alone[0].intersection(*alone[1:])[:_MOST_ROWS])


def _identifiers(rows: QuerySet[WordOf]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(rows.values_list("identifier_id", flat=True)))


def _hits(pks: tuple[int, ...], why: Why) -> Iterator[Hit]:
    rows = Identifier.objects.filter(pk__in=pks).values_list("pk", "kind", "person")
    for pk, kind, person in sorted(rows, key=lambda row: (row[2] or row[0], row[0])):
        yield Hit(pk, kind, person, why)
