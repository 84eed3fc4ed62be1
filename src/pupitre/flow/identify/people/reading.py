"""What a person's page shows, as this reader may see it: what is hidden is left out here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from pupitre.core.bilingual import Bilingual
from pupitre.core.microseconds import instant
from pupitre.flow.collect.queries import source_names
from pupitre.flow.identify.book.reading import Identified, identifiers_of
from pupitre.flow.identify.claiming import STRENGTH
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import HandLink, Identifier, Link, Rule, Standing
from pupitre.flow.identify.people.fields import (
    FieldKind,
    kind_of_identifier,
    kind_of_trait,
)
from pupitre.flow.identify.people.masking import Field, Sees, hidden_values, masked
from pupitre.flow.identify.people.telling import Text
from pupitre.flow.identify.search.indexing import ENDING
from pupitre.flow.identify.traits.choosing import DESK
from pupitre.flow.identify.traits.names import LABELS
from pupitre.flow.identify.traits.reading import ShownTrait, profile, profiles

Names = Mapping[str, Bilingual]  # of sources, by key
MOST_IDENTIFIERS = 100
MOST_EVIDENCE = 100
_NAMED = ("given_name", "surname")

KINDS: Mapping[str, Text] = {
    Kind.USER_ID: gettext_lazy("Account"),
    Kind.CUSTOMER_NUMBER: gettext_lazy("Customer number"),
    Kind.LOYALTY_CARD: gettext_lazy("Loyalty card"),
    Kind.EMAIL: gettext_lazy("E-mail address"),
    Kind.PHONE: gettext_lazy("Telephone number"),
    Kind.SOCIAL: gettext_lazy("Account on a network"),
    Kind.ORDER: gettext_lazy("Order"),
    Kind.DEVICE: gettext_lazy("Device"),
    Kind.ANONYMOUS_ID: pgettext_lazy("identifier", "Browser"),
}
STANDINGS: Mapping[int, Text] = {
    Standing.HEARD: gettext_lazy("says who they are"),
    Standing.CROWDED: gettext_lazy("set aside: it stands beside too many others"),
    Standing.BETWEEN: gettext_lazy("joins nobody: two people who are known apart both use it"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A trait: the value that is shown, with who said it, and what else was said."""

    label: Text
    shown: Field
    said: tuple[tuple[Field, tuple[tuple[str, datetime, datetime], ...]], ...]
    several: bool
    corrected: bool


