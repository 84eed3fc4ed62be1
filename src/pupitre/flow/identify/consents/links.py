"""The signed link to a customer's own page. It names a number of ours and nothing of theirs.

It opens until it expires, until it is revoked, or until the secret that signed it is taken out of
the settings. Whatever is wrong with one, the answer is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import F
from django.urls import reverse

from pupitre.flow.identify.models import Identifier, RevokedLinks

LINK_DAYS = 30
MOST_CHARACTERS = 200
_SALT = "pupitre.identify.preferences"


@dataclass(frozen=True, slots=True)
class Link:
    """What a link that holds says."""

    identifier: int
    # Who made it, and so saw it: whoever comes by it may be them. None: a machine that sent it to
    # the customer's own address, and showed it to nobody.
    seat: int | None


def token(*, identifier: int, at: datetime, seat: int | None = None) -> str:
    """What stands in the link. Machines that write to many may make one for each."""
    until = int((at + timedelta(days=LINK_DAYS)).timestamp())
    return _signer().sign_object([identifier, _revoked(identifier), until, seat or 0])


def path(*, identifier: int, at: datetime, seat: int | None = None) -> str:
    text = token(identifier=identifier, at=at, seat=seat)
    return reverse("identify:preferences_link", args=[text])


def opened(text: str, *, at: datetime) -> int | None:
    """The identifier that a link is for; None where it opens nothing, whyever."""
    link = read(text, at=at)
    return link.identifier if link else None


def read(text: str, *, at: datetime) -> Link | None:
    """What a link says; None where it opens nothing, whyever."""
    if not 0 < len(text) <= MOST_CHARACTERS:
        return None
    try:
        said = _signer().unsign_object(text)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    match said:
        case [int() as identifier, int() as revoked, int() as until, int() as seat]:
            still = at.timestamp() < until and revoked == _revoked(identifier)
            found = Link(identifier, seat or None)
            return found if still and _names_somebody(identifier) else None
    return None


def revoke(*, person: int) -> None:
    """Links made so far open nothing any more, whichever identifier of the person they are for."""
    mine = tuple(Identifier.objects.filter(person=person).values_list("pk", flat=True))
    RevokedLinks.objects.bulk_create(
        [RevokedLinks(identifier_id=pk) for pk in mine], ignore_conflicts=True
    )
    RevokedLinks.objects.filter(identifier__in=mine).update(times=F("times") + 1)


def _signer() -> signing.Signer:
    # With SECRET_KEY_FALLBACKS: a secret that is being changed still opens what it signed.
    return signing.Signer(salt=_SALT, sep=".")


def _revoked(identifier: int) -> int:
    row = RevokedLinks.objects.filter(identifier=identifier).values_list("times", flat=True).first()
    return row or 0


def _names_somebody(identifier: int) -> bool:
    return Identifier.objects.filter(pk=identifier, person__isnull=False).exists()
