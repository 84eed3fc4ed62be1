"""Standing facts about people that others ask for: whose data is restricted, who objects."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre.flow.identify.models import Identifier, Restraint

AT_ONCE = 500


def restricted(person: int) -> bool:
    """Whether this person's data may only be kept (art. 18): no use, no message, no profile."""
    return bool(restricted_among([person]))


def objects(person: int) -> bool:
    """Whether this person objects to prospecting (art. 21(2))."""
    return bool(objecting_among([person]))


def restricted_among(people: Iterable[int]) -> set[int]:
    return _among(people, Restraint.Kind.RESTRICTED)


def objecting_among(people: Iterable[int]) -> set[int]:
    return _among(people, Restraint.Kind.OBJECTS)


def _among(people: Iterable[int], kind: Restraint.Kind) -> set[int]:
    """Any key that ever named a person leads to them: what was merged is asked as one."""
    asked = list(dict.fromkeys(people))
    found: set[int] = set()
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        now = dict(Identifier.objects.filter(pk__in=some).values_list("pk", "person"))
        whose = {now.get(one) or one for one in some}
        held = set(
            Restraint.objects.filter(
                kind=kind, until__isnull=True, identifier__person__in=whose
            ).values_list("identifier__person", flat=True)
        )
        found.update(one for one in some if (now.get(one) or one) in held)
    return found
