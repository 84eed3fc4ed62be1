"""What the tests of who is who share: events as the lake has them, and a lake to put them in."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pupitre.lake import queries, services
from pupitre.lake.contracts import EVENT_SCHEMA

MINUTE_US = 60_000_000
START_US = int(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp()) * 1_000_000
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_batches = itertools.count()


def said(number: int, **one: Any) -> dict[str, Any]:
    """One event as a row of the lake; ``at`` is in minutes after the start."""
    instant = START_US + one.pop("at", number) * MINUTE_US
    row: dict[str, Any] = {"source": "shop", "type": "track", "channel": "web"}
    row |= dict.fromkeys(("properties", "traits", "context", "extra"), "{}")
    row |= {"message_id": f"m{number}", "received_at": instant, "corrected_at": instant}
    row |= {k: json.dumps(v) if isinstance(v, dict) else v for k, v in one.items()}
    named, device = row.get("user_id"), row.get("anonymous_id")
    row["identity"] = f"anonymous_id:{device}" if named is None else f"user_id:{named}"
    return row


def table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = [
        pa.array([row.get(field.name) for row in rows], pa.int64()).cast(field.type)
        if pa.types.is_timestamp(field.type)
        else pa.array([row.get(field.name) for row in rows], field.type)
        for field in EVENT_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=EVENT_SCHEMA)


def append(rows: list[dict[str, Any]]) -> None:
    services.append(table(rows), batch=f"test:{next(_batches)}")


@pytest.fixture
def lake(tmp_path: Path, settings: Any, django_db_setup: None) -> Iterator[Path]:
    """A data folder of its own, with an empty lake."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    _closed()
    yield settings.DATA_DIR
    _closed()


def _closed() -> None:
    queries.close()
    services.close()
