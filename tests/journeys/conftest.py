"""A house of their own for each journey, and the people in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures import Complaints
from tests.journeys.examined import Examined
from tests.journeys.people import AT_A_DESK, People, Person, Reading
from tests.serving import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="session")
def examined(shared_folder: Path) -> Examined:
    return Examined(shared_folder / "examined")


@pytest.fixture
def people(
    request: pytest.FixtureRequest,
    served_afresh: Served,
    open_page: Callable[..., Page],
    complaints: Complaints,
    examined: Examined,
) -> People:
    """`people("Claire Delmas", reading)`: she sits down; with no name, nobody in particular."""
    # A refusal is an answer: browsers call it an error on their console all the same.
    complaints.allow("the server responded with a status of 4")
    journey = re.sub(r"^test_|\[.*", "", request.node.name).replace("_", "-")

    def somebody(name: str = "", reading: Reading = AT_A_DESK) -> Person:
        page = open_page(
            size=reading.size,
            language=reading.language,
            theme=reading.theme,
            javascript=reading.javascript,
        )
        person = Person(page, served_afresh, reading, journey, examined)
        return person.takes_the_seat_of(name) if name else person

    return somebody
