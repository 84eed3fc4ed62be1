"""A company of the oracle's own, in the database, with trials for every enforced activity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from pupitre.rules.mandate.contracts import Activity, enforced_activities
from pupitre.rules.mandate.models import Member
from pupitre.rules.mandate.tests.oracle.dice import NOW
from pupitre.rules.mandate.tests.oracle.stage import Stage, build
from pupitre.rules.mandate.tests.oracle.states import PEOPLE, a_company
from pupitre.rules.mandate.tests.oracle.trials import MADE_UP, on_trial
from pupitre.rules.mandate.tests.oracle.world import Rules, World


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`key`: every activity that the software enforces, and those made up; `enforced_key`: one of
    each set of flags, for what is said over HTTP reaches the services that are asked of every one.
    """
    if "enforced_key" in metafunc.fixturenames:
        kinds = {(one.joint, one.four_eyes, one.opinion_days): one for one in enforced_activities}
        metafunc.parametrize("enforced_key", sorted(one.key for one in kinds.values()))
    if "key" in metafunc.fixturenames:
        # Activities differ by their flags, and those made up have each of them: on the second
        # database they stand for all.
        real = [pytest.param(one.key, marks=pytest.mark.once) for one in enforced_activities]
        metafunc.parametrize("key", (*real, *MADE_UP))


@pytest.fixture(scope="module")
def activities() -> Iterator[dict[str, Activity]]:
    with on_trial() as declared:
        yield declared


@pytest.fixture
def world(activities: dict[str, Activity]) -> World:
    """The company as it is when nothing special happened; flags as the activities declare them."""
    return a_company(
        {key: Rules(one.joint, one.four_eyes, one.opinion_days) for key, one in activities.items()}
    )


@pytest.fixture
def stage(world: World, db: None) -> Stage:
    return build(world, PEOPLE)


@pytest.fixture
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages read the clock themselves: it shows the oracle's instant."""
    monkeypatch.setattr("pupitre.core.clock.now", lambda: NOW)


@pytest.fixture
def browser(stage: Stage, at_noon: None, settings: Any) -> Callable[[str], Client]:
    """The browser of a member, signed in once."""
    settings.ROOT_URLCONF = "pupitre.rules.mandate.tests.oracle.trials"
    known: dict[str, Client] = {}

    def of(member: str) -> Client:
        if member not in known:
            user = get_user_model().objects.get(member__pk=stage.members[member])
            known[member] = Client()
            known[member].force_login(user)
        return known[member]

    for member in stage.members:
        of(member).get("/desk/seat/")  # the session is written before anything is rolled back
    assert Member.objects.count() == len(known)
    return of
