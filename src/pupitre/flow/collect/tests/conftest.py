"""What several tests of the collector begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pupitre.flow.collect.sources.book import shelf
from pupitre.flow.collect.tests.collector_kit import FixedLoader
from pupitre.lake import queries, services


@pytest.fixture
def own_store(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A journal, books and a lake of the test's own."""
    settings.DATA_DIR = tmp_path
    queries.close()
    services.close()
    yield
    queries.close()
    services.close()


@pytest.fixture
def loader() -> Iterator[FixedLoader]:
    """A book of sources that the test fills; the product's own is put back."""
    before, mine = shelf.loader, FixedLoader()
    shelf.keep(mine)
    yield mine
    shelf.keep(before)
