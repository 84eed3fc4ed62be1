from __future__ import annotations

import pytest

from pupitre.lake import queries, services
from pupitre.lake.contracts import Sql
from pupitre.lake.place import Place
from pupitre.lake.tests.examples import events

pytestmark = pytest.mark.once  # it has catalogues of its own

COUNT = Sql("count", "SELECT count(*), count(DISTINCT message_id) FROM {events}")


def test_a_batch_goes_in_once(any_lake: Place) -> None:
    assert services.append(events(1, 2, 3), batch="a")
    assert not services.append(events(1, 2, 3), batch="a")
    assert services.append(events(4), batch="b")
    assert queries.run(COUNT).rows == ((4, 4),)
