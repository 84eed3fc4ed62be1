"""Writing lines: they are added, once each, and nothing else is done to them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.book.reading import people_of
from pupitre.flow.identify.book.upserting import upsert
from pupitre.flow.identify.kinds import NAMING
from pupitre.flow.identify.models import By, Consent, Identifier, Pause, Said
from pupitre.flow.identify.models.consents import (
    PLACE_CHARACTERS,
    VERSION_CHARACTERS,
    WORDING_CHARACTERS,
)

PEOPLE_AT_ONCE = 10_000
_COLUMNS = (
    *("identifier_id", "purpose", "channel", "said", "at_us", "noted_at", "by", "seat_id"),
    *("member_id", "source", "message_id", "place", "wording", "version", "language", "key"),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """How we know: what they read, where, and whose word it is."""

    by: By
    place: str = ""
    wording: str = ""
    version: str = ""
    language: str = ""
    source: str = ""
    message_id: str = ""
    seat_id: int | None = None
    member_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be noted. ``identifier``: the key of one of the person's identifiers."""

    identifier: int
    purpose: str
    channel: str
    said: Said
    at_us: int
    proof: Proof
    beside: bool = False  # another identifier of whoever said it; see ``everywhere``

    @property
    def key(self) -> bytes:
        """The same for the same thing told twice. An event is told by its source and message id,
        whoever it is about: retold of somebody else, it is still the first telling that counts."""
        told: tuple[str, ...]
        if self.proof.message_id:
            told = ("event", self.proof.source, self.proof.message_id)
            told += (str(self.identifier),) if self.beside else ()
        else:
            told = (
                *(self.proof.by.value, str(self.identifier)),
                *(str(self.at_us), str(self.said.value)),
            )
        return hashlib.sha256("\0".join((*told, self.purpose, self.channel)).encode()).digest()


def everywhere(lines: Iterable[Line]) -> tuple[Line, ...]:
    """These lines, and what takes away on all that names whoever said it: should they turn out to
    be two people, it holds for both. What gives hangs on one identifier alone."""
    given = tuple(lines)
    beside = _beside({line.identifier for line in given if line.said is not Said.GIVEN})
    return (
        *given,
        *(
            replace(line, identifier=other, beside=True)
            for line in given
            if line.said is not Said.GIVEN
            for other in beside.get(line.identifier, ())
        ),
    )


def _beside(identifiers: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """What else names the person of each of these."""
    people = people_of(identifiers)
    whose: dict[int, list[int]] = defaultdict(list)
    asked = sorted(set(people.values()))
    for start in range(0, len(asked), PEOPLE_AT_ONCE):
        rows = Identifier.objects.filter(
            person__in=asked[start : start + PEOPLE_AT_ONCE], kind__in=NAMING
        ).values_list("person", "pk")
        for person, pk in rows:
            whose[person or 0].append(pk)
    return {
        one: tuple(pk for pk in sorted(whose[person]) if pk != one)
        for one, person in people.items()
    }


def append(lines: Iterable[Line], *, at: datetime) -> None:
    """Note what is new among these lines. Whoever calls holds the transaction."""
    noted = Consent._meta.get_field("noted_at").get_db_prep_save(at, connection)
    upsert(
        Consent,
        _COLUMNS,
        (
            (
                *(line.identifier, line.purpose, line.channel, line.said.value, line.at_us),
                *(noted, line.proof.by.value, line.proof.seat_id, line.proof.member_id),
                *(line.proof.source, line.proof.message_id),
                line.proof.place[:PLACE_CHARACTERS],
                line.proof.wording[:WORDING_CHARACTERS],
                line.proof.version[:VERSION_CHARACTERS],
                line.proof.language[:8],
                line.key,
            )
            for line in lines
        ),
        unique=("key",),
    )


def pause(*, identifier: int, until: datetime, at: datetime) -> None:
    """Nothing until then, on all that names them; ``until`` = ``at`` takes an earlier pause back,
    on that one alone."""
    others = _beside((identifier,)).get(identifier, ()) if until > at else ()
    Pause.objects.bulk_create(
        Pause(identifier_id=one, at_us=since_1970(at), until_us=since_1970(until))
        for one in (identifier, *others)
    )
