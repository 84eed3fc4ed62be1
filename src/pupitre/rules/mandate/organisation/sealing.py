"""A preview goes to the browser and comes back: signed, for its reader alone, for an hour.

Nothing is stored on the server and nothing of the client is trusted: what is confirmed is what
was read from the file, or it is refused. Django checks the signature before it unpacks.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import msgspec
from django.core import signing
from django.utils.translation import gettext as _

from pupitre.core.errors import Invalid
from pupitre.rules.mandate.actions import material_digest
from pupitre.rules.mandate.organisation.importing import ImportOrganisation

HOURS = 1
MAX_SEALED_CHARACTERS = 1_500_000  # under the size at which Django refuses a posted form
_SALT = "pupitre.mandate.import"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An import as it was previewed: the action, what it would have done, the file's name."""

    action: ImportOrganisation
    digest: str
    filename: str


def seal(action: ImportOrganisation, *, filename: str, user_id: int) -> str:
    """Text for a hidden field. Raises `Invalid` where the file is too long for one."""
    packed = msgspec.json.encode([action, material_digest(action), filename[:120]])
    text = base64.urlsafe_b64encode(zlib.compress(packed, 9)).decode()
    sealed = signing.TimestampSigner(salt=f"{_SALT}.{user_id}").sign(text)
    if len(sealed) > MAX_SEALED_CHARACTERS:
        raise Invalid(_("This file says too much at once: split it into several files."))
    return sealed


def unseal(sealed: str, *, user_id: int) -> Sealed:
    """Raises `Invalid` for what is not ours, is somebody else’s, or is too old."""
    signer = signing.TimestampSigner(salt=f"{_SALT}.{user_id}")
    try:
        text = signer.unsign(sealed, max_age=HOURS * 3600)
    except signing.SignatureExpired as error:
        raise Invalid(_("This preview is older than an hour: send the file again.")) from error
    except signing.BadSignature as error:
        raise Invalid(_("This preview cannot be read: send the file again.")) from error
    packed = zlib.decompress(base64.urlsafe_b64decode(text))
    action, digest, filename = msgspec.json.decode(packed, type=tuple[ImportOrganisation, str, str])
    return Sealed(action, digest, filename)


def still_fits(sealed: Sealed) -> bool:
    """Whether the import would do today exactly what its preview said."""
    return sealed.digest == material_digest(sealed.action)