@dataclass(frozen=True, slots=True)
class Known:
    """An identifier, and what it is worth."""

    label: Text
    field: Field
    standing: Text
    heard: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why two identifiers are one person's."""

    one: str
    other: str
    rule: Text
    source: str
    message: str
    at: datetime
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as a reader sees them."""

    number: int
    name: str
    known_by: str
    lines: tuple[Line, ...]
    identifiers: tuple[Known, ...]
    more_identifiers: int
    evidence: tuple[Evidence, ...]
    hidden: tuple[str, ...]  # values that must stand nowhere on the page
    masks: bool  # whether anything is hidden from this reader


def person(number: int, *, seen: Sees) -> Person:
    traits = profile(number)
    identifiers = identifiers_of(number)
    fields = (*_trait_fields(traits), *(_field(one) for one in identifiers))
    hidden = hidden_values(fields, seen)
    names = source_names()
    return Person(
        number=number,
        name=shown_name({one.trait: one.value for one in traits}),
        known_by=known_by(identifiers),
        lines=tuple(_line(one, seen, names) for one in sorted(traits, key=_place)),
        identifiers=tuple(_known(one, seen) for one in identifiers[:MOST_IDENTIFIERS]),
        more_identifiers=max(0, len(identifiers) - MOST_IDENTIFIERS),
        evidence=_evidence(identifiers, seen, names),
        hidden=hidden,
        masks=any(field.kind not in seen for field in fields),
    )


def known_as(identifiers: Iterable[Identified | int], *, seen: Sees) -> tuple[Known, ...]:
    """Identifiers, or their keys, as a reader sees them; strongest first where they are keys."""
    given = list(identifiers)
    keys = [one for one in given if isinstance(one, int)]
    rows = Identifier.objects.filter(pk__in=keys).values_list("pk", "kind", "value", "standing")
    read = [Identified(pk, Kind(kind), value, Standing(there)) for pk, kind, value, there in rows]
    read.sort(key=lambda one: (STRENGTH[one.kind], one.pk))
    whole = [*(one for one in given if isinstance(one, Identified)), *read]
    return tuple(_known(one, seen) for one in whole[:MOST_IDENTIFIERS])


def names_of(people: Iterable[int]) -> Mapping[int, Mapping[str, str]]:
    """By person, the traits that tell one from another: names, and the town."""
    found: dict[int, dict[str, str]] = {}
    table = profiles(people)
    for number, trait, value in zip(
        table["person"].to_pylist(), table["trait"].to_pylist(), table["value"].to_pylist(),
        strict=True,
    ):  # fmt: skip
        found.setdefault(number, {})[trait] = value
    return found


def ends_of_cards(people: Iterable[int]) -> Mapping[int, str]:
    """The last characters of a card of each, as it is read out in a shop."""
    cards = Identifier.objects.filter(person__in=list(people), kind=Kind.LOYALTY_CARD)
    rows = cards.order_by("-pk").values_list("person", "value")
    return {
        person: value[-ENDING:]
        for person, value in rows
        if person is not None and kind_of_identifier(Kind.LOYALTY_CARD, value) is FieldKind.PLAIN
    }


def shown_name(traits: Mapping[str, str]) -> str:
    """Empty where nobody has said it."""
    whole = " ".join(traits[part] for part in _NAMED if traits.get(part))
    return whole or next((value for key, value in traits.items() if _is_whole(key) and value), "")


def _is_whole(trait: str) -> bool:
    return trait.casefold().replace("_", "").replace(" ", "") in ("name", "fullname", "nomcomplet")


def known_by(identifiers: Iterable[Identified]) -> str:
    """« Connue par une carte, deux adresses et un téléphone. »"""
    counts = Counter(one.kind for one in identifiers if one.standing == Standing.HEARD)
    parts = [_count_of(kind, counts[kind]) for kind in Kind if counts[kind]]
    if not parts:
        return ""
    listed = ", ".join(parts[:-1])
    listed = (
        _("%(these)s and %(last)s") % {"these": listed, "last": parts[-1]} if listed else parts[-1]
    )
    return _("Known by %(identifiers)s.") % {"identifiers": listed}


def _count_of(kind: Kind, n: int) -> str:
    words = {
        Kind.USER_ID: ngettext("an account", "%(n)s accounts", n),
        Kind.CUSTOMER_NUMBER: ngettext("a customer number", "%(n)s customer numbers", n),
        Kind.LOYALTY_CARD: ngettext("a card", "%(n)s cards", n),
        Kind.EMAIL: ngettext("an e-mail address", "%(n)s e-mail addresses", n),
        Kind.PHONE: ngettext("a telephone", "%(n)s telephones", n),
        Kind.SOCIAL: ngettext("a network account", "%(n)s network accounts", n),
        Kind.ORDER: ngettext("an order", "%(n)s orders", n),
        Kind.DEVICE: ngettext("a device", "%(n)s devices", n),
        Kind.ANONYMOUS_ID: ngettext("a browser", "%(n)s browsers", n),
    }
    return words[kind] % {"n": n}


def _trait_fields(traits: Iterable[ShownTrait]) -> Iterable[Field]:
    for one in traits:
        kind = kind_of_trait(one.trait)
        for value in (one.value, *(other.value for other in one.others)):
            yield Field(one.trait, value, _stricter(kind, value))


def _place(one: ShownTrait) -> tuple[int, str]:
    """Names first, then as the traits' own list has them; what sources alone name comes last."""
    known = list(LABELS)
    return known.index(one.trait) if one.trait in LABELS else len(known), one.trait


