"""Somebody is joined to another while they are being erased: one outcome, and a consistent one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction

from pupitre.core.contributions import stores
from pupitre.core.errors import Invalid
from pupitre.flow.identify.book.deciding import BOOK, book_alone, decide_all
from pupitre.flow.identify.book.reading import identifiers_of, person_of
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.merging.actions import JoinPeople
from pupitre.flow.identify.models import Bookmark, Identifier, RightsRequest
from pupitre.flow.identify.rights import work
from pupitre.flow.identify.rights.deciding import EraseCustomer
from pupitre.flow.identify.rights.tests.kit import ROWS, checked, collected, found, record
from pupitre.flow.identify.rights.tests.planted import traces
from pupitre.flow.identify.timeline.reading import page
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.acting import act
from pupitre.rules.mandate.contracts import Performed, Waiting
from pupitre.rules.mandate.services import approve
from pupitre.rules.mandate.testing import NOON, Company, a_company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GONE, STAYS = "zqxracing5d1", "bert-500"
NEVER = threading.Event()


@pytest.fixture
def company(lake: Path) -> Company:
    return a_company(rows={**ROWS, "person.merge": {"crm": "AR", "cmo": "I"}})


def both_known() -> tuple[Identifier, Identifier]:
    collected(
        record(1, user_id=GONE, context=f'{{"traits":{{"email":"{GONE}@orange.fr"}}}}'),
        record(2, user_id=STAYS, context='{"traits":{"email":"bert@orange.fr"}}'),
        record(3, user_id=STAYS),
    )
    return found(Kind.USER_ID, GONE), found(Kind.USER_ID, STAYS)


def asked(company: Company, gone: Identifier) -> tuple[int, int]:
    """The request, and the decision that waits for a second voice."""
    number = checked(company, "erasure", gone.pk)
    waiting = act(EraseCustomer(number), by=company.actor("cmo"), at=NOON)
    assert isinstance(waiting, Waiting)
    return number, waiting.decision_id


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Each on a thread of its own; an Invalid is an outcome like another."""
    start = threading.Barrier(len(deeds))

    def does(deed: Callable[[], object]) -> object:
        try:
            start.wait()
            return deed()
        except Invalid as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(does, deeds))


def joined(company: Company, gone: Identifier, stays: Identifier) -> object:
    return act(JoinPeople(gone.pk, stays.pk, "the same"), by=company.actor("crm"), at=NOON)


def whose() -> dict[int, int | None]:
    return dict(Identifier.objects.values_list("pk", "person"))


def only_the_other_is_left(number: int) -> None:
    assert RightsRequest.objects.get(pk=number).state == "done"
    assert traces(GONE) == []
    stays = found(Kind.USER_ID, STAYS)
    person = person_of(stays.pk)
    assert person is not None
    assert {one.value for one in identifiers_of(person)} == {STAYS, "bert@orange.fr"}
    assert [row["message_id"] for row in page(person=person).rows] == ["m3", "m2"]
    before = whose()
    with guard.permitted(), book_alone():
        decide_all()
    assert whose() == before


def test_a_joining_and_the_decision_to_erase_come_at_once(company: Company) -> None:
    """Whoever approves has said yes to who they were then: never to the other as well."""
    gone, stays = both_known()
    number, decision = asked(company, gone)
    joining, deciding = at_once(
        lambda: joined(company, gone, stays),
        lambda: approve(decision_id=decision, by=company.actor("cio"), at=NOON),
    )
    request = RightsRequest.objects.get(pk=number)
    if request.state == "under_way":
        targets = set(request.targets.filter(record__isnull=False).values_list("value", flat=True))
        assert targets == {GONE, f"{GONE}@orange.fr"}
        work.erase(number, now=lambda: NOON, stop=NEVER)
        only_the_other_is_left(number)
    else:  # the joining came first: what was to be decided is something else now
        assert isinstance(joining, Performed), (joining, deciding)
        assert person_of(gone.pk) == person_of(stays.pk)
        assert [row["message_id"] for row in page(person=stays.pk).rows] == ["m3", "m2", "m1"]


def test_who_was_joined_meanwhile_is_looked_at_again_before_anybody_is_erased(
    company: Company,
) -> None:
    gone, stays = both_known()
    number, decision = asked(company, gone)
    joined(company, gone, stays)
    with pytest.raises(Invalid):
        approve(decision_id=decision, by=company.actor("cio"), at=NOON)
    request = RightsRequest.objects.get(pk=number)
    assert request.state == "checked"
    assert not request.targets.exists()


def test_the_book_is_held_from_the_last_look_at_them_to_the_deed(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else an event that joins somebody to them in between would take the other along."""
    if connection.vendor == "sqlite":
        pytest.skip("acts and machines write one after the other there")
    gone, _ = both_known()
    _, decision = asked(company, gone)
    looked: list[str] = []
    material = EraseCustomer.material

    def is_free() -> str:
        try:
            with transaction.atomic():
                Bookmark.objects.select_for_update(nowait=True).get(name=BOOK)
                return "free"
        except OperationalError:
            return "held"
        finally:
            connections.close_all()

    def seen(self: EraseCustomer) -> object:
        with ThreadPoolExecutor(1) as other:
            looked.append(other.submit(is_free).result())
        return material(self)

    monkeypatch.setattr(EraseCustomer, "material", seen)
    approve(decision_id=decision, by=company.actor("cio"), at=NOON)
    assert set(looked) == {"held"}


@pytest.mark.parametrize("key", ["collect.journal", "lake.events", "identify.names", work.LAST[0]])
def test_a_joining_comes_while_a_store_is_rid_of_them(
    company: Company, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    gone, stays = both_known()
    number, decision = asked(company, gone)
    approve(decision_id=decision, by=company.actor("cio"), at=NOON)
    store = stores[key]
    reached = threading.Event()

    def erase(who: Any) -> Any:
        reached.set()
        assert store.erase is not None
        return store.erase(who)

    monkeypatch.setitem(stores._entries, key, replace(store, erase=erase))

    def joins() -> object:
        assert reached.wait(60)
        return joined(company, gone, stays)

    erased, joining = at_once(lambda: work.erase(number, now=lambda: NOON, stop=NEVER), joins)
    assert erased is True, erased
    assert isinstance(joining, Performed | Invalid)
    only_the_other_is_left(number)
