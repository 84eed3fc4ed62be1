"""One served Pupitre with open sources for all the tests of this folder that a process runs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.sdks.station import Station, standing
from tests.serving import free_port

PAGES_PORT = free_port()
PAGES = f"http://localhost:{PAGES_PORT}"  # another origin than the collector's, 127.0.0.1
SDKS = ("segment-python", "segment-zipped", "rudder-python", "segment-node")
BROWSER_SDKS = ("segment-browser", "rudder-browser")


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    sources = [*SDKS, *(f"{name}={PAGES}" for name in BROWSER_SDKS), "fuzz", "openapi", "snippets"]
    with standing(tmp_path_factory.mktemp("station"), *sources) as open_station:
        yield open_station
