"""What the tests of imports share: a company with a source, a lake of its own, files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from pupitre.flow.collect.files import importing, services
from pupitre.flow.collect.files.mapping import Mapping, read, written
from pupitre.flow.collect.files.records import ImportRow, Progress
from pupitre.flow.collect.intake.books import Books
from pupitre.flow.collect.intake.home import PostgresHome, home
from pupitre.flow.collect.intake.postgres import SCHEMA
from pupitre.flow.collect.tests.sources_kit import ROWS, a_source
from pupitre.lake import queries as lake_queries
from pupitre.lake import services as lake_services
from pupitre.lake.contracts import Sql
from pupitre.rules.mandate.testing import NOON, Company, a_company

SOURCE = "web-shop"
IMPORT_ROW = {"import.run": {"ops": "AR", "cio": "R", "cmo": "I"}}
PURCHASES: dict[str, Any] = {
    "type": {"constant": "track"},
    "name": {"constant": "Order Completed"},
    "identifiers": [{"column": "client", "name": "user_id"}],
    "time": {"column": "date", "format": "%d/%m/%Y", "zone": "Europe/Paris"},
    "amount": {"column": "montant", "decimal": ",", "currency": {"constant": "EUR"}},
    "properties": [{"column": "magasin", "name": "shop"}],
}
HEADER = "client;date;montant;magasin\n"


def a_company_that_imports() -> Company:
    company = a_company(rows=ROWS | IMPORT_ROW)
    a_source(company, SOURCE)
    return company


@pytest.fixture
def lake(tmp_path: Path, settings: Any, django_db_setup: None) -> Iterator[Path]:
    """A data folder of its own, with an empty lake and empty books."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    _closed()
    _emptied()
    yield settings.DATA_DIR
    _closed()


def _emptied() -> None:
    """In PostgreSQL the books are in the tests' database, which the tests share."""
    place = home()
    if isinstance(place, PostgresHome):
        with psycopg.connect(place.address, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")


@contextmanager
def books() -> Iterator[Books]:
    desk = home().desk()
    yield desk.books
    desk.close()


def _closed() -> None:
    lake_queries.close()
    lake_services.close()


def a_mapping(**changed: Any) -> Mapping:
    return read(json.dumps(PURCHASES | changed))


def asked(path: Path, mapping: Mapping, *, at: datetime = NOON) -> ImportRow:
    return services.asked_at_console(
        source=SOURCE, file=path, mapping=written(mapping).decode(), at=at
    )


def imported(path: Path, mapping: Mapping, *, at: datetime = NOON) -> Progress:
    return importing.run(asked(path, mapping, at=at), now=lambda: at)


def in_lake(
    what: str = "*", where: str = "true", order: str = "message_id"
) -> list[tuple[Any, ...]]:
    step = Sql("look", f"SELECT {what} FROM {{events}} WHERE {where} ORDER BY {order}")  # noqa: S608
    return [tuple(row.values()) for row in lake_queries.table(step).to_pylist()]


def a_file(folder: Path, content: str | bytes, name: str = "achats.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
