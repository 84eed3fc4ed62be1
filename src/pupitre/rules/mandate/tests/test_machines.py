"""A machine writes what it declared, and nothing else; an act is not narrowed by it."""

from __future__ import annotations

import pytest

from pupitre.core.contributions import Registry
from pupitre.rules.mandate import guard, machines
from pupitre.rules.mandate.machines import Machine, at_work
from pupitre.rules.mandate.models import Function, Scope

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    mine: Registry[Machine] = Registry("machine")
    mine.add("counter", Machine(frozenset({"mandate_scope"}), "it counts"))
    monkeypatch.setattr(machines, "machines", mine)


def test_it_writes_its_own_table_and_no_other() -> None:
    with at_work("counter"):
        Scope.objects.update(name_fr="x")
        with pytest.raises(guard.WroteAroundTheMatrix, match="not among"):
            Function.objects.update(name_fr="x")
    with pytest.raises(guard.WroteAroundTheMatrix, match="outside an act"):
        Scope.objects.update(name_fr="x")


def test_one_that_nobody_declared_does_not_work() -> None:
    with pytest.raises(KeyError), at_work("stranger"):
        pass


def test_inside_an_act_the_act_answers() -> None:
    with guard.permitted(), at_work("counter"):
        Function.objects.update(name_fr="x")
