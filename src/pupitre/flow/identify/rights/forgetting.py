"""Who was erased, known by keyed digests alone: what comes later brings nobody back.

The key is of its own, in a table: that of the settings may be changed one day, and everybody would
come back. Somebody who has the table and no identifier to try learns nothing; who has both could
ask the digests whether somebody was erased, which is what they are for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from pupitre.flow.identify.kinds import HELD, Kind
from pupitre.flow.identify.models import ForgettingKey, Forgotten, LateEvent, Use

KEY_BYTES = 32
AT_ONCE = 500  # digests in one question
_SEPARATOR = b"\x1f"

Identifier = tuple[Kind, str]  # in its one spelling


def digest(key: bytes, one: tuple[str, str]) -> bytes:
    kind, value = one
    text = str(kind).encode() + _SEPARATOR + value.encode("utf-8", "surrogatepass")
    return hmac.new(key, text, hashlib.sha256).digest()


def known(identifiers: Iterable[Identifier]) -> set[Identifier]:
    """Which of these identifiers, each in its one spelling, were erased."""
    row = ForgettingKey.objects.first()
    if row is None:
        return set()
    key = bytes(row.key)
    wanted = {digest(key, one): one for one in identifiers}
    digests = list(wanted)
    found: set[Identifier] = set()
    for start in range(0, len(digests), AT_ONCE):
        some = Forgotten.objects.filter(digest__in=digests[start : start + AT_ONCE])
        found.update(wanted[bytes(one)] for one in some.values_list("digest", flat=True))
    return found


def guarded(identifiers: Iterable[Identifier]) -> frozenset[Identifier]:
    """Which of these are heard of no more: those that were erased, but for a device that was left
    behind and on which somebody else has said since who they are. It is theirs then."""
    erased = known(identifiers)
    left_behind = {(str(kind), value) for kind, value in erased if kind in HELD}
    if not left_behind:
        return frozenset(erased)
    values = sorted(value for _kind, value in left_behind)
    users: dict[Identifier, set[Identifier]] = {}
    for start in range(0, len(values), AT_ONCE):
        uses = Use.objects.filter(
            device__kind__in=HELD, device__value__in=values[start : start + AT_ONCE]
        ).values_list("device__kind", "device__value", "naming__kind", "naming__value")
        for kind, value, by, name in uses:
            if (kind, value) in left_behind:
                users.setdefault((Kind(by), name), set()).add((Kind(kind), value))
    gone = known(users)  # an erasure that is under way: the book has their uses yet
    taken = {one for by, devices in users.items() if by not in gone for one in devices}
    return frozenset(erased - taken)


def forget(identifiers: Iterable[tuple[str, str]], *, at: datetime) -> int:
    """Write their digests, within the transaction that decides. May be repeated."""
    row = ForgettingKey.objects.first()
    if row is None:
        row = ForgettingKey.objects.create(pk=1, key=secrets.token_bytes(KEY_BYTES))
    key = bytes(row.key)
    rows = [Forgotten(digest=digest(key, one), at=at) for one in identifiers]
    Forgotten.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def note_late(messages: Sequence[tuple[str, str]], at: datetime) -> None:
    """Events (source, message id) of somebody erased that came since: the lake is to be rid of
    them. Within an act of the caller's. May be repeated."""
    rows = [LateEvent(source=source, message_id=id_, noted_at=at) for source, id_ in messages]
    LateEvent.objects.bulk_create(rows, ignore_conflicts=True)
