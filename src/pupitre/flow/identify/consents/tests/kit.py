"""What the tests of consents share: people in the book, purposes, lines."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pupitre.core.microseconds import since_1970
from pupitre.flow.identify.consents import ledger
from pupitre.flow.identify.consents.ledger import Line, Proof
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import By, ConsentSource, Identifier, Purpose, Said, Wording
from pupitre.lake.contracts import EVENT_SCHEMA
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.testing import NOON

NOW = since_1970(NOON)
MINUTE = 60_000_000


@pytest.fixture
def heard_shop(db: None) -> None:
    """The word of the source of these lines and events makes consents; else no event's does."""
    with guard.permitted():
        ConsentSource.objects.create(source="web-shop", heard=True, since=NOON, reason="Its server")


def a_person(*identifiers: tuple[Kind, str]) -> list[int]:
    """Keys of their identifiers, the first of which is their number."""
    with guard.permitted():
        made = [Identifier.objects.create(kind=kind, value=value) for kind, value in identifiers]
        belong([one.pk for one in made], made[0].pk)
    return [one.pk for one in made]


def belong(identifiers: Sequence[int], person: int | None) -> None:
    """As a merge or an unmerge would have it."""
    with guard.permitted():
        Identifier.objects.filter(pk__in=identifiers).update(person=person)


def alice() -> list[int]:
    return a_person(
        (Kind.USER_ID, "u-100"),
        (Kind.EMAIL, "alice.martin@boite.example"),
        (Kind.PHONE, "+33612345678"),
        (Kind.LOYALTY_CARD, "2990001234567"),
    )


def a_purpose(
    key: str = "marketing",
    channels: Sequence[str] = ("email", "sms"),
    *,
    prospecting: bool = True,
    retired_at: datetime | None = None,
) -> Purpose:
    with guard.permitted():
        made = Purpose.objects.create(
            key=key,
            name_fr=f"Finalité {key}",
            name_en=f"Purpose {key}",
            about_fr="À quoi cela sert.",
            about_en="What it is for.",
            channels=list(channels),
            prospecting=prospecting,
            opened_at=NOON,
            retired_at=retired_at,
        )
        Wording.objects.create(purpose=made, version=1, fr="J’accepte.", en="I agree.", at=NOON)
    return made


def line(
    identifier: int,
    said: Said,
    at_us: int = NOW,
    *,
    purpose: str = "marketing",
    channel: str = "email",
    message_id: str = "",
) -> Line:
    proof = Proof(by=By.EVENT, source="web-shop", message_id=message_id)
    return Line(identifier, purpose, channel, said, at_us, proof)


def note(*lines: Line) -> None:
    with guard.permitted():
        ledger.append(lines, at=NOON)


def an_event(name: str | None, properties: Any = None, **more: Any) -> dict[str, Any]:
    at = NOON.replace(tzinfo=None)
    return {
        "message_id": "m1",
        "source": "web-shop",
        "type": "track",
        "name": name,
        "channel": "web",
        "identity": "user_id:u-100",
        "received_at": at,
        "corrected_at": at - timedelta(seconds=1),
        "properties": properties if isinstance(properties, str) else json.dumps(properties or {}),
        "traits": "{}",
        "context": "{}",
        "extra": "{}",
        **more,
    }


def events(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=EVENT_SCHEMA)


def all_named(table: pa.Table, pk: int = 7) -> np.ndarray[Any, Any]:
    return np.full(len(table), pk, dtype=np.int64)
