"""A message's id within its source, as the books remember it."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

DIGEST_BYTES = 16  # no two will ever meet


def fingerprints(source: str, ids: Iterable[str]) -> list[bytes]:
    prefix = source.encode() + b"\0"
    return [blake2b(prefix + id_.encode(), digest_size=DIGEST_BYTES).digest() for id_ in ids]
