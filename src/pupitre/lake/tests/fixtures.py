"""A lake of one's own for each test, on each catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from pupitre.lake import reading, writing
from pupitre.lake.place import Place, here
from tests.postgres import Unavailable, postgres


@pytest.fixture(scope="session")
def catalogue_server() -> Iterator[str]:
    try:
        with postgres() as address:
            yield address
    except Unavailable as why:
        pytest.skip(str(why))


def _let_go() -> None:
    reading.close()
    writing.close()


@pytest.fixture
def lake(tmp_path: Path, settings: object) -> Iterator[Place]:
    """On SQLite."""
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]
    yield here()
    _let_go()
