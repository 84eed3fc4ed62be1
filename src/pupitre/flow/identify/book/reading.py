"""Whose an identifier is, and what a person is known by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pupitre.flow.identify.claiming import STRENGTH
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, Standing


@dataclass(frozen=True, slots=True)
class Identified:
    """An identifier as it stands."""

    pk: int
    kind: Kind
    value: str
    standing: Standing


def person_of(number: int) -> int | None:
    """The person that this number leads to now; it was any of that person's numbers once. None:
    there is none, or it is an identifier that says nothing about who somebody is."""
    return Identifier.objects.filter(pk=number).values_list("person", flat=True).first()


def people_of(numbers: Iterable[int]) -> dict[int, int]:
    """The same of many; those that lead to nobody are left out."""
    asked = sorted(set(numbers))
    found: dict[int, int] = {}
    for start in range(0, len(asked), 10_000):
        rows = Identifier.objects.filter(
            pk__in=asked[start : start + 10_000], person__isnull=False
        ).values_list("pk", "person")
        found.update((pk, person) for pk, person in rows if person is not None)
    return found


def identifiers_of(person: int) -> tuple[Identified, ...]:
    """Strongest first. Nothing where there is no such person (any more)."""
    rows = Identifier.objects.filter(person=person).values_list("pk", "kind", "value", "standing")
    found = [Identified(pk, Kind(kind), value, Standing(there)) for pk, kind, value, there in rows]
    return tuple(sorted(found, key=lambda one: (STRENGTH[one.kind], one.pk)))


def strongest_of(person: int) -> int | None:
    """The identifier that what is said of a person is attached to."""
    found = identifiers_of(person)
    return found[0].pk if found else None
