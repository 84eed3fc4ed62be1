"""Sentences that are kept unsaid until somebody reads them, in that reader's language.

Findings and comparisons are computed once and shown to people of two languages: what they say
holds names and a translatable pattern, and becomes text only at ``str()``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from pupitre.core.bilingual import Bilingual

T = TypeVar("T")

NAMES_SHOWN = 4  # a sentence that lists more than this is no longer read

_COUNTS = (
    pgettext_lazy("count", "no"),
    pgettext_lazy("count", "one"),
    pgettext_lazy("count", "two"),
    pgettext_lazy("count", "three"),
    pgettext_lazy("count", "four"),
    pgettext_lazy("count", "five"),
    pgettext_lazy("count", "six"),
    pgettext_lazy("count", "seven"),
    pgettext_lazy("count", "eight"),
    pgettext_lazy("count", "nine"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name in quotation marks: what people called it never blends into our sentence."""

    name: Bilingual

    def __str__(self) -> str:
        return pgettext("a name in quotation marks", "“%(name)s”") % {"name": self.name}


@dataclass(frozen=True, slots=True)
class Names:
    """Several names: “A”, “B” and “C”, or the first few and how many more there are."""

    names: tuple[Bilingual, ...]  # NAMES_SHOWN at most
    total: int

    def __str__(self) -> str:
        shown = [str(Name(name)) for name in self.names]
        left = self.total - len(shown)
        if left:
            more = ngettext("%(n)s other", "%(n)s others", left) % {"n": left}
            return _("%(names)s and %(last)s") % {"names": ", ".join(shown), "last": more}
        if len(shown) < 2:
            return "".join(shown)
        return _("%(names)s and %(last)s") % {"names": ", ".join(shown[:-1]), "last": shown[-1]}


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number as a sentence says it: in letters up to nine, in figures beyond."""

    number: int
    capital: bool = False

    def __str__(self) -> str:
        if not 0 <= self.number < len(_COUNTS):
            return str(self.number)
        word = str(_COUNTS[self.number])
        return word[:1].upper() + word[1:] if self.capital else word


Value: TypeAlias = "int | str | Bilingual | Name | Names | Count | Promise | Sentence"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A translatable pattern and what goes into it. Plural patterns count on ``n``."""

    pattern: str | Promise
    values: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        said = {
            name: value if isinstance(value, int) else str(value)
            for name, value in self.values.items()
        }
        return str(self.pattern % said)

    def __hash__(self) -> int:
        return hash(tuple(self.values))


def say(pattern: str | Promise, **values: Value) -> Sentence:
    return Sentence(pattern, MappingProxyType(values))


def names(of: Iterable[Bilingual]) -> Names:
    every = tuple(of)
    return Names(every[:NAMES_SHOWN], len(every))


def named(things: Collection[T], called: Callable[[T], Bilingual]) -> Names:
    """As ``names``, where there may be hundreds and only the first few need to be called."""
    return Names(tuple(called(thing) for thing in islice(things, NAMES_SHOWN)), len(things))
