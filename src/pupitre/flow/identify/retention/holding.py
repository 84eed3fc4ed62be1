"""Whose events stay whatever their age, and which identities of the lake are one person's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pupitre.flow.identify.book.upserting import parts
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import Identifier, Restraint, RightsRequest, Use
from pupitre.flow.identify.models.rights import OPEN_STATES, Right
from pupitre.flow.identify.timeline.reading import identities

AT_ONCE = 5_000
# While one of these is open, what it asks for must be there: a copy, or that nothing be deleted.
_HOLDING = (Right.ACCESS, Right.PORTABILITY, Right.RESTRICTION)


def held_identities() -> tuple[str, ...]:
    """As the lake writes them, of people whose data is restricted (article 18: kept, and not
    used; article 4(2) counts erasing as a use), or who asked for what an old event is part of. A
    device in several hands stays whole."""
    naming = _naming(_held())
    devices: set[int] = set()
    for part in parts(naming, AT_ONCE):
        devices.update(Use.objects.filter(naming__in=part).values_list("device", flat=True))
    found = identities({*naming, *devices})
    return tuple(sorted({text for texts in found.values() for text in texts}))


def _held() -> set[int]:
    """Keys of identifiers."""
    restricted = Restraint.objects.filter(kind=Restraint.Kind.RESTRICTED, until__isnull=True)
    asking = RightsRequest.objects.filter(
        right__in=_HOLDING, state__in=OPEN_STATES, identifier__isnull=False
    )
    return {
        *restricted.values_list("identifier", flat=True),
        *asking.values_list("identifier", flat=True),
    }


def _naming(keys: Iterable[int]) -> set[int]:
    """Themselves, and every identifier of the people that they are known by."""
    found = set(keys)
    people: set[int] = set()
    for part in parts(set(found), AT_ONCE):
        rows = Identifier.objects.filter(pk__in=part, person__isnull=False)
        people.update(person for person in rows.values_list("person", flat=True) if person)
    for part in parts(people, AT_ONCE):
        found.update(Identifier.objects.filter(person__in=part).values_list("pk", flat=True))
    return found


def several_identities() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Identities of the lake of people who have more than one, and beside each the person. A
    device that several people signed in on is nobody's here: it speaks for itself alone."""
    whose: dict[int, int] = {}
    accounts = Identifier.objects.filter(kind=Kind.USER_ID, person__isnull=False)
    for key, person in accounts.values_list("pk", "person").iterator(AT_ONCE):
        whose[key] = person or key
    shared: set[int] = set()
    uses = Use.objects.filter(device__kind=Kind.ANONYMOUS_ID, naming__person__isnull=False)
    for device, person in uses.values_list("device", "naming__person").iterator(AT_ONCE):
        if whose.setdefault(device, person or -1) != person:
            shared.add(device)
    of: dict[int, list[str]] = defaultdict(list)
    for key, texts in identities(key for key in whose if key not in shared).items():
        of[whose[key]] += texts
    several = [(text, person) for person, texts in of.items() if len(texts) > 1 for text in texts]
    return tuple(text for text, _ in several), tuple(str(person) for _, person in several)
