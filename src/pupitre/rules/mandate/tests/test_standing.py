"""The law kept in memory: the one that is committed, whatever acts are under way or failed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

import pytest
from django.db import connections

from pupitre.core.bilingual import Bilingual
from pupitre.core.clock import day_of
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.actions import Action
from pupitre.rules.mandate.activities import MEMBER_ADMIT
from pupitre.rules.mandate.contracts import Activity, AnyActor, Subject
from pupitre.rules.mandate.models import Ledger, Tenure
from pupitre.rules.mandate.standing import current_law, forget_law
from pupitre.rules.mandate.testing import NOON, Company, a_company

DAY = day_of(NOON)
deeds: dict[str, Callable[[], None]] = {}


@dataclass(frozen=True)
class EmptySeats(Action):
    """Sends everybody away, then does what the test wants while it is not committed."""

    activity: ClassVar[Activity] = MEMBER_ADMIT

    def subject(self) -> Subject:
        return Subject("seats", Bilingual("Sièges", "Seats"))

    def title(self) -> Bilingual:
        return Bilingual("Vider les sièges", "Empty the seats")

    def perform(self, *, by: AnyActor, at: datetime) -> None:
        Tenure.objects.all().delete()
        deeds["meanwhile"]()


class Failed(Exception):
    pass


@pytest.fixture
def company() -> Company:
    return a_company()


def look_again() -> None:
    """Another thread may have left another law in memory: what is asked is read anew."""
    forget_law()
    assert current_law().occupants(next(iter(current_law().seats)), DAY) == ()


@pytest.mark.django_db
def test_an_act_that_fails_leaves_no_law_of_its_own_behind(company: Company) -> None:
    def fail() -> None:
        look_again()
        raise Failed

    deeds["meanwhile"] = fail
    before, epoch = current_law(), current_law().epoch
    with pytest.raises(Failed):
        act(EmptySeats(), by=company.actor("cio"), at=NOON)
    after = current_law()
    assert after.epoch == epoch
    assert after == before
    assert after.occupants(company.seats["cmo"], DAY) == (company.members["cmo"],)


@pytest.mark.django_db
def test_an_act_that_succeeds_changes_the_law_for_the_very_next(company: Company) -> None:
    deeds["meanwhile"] = look_again
    epoch = current_law().epoch
    act(EmptySeats(), by=company.actor("cio"), at=NOON)
    assert current_law().epoch == epoch + 1
    assert not current_law().occupied(company.seats["cmo"], DAY)


@pytest.mark.django_db(transaction=True)
def test_others_never_see_what_is_not_committed(company: Company) -> None:
    """Somebody looks from another connection while the act is under way."""
    seen: list[tuple[int, tuple[int, ...]]] = []

    def look() -> None:
        try:
            law = current_law()
            seen.append((law.epoch, law.occupants(company.seats["cmo"], DAY)))
        finally:
            connections.close_all()

    def meanwhile() -> None:
        look_again()
        other = threading.Thread(target=look)
        other.start()
        other.join(20)

    deeds["meanwhile"] = meanwhile
    epoch = Ledger.objects.get(pk=1).epoch
    act(EmptySeats(), by=company.actor("cio"), at=NOON)
    assert seen == [(epoch, (company.members["cmo"],))]
    assert current_law().occupants(company.seats["cmo"], DAY) == ()
