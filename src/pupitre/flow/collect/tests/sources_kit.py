"""What the tests of sources share: a company in which a source has been opened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pytest

from pupitre.core.bilingual import Bilingual
from pupitre.flow.collect.sources.actions import OpenSource
from pupitre.flow.collect.sources.keys import MakeKey, Secret, new_secret
from pupitre.lake import queries as lake_queries
from pupitre.lake import services as lake
from pupitre.lake.contracts import EVENT_SCHEMA
from pupitre.rules.mandate import services as mandate
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Waiting
from pupitre.rules.mandate.testing import NOON, Company, a_company
from pupitre.rules.mandate.tests.http_kit import words as read

# Each of the eight seats in a different situation: the DPO is consulted on what is joint.
ROWS = {
    "source.open": {"cio": "A", "cmo": "R", "cdo": "I", "dpo": "C"},
    "source.change": {"cio": "A", "ops": "R", "cmo": "I"},
    "source.key": {"ops": "AR", "cio": "I", "cdo": "R"},
    "plan.agree": {"cmo": "A", "cio": "R", "dpo": "C"},
    "quarantine.replay": {"ops": "AR", "cio": "R", "cmo": "I"},
}
SHOP = Bilingual("Boutique en ligne", "Web shop")


def a_company_with_sources_in_its_matrix() -> Company:
    return a_company(rows=ROWS)


def an_opening(company: Company, key: str = "web-shop", **changed: object) -> OpenSource:
    given: dict[str, object] = {
        "source_key": key,
        "name_fr": SHOP.fr,
        "name_en": SHOP.en,
        "why": "Savoir où l’on renonce.",
        "channel": "web",
        "owner_id": company.seats["crm"],
        "allowed_origins": ("https://www.ardoise.example",),
    }
    return OpenSource(**(given | changed))  # type: ignore[arg-type]


def a_source(company: Company, key: str = "web-shop", **changed: object) -> str:
    """Asked for by marketing, opened with IT, once the DPO has been heard."""
    outcome = act(an_opening(company, key, **changed), by=company.actor("cmo"), at=NOON)
    assert isinstance(outcome, Waiting)
    decided(company, outcome.decision_id, yes="cio")
    return key


def decided(company: Company, decision_id: int, *, yes: str, at: datetime = NOON) -> None:
    mandate.opine(decision_id=decision_id, verdict="for", by=company.actor("dpo"), at=at)
    settled = mandate.approve(decision_id=decision_id, by=company.actor(yes), at=at)
    assert settled.state == "performed"


def a_key(company: Company, source: str = "web-shop", at: datetime = NOON) -> Secret:
    secret = new_secret()
    act(MakeKey(source, secret.fingerprint, secret.start), by=company.actor("ops"), at=at)
    return secret


@pytest.fixture
def lake_of_our_own(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    lake_queries.close()
    lake.close()
    yield
    lake_queries.close()
    lake.close()


def some_events(
    source: str,
    name: str,
    count: int,
    properties: dict[str, object],
    *,
    at: datetime = NOON,
    channel: str = "web",
    type_: str = "track",
) -> None:
    """In the lake, as if the collector had let them in an hour before noon."""
    when = at.astimezone(UTC).replace(tzinfo=None) - timedelta(hours=1)
    rows = [
        {
            "message_id": f"{uuid4().hex}",
            "source": source,
            "type": type_,
            "name": name,
            "channel": channel,
            "identity": f"user_id:{number}",
            "user_id": str(number),
            "received_at": when,
            "corrected_at": when,
            "properties": json.dumps(properties),
            "traits": "{}",
            "context": "{}",
            "extra": "{}",
        }
        for number in range(count)
    ]
    lake.append(pa.Table.from_pylist(rows, schema=EVENT_SCHEMA), batch=f"test:{uuid4().hex}")


def words(response: Any) -> str:
    """The page as it is read. Takes what the test client gives, whatever its type is called."""
    return read(response)
