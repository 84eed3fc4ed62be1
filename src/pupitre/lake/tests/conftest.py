"""A lake of one's own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from pupitre.lake import reading, writing
from pupitre.lake.place import Place, here
from tests.postgres import Unavailable, postgres


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL of the tests' own."""
    try:
        with postgres() as address:
            yield address
    except Unavailable as why:
        pytest.skip(str(why))


@pytest.fixture
def lake(tmp_path: Path, settings: Any) -> Iterator[Place]:
    """An empty lake, as it is on one machine."""
    settings.DATA_DIR = tmp_path
    yield here()
    reading.close()
    writing.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def any_lake(request: pytest.FixtureRequest, lake: Place, settings: Any) -> Place:
    """An empty lake, on each kind of catalogue: for what the catalogue has a part in."""
    if request.param == "postgres":
        address = SecretStr(fresh_database(request.getfixturevalue("server")))
        settings.ENV = settings.ENV.model_copy(update={"lake_catalogue": address})
    return here()


def fresh_database(address: str) -> str:
    name = f"lake_{uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as line:
        line.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return address.rsplit("/", 1)[0] + f"/{name}"
