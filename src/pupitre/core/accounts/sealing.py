"""Keep the secrets of second factors unreadable in the database and in its backups.

A key derived from SECRET_KEY seals them; SECRET_KEY_FALLBACKS still open what older keys sealed.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotOpen(Exception):
    """The secret was sealed with a key that this installation no longer has."""


def seal(text: str) -> str:
    return _keys(*_secrets()).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str) -> str:
    """Raises CannotOpen when SECRET_KEY was replaced without keeping the old one as a fallback."""
    try:
        return _keys(*_secrets()).decrypt(sealed.encode("ascii")).decode()
    except InvalidToken as error:
        raise CannotOpen(
            "a second factor was sealed with another SECRET_KEY: see docs/operators/security.md"
        ) from error


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _keys(*secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"pupitre second factors")
    return base64.urlsafe_b64encode(key.derive(secret.encode()))
