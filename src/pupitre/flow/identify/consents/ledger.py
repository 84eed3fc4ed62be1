"""Writing lines: they are added, once each, and nothing else is done to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.models import By, Consent, Pause, Said
from pupitre.flow.identify.models.consents import (
    PLACE_CHARACTERS,
    VERSION_CHARACTERS,
    WORDING_CHARACTERS,
)

ROWS_AT_ONCE = 2_000


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

    @property
    def key(self) -> bytes:
        """The same for the same thing told twice. An event is told by its source and message id,
        whoever it is about: retold of somebody else, it is still the first telling that counts."""
        told = (
            ("event", self.proof.source, self.proof.message_id)
            if self.proof.message_id
            else (self.proof.by.value, str(self.identifier), str(self.at_us), str(self.said.value))
        )
        return hashlib.sha256("\0".join((*told, self.purpose, self.channel)).encode()).digest()


def append(lines: Iterable[Line], *, at: datetime) -> None:
    """Note what is new among these lines. Whoever calls holds the transaction."""
    Consent.objects.bulk_create(
        [
            Consent(
                identifier_id=line.identifier,
                purpose=line.purpose,
                channel=line.channel,
                said=line.said.value,
                at_us=line.at_us,
                noted_at=at,
                by=line.proof.by,
                seat_id=line.proof.seat_id,
                member_id=line.proof.member_id,
                source=line.proof.source,
                message_id=line.proof.message_id,
                place=line.proof.place[:PLACE_CHARACTERS],
                wording=line.proof.wording[:WORDING_CHARACTERS],
                version=line.proof.version[:VERSION_CHARACTERS],
                language=line.proof.language[:8],
                key=line.key,
            )
            for line in lines
        ],
        batch_size=ROWS_AT_ONCE,
        ignore_conflicts=True,
    )


def pause(*, identifier: int, until: datetime, at: datetime) -> None:
    """Nothing until then; ``until`` = ``at`` takes an earlier pause back."""
    Pause.objects.create(identifier_id=identifier, at_us=since_1970(at), until_us=since_1970(until))