def _stricter(kind: FieldKind, value: str) -> FieldKind:
    """An address in a field of another name is an address all the same."""
    plain = kind is FieldKind.PLAIN
    return kind_of_identifier("", value) if plain else kind


def trait_field(trait: str, value: str, *, seen: Sees) -> Field:
    """The value of a trait, as a reader sees it."""
    (field,) = masked([Field(trait, value, _stricter(kind_of_trait(trait), value))], seen)
    return field


def _line(one: ShownTrait, seen: Sees, names: Names) -> Line:
    def hide(value: str) -> Field:
        return trait_field(one.trait, value, seen=seen)

    said = [(hide(one.value), one.voices), *((hide(o.value), o.voices) for o in one.others)]
    return Line(
        label=str(one.label),
        shown=said[0][0],
        said=tuple(
            (
                field,
                tuple((_source(v.source, names), v.first_at, v.last_at) for v in voices),
            )
            for field, voices in said
        ),
        several=bool(one.others),
        corrected=bool(one.voices) and one.voices[0].source == DESK,
    )


def _source(key: str, names: Names) -> str:
    return _("the desk") if key == DESK else str(names.get(key, key))


def _field(one: Identified) -> Field:
    return Field(one.kind.value, one.value, kind_of_identifier(one.kind, one.value))


def _known(one: Identified, seen: Sees) -> Known:
    (field,) = masked([_field(one)], seen)
    heard = one.standing == Standing.HEARD
    return Known(KINDS[one.kind], field, STANDINGS[one.standing], heard)


def _evidence(
    identifiers: tuple[Identified, ...], seen: Sees, names: Names
) -> tuple[Evidence, ...]:
    """What joins this person's identifiers; never a word of anybody else's."""
    called = {one.pk: _called(one, seen) for one in identifiers[:MOST_IDENTIFIERS]}
    keys = list(called)
    links = Link.objects.filter(a__in=keys, b__in=keys).order_by("first_us", "pk")
    found = [
        Evidence(
            called[link.a_id],
            called[link.b_id],
            _("likely matches") if link.rule == Rule.ALIKE else _("one event said both"),
            str(names.get(link.source, link.source)),
            link.message_id,
            instant(link.first_us),
        )
        for link in links[:MOST_EVIDENCE]
    ]
    hands = HandLink.objects.filter(
        Q(a__in=keys), Q(b__in=keys), hand__taken_back_at=None, hand__joins=True
    )
    for one in hands.select_related("hand").order_by("hand__at")[:MOST_EVIDENCE]:
        hand = one.hand
        by, why = (hand.by, hand.reason if FieldKind.WORDS in seen else "")
        ends = called[one.a_id], called[one.b_id]
        found.append(Evidence(*ends, _("a hand joined them"), "", "", hand.at, by, why))
    return tuple(found)


def _called(one: Identified, seen: Sees) -> str:
    field = _known(one, seen).field
    return str(KINDS[one.kind]) if field.hidden else f"{KINDS[one.kind]} {field.value}"


def why_nobody(identifier: Identifier) -> tuple[Text, Text]:
    """What an identifier that names nobody is, and why that is so."""
    kind = KINDS[identifier.kind]
    if identifier.standing == Standing.CROWDED:
        words = ngettext(
            "It stands beside one other identifier: too many for one person.",
            "It stands beside %(count)s other identifiers: too many for one person.",
            identifier.neighbours,
        )
        return kind, words % {"count": identifier.neighbours} + " " + _(
            "So it says nothing about who somebody is, and nobody’s history is read by it."
        )
    if identifier.standing == Standing.BETWEEN:
        return kind, _(
            "People who are known apart both use it, as a family uses one telephone. So it belongs "
            "to neither, and their histories stay apart."
        )
    return kind, _(
        "A browser or a device passes from hand to hand: what happens on it belongs to whoever "
        "said there who they were, and else to nobody."
    )


def at_utc(value: object) -> datetime:
    if not isinstance(value, datetime):
        raise TypeError("an instant")
    return value if value.tzinfo else value.replace(tzinfo=UTC)
