"""After an erasure no file and no table has a byte of it, wherever it crashed in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from pupitre.core.contributions import Store, stores
from pupitre.core.erasing import NotYet
from pupitre.flow.collect.intake.home import home
from pupitre.flow.collect.intake.records import Parcel
from pupitre.flow.collect.tests.drain_kit import AT_US, drained, keep
from pupitre.flow.identify.following import rounds
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.models import (
    Consent,
    ErasedStore,
    ErasureTarget,
    Hand,
    Identifier,
    LateEvent,
    RightsRequest,
    Trait,
)
from pupitre.flow.identify.rights import compacting, work
from pupitre.flow.identify.rights.receipt import receipt_of
from pupitre.flow.identify.rights.tests.kit import (
    a_house,
    checked,
    collected,
    entered,
    erasure_decided,
    found,
    record,
)
from pupitre.flow.identify.rights.tests.planted import (
    EMAIL,
    KEPT,
    PHONE,
    WORD,
    let_go,
    plant,
    traces,
)
from pupitre.lake import queries
from pupitre.rules.mandate import guard
from pupitre.rules.mandate.models import AuditLine
from pupitre.rules.mandate.testing import NOON, Company

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NEVER = threading.Event()
_FILES = ("/imports/", "/rights/", ".parquet")
EVERYWHERE = {
    "sqlite": (*_FILES, "/journal/", "books.sqlite", "catalogue.sqlite", "jobs.sqlite3", "test"),
    "postgresql": (
        *_FILES,
        "intake.quarantine.raw",
        "intake.latest.shown",
        "identify_identifier.value",
        "identify_trait.value",
        "identify_consent.place",
        "identify_rightsrequest.words",
    ),
}


@pytest.fixture
def company(lake: Path) -> Iterator[Company]:
    yield a_house()
    let_go()


def carried_out(number: int) -> None:
    assert work.erase(number, now=lambda: NOON, stop=NEVER)


def state(number: int) -> str:
    return RightsRequest.objects.get(pk=number).state


def test_a_planted_value_is_nowhere_any_more(company: Company) -> None:
    number = plant(company)
    before = traces(WORD)
    # It was everywhere, and the search sees it there.
    for place in EVERYWHERE[connection.vendor]:
        assert any(place in path for path in before), (place, before)
    erasure_decided(company, number)
    carried_out(number)
    assert traces(WORD) == []
    assert traces(PHONE.removeprefix("+33")) == []
    assert traces("76.54.32") == []
    assert state(number) == "done"


def test_somebody_else_stays_as_they_were(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    carried_out(number)
    other = found(Kind.USER_ID, KEPT)
    assert Trait.objects.filter(identifier__person=other.person, value=KEPT).exists()
    assert Consent.objects.get().place == f"shop of {KEPT}"
    kept = queries.last_events().rows
    names = {row[0] for row in kept}
    assert names == {"m6", "m7"}
    assert len(traces(KEPT)) >= 3


def test_the_receipt_says_each_store_with_its_proof_and_names_nobody(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    carried_out(number)
    receipt = receipt_of(RightsRequest.objects.get(pk=number))
    lines = {row.store: row for row in ErasedStore.objects.filter(request=number)}
    wanted = {key for key in stores.keys() if stores[key].erase is not None}  # noqa: SIM118
    assert set(lines) == wanted | {work.DATABASE}
    assert lines["lake.events"].found == 6
    assert lines["collect.books"].found >= 2
    assert lines["collect.uploads"].found == 2
    assert lines["identify.copies"].found == 1
    assert lines["identify.book"].found >= 5
    assert {row.left for row in lines.values()} == {0}
    assert receipt.over
    assert receipt.left == 0
    assert WORD not in str(receipt).casefold()
    assert all(str(one.why) for one in receipt.kept)
    for line in AuditLine.objects.all():
        assert WORD not in f"{line.detail}{line.title_fr}{line.subject}".casefold()


def test_what_comes_later_brings_nobody_back(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    # Between the decision and the worker's first step, and after its last.
    collected(record(20, user_id=WORD.upper(), properties='{"late": 1}'))
    assert LateEvent.objects.count() == 1
    carried_out(number)
    collected(
        record(21, user_id=WORD.upper(), anonymous_id=f"{WORD}-device"),
        record(22, anonymous_id="till-11", context=f'{{"traits":{{"email":"{EMAIL}"}}}}'),
        record(23, user_id=KEPT),
    )
    assert not Identifier.objects.filter(value__icontains=WORD).exists()
    while work.sweep_late(now=lambda: NOON):
        pass
    assert not LateEvent.objects.exists()
    ids = {row[0] for row in queries.last_events().rows}
    assert ids == {"m6", "m7", "m23"}
    assert traces(WORD) == []


def test_a_shared_tablet_s_events_go_only_where_they_were_in_their_hand(company: Company) -> None:
    tablet = {"anonymous_id": "tablet-1"}
    collected(
        record(100, user_id="anna-400", **tablet),
        record(101, name="annas", **tablet),
        record(102, user_id="anna-400", **tablet),
        record(400, user_id="bert-500", **tablet),
        record(401, name="berts", **tablet),
        record(402, user_id="bert-500", **tablet),
        record(900, name="nobodys", **tablet),
    )
    number = checked(company, "erasure", found(Kind.USER_ID, "anna-400").pk)
    erasure_decided(company, number)
    carried_out(number)
    assert {row[0] for row in queries.last_events().rows} == {"m400", "m401", "m402", "m900"}


def test_a_browser_that_was_left_behind_is_whose_who_signs_in_on_it(company: Company) -> None:
    browser = {"anonymous_id": "b-left-1"}
    collected(record(1, user_id="anna-400", **browser))
    number = checked(company, "erasure", found(Kind.USER_ID, "anna-400").pk)
    erasure_decided(company, number)
    collected(record(2, **browser))  # the book has the use of hers yet
    assert LateEvent.objects.count() == 1
    carried_out(number)
    collected(record(200, **browser))  # nobody knows whose hand it is in
    assert LateEvent.objects.count() == 2
    work.sweep(NOON)
    # Somebody else signs in on it: what they do there without a name is theirs to keep.
    collected(record(300, **browser), record(301, user_id="bert-500", **browser))
    collected(record(302, **browser))
    assert not LateEvent.objects.exists()
    work.sweep(NOON)
    assert {row[0] for row in queries.last_events().rows} == {"m300", "m301", "m302"}


def test_what_came_between_the_books_and_the_lake_is_in_neither(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = plant(company)
    erasure_decided(company, number)
    lake = stores["lake.events"]
    assert lake.erase is not None

    def meanwhile(who: Any) -> Any:
        keep(home(), Parcel("shop", "web", AT_US, [record(40, user_id=WORD.upper())]))
        drained(home())
        return lake.erase(who) if lake.erase else None

    monkeypatch.setitem(stores._entries, "lake.events", replace(lake, erase=meanwhile))
    before = RightsRequest.objects.get(pk=number)
    carried_out(number)
    assert traces(WORD) == []
    line = ErasedStore.objects.get(request=before, store="collect.books")
    assert (line.found >= 3, line.left) == (True, 0)


def test_what_is_said_of_them_beside_others_goes_and_what_others_said_stays(
    company: Company,
) -> None:
    number = plant(company)
    other = found(Kind.USER_ID, KEPT)
    twice = entered(company, "erasure", None, asker=EMAIL, words="encore")
    letter = entered(company, "access", None, asker="une dame", words=f"avec {PHONE}")
    apart = entered(company, "access", None, asker=f"{KEPT}@orange.fr", words="rien")
    agreed = {"identifier": other, "purpose": "marketing", "channel": "sms", "said": 0, "at_us": 1}
    with guard.permitted():
        for name, value in (("referrer", EMAIL), ("sponsor", "06 98 76 54 32"), ("note", KEPT)):
            Trait.objects.create(
                identifier=other, name=name, value=value, source="crm", first_us=1, last_us=1
            )
        Hand.objects.create(joins=True, one=-1, other=-2, reason=f"like {EMAIL}", by="x", at=NOON)
        Consent.objects.create(**agreed, noted_at=NOON, by="seat", place=f"for {EMAIL}", key=b"1")
    erasure_decided(company, number)
    carried_out(number)
    assert traces(WORD) == []
    assert traces("98 76 54 32") == []
    assert traces(PHONE.removeprefix("+33")) == []
    said = set(Trait.objects.filter(identifier=other).values_list("name", flat=True))
    assert "note" in said
    assert not {"referrer", "sponsor"} & said
    assert Hand.objects.get(one=-1).reason == ""
    kept = Consent.objects.get(channel="sms")
    assert (kept.said, kept.place, bytes(kept.key)) == (0, "", b"1")
    states = dict(RightsRequest.objects.values_list("pk", "state"))
    assert (states[twice], states[letter], states[apart]) == ("erased", "received", "received")
    assert RightsRequest.objects.get(pk=apart).words == "rien"


def steps() -> list[str]:
    return [*(key for key, _store in work.order_of_stores()), work.DATABASE]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_in_any_step_resumes_and_ends(
    company: Company, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Each step fails once, before it did anything or after it did all but write its line."""
    number = plant(company)
    erasure_decided(company, number)
    broken: list[str] = []
    real = dict(work.order_of_stores())

    def once(key: str, does: Callable[..., Any]) -> Callable[..., Any]:
        def step(*given: Any) -> Any:
            if key in broken:
                return does(*given)
            broken.append(key)
            if when == "after":
                does(*given)
            raise Crash(key)

        return step

    for key, store in real.items():
        assert store.erase is not None
        broken_store = Store(
            store.name, store.engine, store.holds, store.tables, store.personal,
            once(key, store.erase), store.erases_tables,
        )  # fmt: skip
        monkeypatch.setitem(stores._entries, key, broken_store)
    monkeypatch.setattr(compacting, "compact", once(work.DATABASE, compacting.compact))
    for _ in steps():
        with pytest.raises(Crash):
            work.erase(number, now=lambda: NOON, stop=NEVER)
    carried_out(number)
    assert broken == steps()
    assert traces(WORD) == []
    assert state(number) == "done"
    assert not ErasureTarget.objects.exists()


class Crash(Exception):
    """As if the process had died here."""


def test_what_waits_in_the_journal_is_waited_for(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    keep(home(), Parcel("shop", "web", AT_US, [record(30, user_id=WORD.upper())]))
    with pytest.raises(NotYet):
        work.erase(number, now=lambda: NOON, stop=NEVER)
    collected()
    carried_out(number)
    assert traces(WORD) == []


def test_the_worker_finds_by_itself_what_was_decided(company: Company) -> None:
    number = plant(company)
    erasure_decided(company, number)
    assert work.once(NEVER, now=lambda: NOON)
    assert state(number) == "done"
    rounds.once(at=NOON)
    assert traces(WORD) == []
