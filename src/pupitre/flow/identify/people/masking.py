"""What a seat may not see is taken out, once, for pages and exports alike.

A value is hidden for the kind of its field; and wherever else it stands, in an address of a page
or in the middle of a sentence, for being one of this person's hidden values or for looking like an
address or a telephone number. What is hidden is not in what is given back.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus

from pupitre.flow.identify.claiming import kind_of
from pupitre.flow.identify.people.activities import PERSON_READ
from pupitre.flow.identify.people.fields import CONTACTS, SHOWN_BY, FieldKind, kind_of_property
from pupitre.rules.mandate.queries import letters_of

MASK = "•••"
MOST_FIELDS = 200  # of one event
_SHORTEST = 3  # characters of a value that is looked for elsewhere
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"'=&?/]+(?:@|%40)[^\s@<>()\[\],;:\"'=&?/]+")
_PHONE = re.compile(r"(?<![\w-])(?:\+|%2B|00|0)[1-9](?:[\s.\u00a0\u202f-]?\d){7,13}(?![\w-])")
_DIGITS = re.compile(r"\d(?:[\s._\u00a0\u202f-]?\d){7,}")  # in the name of a field
_PIECE = re.compile(r"[^\s/?&=#;]+")
_LAYERS = 3  # an address within an address is written so twice

Sees = frozenset[FieldKind]
EVERYTHING: Sees = frozenset(FieldKind)


@dataclass(frozen=True, slots=True)
class Field:
    """A value with its name. ``hidden``: it was there, and this seat may not see it."""

    name: str
    value: str
    kind: FieldKind
    hidden: bool = False


def sees(seat_id: int | None) -> Sees:
    """The kinds of fields that a seat sees, by the matrix in force; nothing without any letter."""
    if not letters_of(activity=PERSON_READ.key, seat_id=seat_id):
        return frozenset()
    shown = {kind for kind, by in SHOWN_BY.items() if letters_of(activity=by.key, seat_id=seat_id)}
    return frozenset({FieldKind.PLAIN, *shown})


def masked(fields: Iterable[Field], seen: Sees) -> tuple[Field, ...]:
    """The same fields, those that the seat may not see without their values."""
    given = tuple(fields)
    hidden = hidden_values(given, seen)
    return tuple(_masked(field, seen, hidden) for field in given)


def hidden_values(fields: Iterable[Field], seen: Sees) -> tuple[str, ...]:
    """Values that must not stand anywhere, longest first."""
    values = {field.value.casefold() for field in fields if field.kind not in seen}
    return tuple(sorted((v for v in values if len(v) >= _SHORTEST), key=len, reverse=True))


def _masked(field: Field, seen: Sees, hidden: tuple[str, ...]) -> Field:
    name = scrubbed(field.name, seen, hidden, names=True)
    if field.kind not in seen:
        return replace(field, name=name, value="", hidden=True)
    return replace(field, name=name, value=scrubbed(field.value, seen, hidden))


def scrubbed(text: str, seen: Sees, hidden: Iterable[str] = (), *, names: bool = False) -> str:
    """A text without what it says of hidden things, as it stands or as addresses of pages write it.

    ``names``: it is the name of a field, which a source makes of values too; then a row of digits
    that may be a telephone is taken for one.
    """
    known = tuple(hidden)
    plain = _scrubbed(text, seen, known, names=names)
    for _layer in range(_LAYERS):
        if "%" not in text and "+" not in text:
            break
        opened = unquote_plus(text)
        if opened == text:
            break
        if _scrubbed(opened, seen, known, names=names) != opened:
            plain = _pieces(plain, seen, known, names=names)
        text = opened
    return plain


def _pieces(text: str, seen: Sees, hidden: tuple[str, ...], *, names: bool) -> str:
    """The pieces between separators of an address: whichever hides something goes."""

    def piece(found: re.Match[str]) -> str:
        opened = found[0]
        for _layer in range(_LAYERS):
            opened = unquote_plus(opened)
            if _scrubbed(opened, seen, hidden, names=names) != opened:
                return MASK
        return found[0]

    kept = _PIECE.sub(piece, text)
    opened = unquote_plus(kept)
    # What is hidden only across separators leaves nothing.
    return kept if _scrubbed(opened, seen, hidden, names=names) == opened else MASK


def _scrubbed(text: str, seen: Sees, hidden: tuple[str, ...], *, names: bool) -> str:
    if FieldKind.CONTACT not in seen:
        text = _PHONE.sub(MASK, _EMAIL.sub(MASK, text))
        if names:
            text = _DIGITS.sub(MASK, text)
    for value in hidden:
        if value in text.casefold():
            text = re.sub(re.escape(value), MASK, text, flags=re.IGNORECASE)
            if value in text.casefold():  # letters that change their length with their case
                return MASK
    return text


def masked_event(
    parts: Mapping[str, str], seen: Sees, hidden: Iterable[str] = ()
) -> tuple[Field, ...]:
    """The fields of an event, opened: ``parts`` gives by its name each JSON text that it has."""
    known = tuple(hidden)
    fields: list[Field] = []
    for text in parts.values():
        for name, value, kind in _opened(_read(text), "", FieldKind.PARTICULAR):
            if len(fields) == MOST_FIELDS:
                return tuple(fields)
            fields.append(_masked(Field(name, value, kind), seen, known))
    return tuple(fields)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {"text": text} if text else {}


def _opened(value: Any, path: str, kind: FieldKind) -> Iterator[tuple[str, str, FieldKind]]:
    if isinstance(value, dict):
        contact = kind_of(str(value.get("type", ""))) in CONTACTS
        for name, inner in value.items():
            told = kind_of_property(str(name))
            if kind not in (FieldKind.PLAIN, FieldKind.PARTICULAR) and told is FieldKind.PLAIN:
                told = kind  # what lies inside of an address is a part of the address
            if contact and name == "id":
                told = FieldKind.CONTACT
            yield from _opened(inner, f"{path}.{name}" if path else str(name), told)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _opened(inner, f"{path} {number}", kind)
    elif isinstance(value, bool):
        yield path, "true" if value else "false", FieldKind.PLAIN
    elif value is not None and value != "":
        yield path, str(value), kind
