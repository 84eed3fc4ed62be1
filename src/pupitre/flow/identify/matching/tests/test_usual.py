"""What cannot be true of one person's records is not believed."""

from __future__ import annotations

import numpy as np
import pytest

from pupitre.flow.identify.matching import comparing, usual
from pupitre.flow.identify.matching.contracts import Kind

COLUMNS = [kind.value for kind in Kind if kind is not Kind.IDENTIFIER] + ["identifier_1"]


def learnt(same: float) -> dict[str, np.ndarray]:
    found = {}
    for name in COLUMNS:
        levels = len(comparing.levels(name, COLUMNS))
        found[name] = np.array([same] + [(1 - same) / (levels - 1)] * (levels - 1))
    return found


def test_what_is_likely_is_kept():
    known = learnt(0.9)
    found, taught = usual.believed(known)
    assert taught
    assert all(np.array_equal(found[name], known[name]) for name in known)


@pytest.mark.parametrize("name", ["given_name", "surname", "birth_date"])
def test_what_households_taught_is_not(name):
    known = learnt(0.9)
    known[name] = learnt(0.02)[name]
    found, taught = usual.believed(known)
    assert not taught
    for column, shares in found.items():
        assert shares.sum() == pytest.approx(1)
        assert (shares > 0).all()
        assert not np.array_equal(shares, known[column])
    assert found["given_name"][0] > 0.8
    assert found["email"][0] < 0.5  # who shares one was joined before


def test_an_address_that_changed_is_no_sign():
    known = learnt(0.9)
    known["postcode"] = learnt(0.02)["postcode"]
    found, taught = usual.believed(known)
    assert taught
    assert np.array_equal(found["postcode"], known["postcode"])
