"""Maison Ardoise as a visitor finds it: a year that happened in order, and desks with work."""

from __future__ import annotations

from itertools import pairwise

from tests.journeys.addresses import Looked
from tests.serving import Served


def test_its_year_happened_in_the_order_in_which_it_is_told(served: Served) -> None:
    look = Looked(served.data_dir)
    built = look.one("SELECT max(seq) FROM mandate_auditline WHERE action = 'mandate.SetDigest'")
    times = look.all("SELECT at FROM mandate_auditline WHERE seq <= ? ORDER BY seq", built)
    assert len(times) > 150
    assert [pair for pair in pairwise(times) if pair[0] > pair[1]] == []


def test_it_has_what_there_is_to_see(served: Served) -> None:
    look = Looked(served.data_dir)
    states = look.all("SELECT state FROM mandate_matrixversion ORDER BY number")
    assert states == ["superseded", "superseded", "in_force", "draft", "draft"]
    decided = look.all("SELECT DISTINCT state FROM mandate_decision ORDER BY state")
    assert decided == ["open", "performed", "refused"]
    assert look.one("SELECT count(*) FROM mandate_delegation") == 1
