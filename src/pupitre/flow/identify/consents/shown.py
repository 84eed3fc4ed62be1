"""What a box of the customer's own page was when it was shown, signed: it comes back with the form.

A choice is compared with what the customer saw, not with what holds by then. A page that was left
open for half an hour gives nothing back that was taken away meanwhile.
"""

from __future__ import annotations

from django.core import signing

from pupitre.flow.identify.consents.own import Choice
from pupitre.flow.identify.consents.reading import Standing, rank_of

_SALT = "pupitre.identify.shown"
MOST_CHARACTERS = 300


def signed(*, identifier: int, purpose: str, channel: str, version: int, saw: int) -> str:
    """``saw``: the rank of the line that was heard when the box was shown; 0: nothing was said."""
    return _signer().sign_object([identifier, purpose, channel, version, saw])


def shown(one: Standing, *, identifier: int, version: int) -> str:
    return signed(
        identifier=identifier,
        purpose=one.purpose,
        channel=one.channel,
        version=version,
        saw=rank_of(one),
    )


def choice(text: str, *, identifier: int, ticked: set[str]) -> Choice | None:
    """A box of this customer's page as they left it; None where it is no box of it."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        said = _signer().unsign_object(text)
    except (signing.BadSignature, ValueError, UnicodeError):
        return None
    match said:
        case [int() as whose, str() as purpose, str() as channel, int() as version, int() as saw]:
            if whose == identifier:
                agreed = f"{purpose}.{channel}" in ticked
                return Choice(purpose, channel, version, agreed, saw)
    return None


def _signer() -> signing.Signer:
    return signing.Signer(salt=_SALT)
