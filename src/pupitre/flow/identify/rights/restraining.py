"""What stands on somebody because they asked: an objection, a restriction.

It is written on every identifier by which they are known when it begins: should they turn out to be
two people, it stands on both until one of them says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from django.db.models import QuerySet

from pupitre.flow.identify.models import Identifier, Restraint, RightsRequest
from pupitre.flow.identify.models.rights import Right

RESTRAINTS: Mapping[str, Restraint.Kind] = MappingProxyType(
    {Right.RESTRICTION: Restraint.Kind.RESTRICTED, Right.OBJECTION: Restraint.Kind.OBJECTS}
)


def restrain(request: RightsRequest, identifier: Identifier, *, at: datetime) -> None:
    """From now on, on the whole person. May be repeated: it stands since the first time."""
    whole = Identifier.objects.filter(pk=identifier.pk)
    if identifier.person is not None:
        whole |= Identifier.objects.filter(person=identifier.person)
    keys = list(whole.values_list("pk", flat=True))
    Restraint.objects.filter(request=request, identifier__in=keys, until__isnull=False).update(
        since=at, until=None
    )
    Restraint.objects.bulk_create(
        [
            Restraint(kind=RESTRAINTS[request.right], identifier_id=key, request=request, since=at)
            for key in keys
        ],
        ignore_conflicts=True,
    )


def objects_at_once(request: RightsRequest, identifier: Identifier, *, at: datetime) -> None:
    """Who objects to prospecting gets none from the moment that we hear it (article 21(3)), not
    from the day on which somebody answers them."""
    if request.right == Right.OBJECTION:
        restrain(request, identifier, at=at)


def standing_by(number: int) -> QuerySet[Restraint]:
    return Restraint.objects.filter(request=number, until__isnull=True)


def end(number: int, *, at: datetime) -> None:
    standing_by(number).update(until=at)
