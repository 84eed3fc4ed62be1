"""What events say of who did it, in every place where Segment's specification lets it stand."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from pupitre.flow.identify.claiming import NAMELESS, Claimed, Said, Valued, kind_of
from pupitre.flow.identify.claiming import claimed as hear
from pupitre.flow.identify.kinds import Kind
from pupitre.flow.identify.normalising import Named, Setting
from pupitre.lake.contracts import EVENT_SCHEMA

MINUTE = 60_000_000
ANNE = (Kind.USER_ID, "anne")
MAIL = (Kind.EMAIL, "anne@orange.fr")
BROWSER = (Kind.ANONYMOUS_ID, "b7")


def events(*given: dict[str, Any]) -> pa.Table:
    """In the lake's columns; ``at`` is the minute."""
    usual = {
        "source": "shop",
        "type": "track",
        "channel": "web",
        "properties": "{}",
        "traits": "{}",
        "context": "{}",
        "extra": "{}",
    }
    rows = []
    for number, one in enumerate(given):
        at = one.pop("at", number) * MINUTE
        for name in ("traits", "context"):
            if name in one:
                one[name] = json.dumps(one[name])
        times = {"received_at": at, "corrected_at": at}
        rows.append({"message_id": f"m{number}", **usual, **one, **times})
    columns = [
        pa.array([row.get(field.name) for row in rows], pa.int64()).cast(field.type)
        if pa.types.is_timestamp(field.type)
        else pa.array([row.get(field.name) for row in rows], field.type)
        for field in EVENT_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=EVENT_SCHEMA)


def claimed(table: pa.Table, into: Claimed | None = None) -> Claimed:
    found = into or Claimed(Setting())
    hear(table, found)
    return found


def links(found: Claimed) -> dict[Any, Any]:
    names = {number: one for one, number in found.identifiers.items()}
    return {
        frozenset((names[a], names[b])): one.first_us // MINUTE
        for (a, b), one in found.links.items()
    }


@pytest.mark.parametrize(
    "one",
    [
        {"type": "identify", "traits": {"email": "Anne@Orange.fr"}},
        {"context": {"traits": {"email": "anne@orange.fr"}}},
        {"context": {"externalIds": [{"id": "anne@orange.fr", "type": "email"}]}},
        {"type": "identify", "traits": {"e-mail": "anne@orange.fr", "emailVerified": True}},
    ],
)
def test_where_an_address_may_stand(one: dict[str, Any]) -> None:
    found = claimed(events({"user_id": "anne", **one}))
    assert links(found) == {frozenset((ANNE, MAIL)): 0}


def test_a_track_says_nothing_by_traits_that_are_not_its_own() -> None:
    found = claimed(events({"user_id": "anne", "traits": {"email": "anne@orange.fr"}}))
    assert not found.links


def test_what_is_said_often_is_one_link_with_its_first_message() -> None:
    said = {"user_id": "anne", "context": {"traits": {"email": "anne@orange.fr"}}}
    found = claimed(events({**said, "at": 9}, {**said, "at": 3}, {**said, "at": 5}))
    found = claimed(events({**said, "at": 4}), into=found)
    assert links(found) == {frozenset((ANNE, MAIL)): 3}
    assert next(iter(found.links.values())) == Said(3 * MINUTE, "shop", "m1")


def test_a_device_names_nobody_and_is_remembered_with_who_said_so() -> None:
    found = claimed(
        events(
            {"anonymous_id": "b7", "at": 1},
            {"anonymous_id": "b7", "user_id": "anne", "at": 2},
            {"anonymous_id": "b7", "at": 3},
        ),
    )
    assert not found.links
    number = found.identifiers[BROWSER]
    [one] = found.moments
    assert (one.device, one.naming, one.itself) == (number, found.identifiers[ANNE], False)
    assert (one.at_us // MINUTE).tolist() == [2]


def test_an_alias_says_that_a_browser_is_somebodys() -> None:
    found = claimed(events({"type": "alias", "user_id": "anne", "previous_id": "b7"}))
    [one] = found.moments
    assert (one.device, one.naming) == (found.identifiers[BROWSER], found.identifiers[ANNE])


def test_what_names_nobody_is_counted_and_links_nothing() -> None:
    found = claimed(
        events(
            {"user_id": "null", "context": {"traits": {"email": "anne@orange.fr", "phone": "12"}}},
            {"user_id": "null"},
        ),
    )
    assert set(found.identifiers) == {MAIL}
    assert found.turned_away == {
        (Kind.USER_ID, Named.BLOCKED): 2,
        (Kind.PHONE, Named.MALFORMED): 1,
    }


@pytest.mark.parametrize("context", ['{"traits":1e999}', '{"traits":[1],"externalIds":{"a":1}}'])
def test_what_makes_no_sense_says_nothing(context: str) -> None:
    table = events({"user_id": "anne"})
    place = table.schema.get_field_index("context")
    table = table.set_column(place, table.schema.field(place), pa.array([context]))
    found = claimed(table)
    assert (set(found.identifiers), found.links) == ({ANNE}, {}) or not found.links


@pytest.mark.parametrize(
    ("name", "kind"),
    [("loyaltyCard", Kind.LOYALTY_CARD), ("carte_fidelite", Kind.LOYALTY_CARD), ("name", None)],
)
def test_names_of_fields(name: str, kind: Kind | None) -> None:
    assert kind_of(name) == kind


def test_each_event_is_told_by_its_strongest_name() -> None:
    found = Claimed(Setting())
    strongest = hear(
        events(
            {"anonymous_id": "b7"},
            {"anonymous_id": "b7", "context": {"traits": {"email": "anne@orange.fr"}}},
            {"user_id": "anne", "context": {"traits": {"email": "anne@orange.fr"}}},
        ),
        found,
    )
    assert strongest.tolist() == [NAMELESS, found.identifiers[MAIL], found.identifiers[ANNE]]
    assert [one.itself for one in found.moments] == [True]  # it rests under the browser


def test_how_the_lake_writes_it_is_kept_where_we_write_it_otherwise() -> None:
    found = claimed(events({"user_id": " anne "}, {"user_id": "anne"}))
    assert found.identities == {"user_id: anne ": found.identifiers[ANNE]}


def test_traits_are_kept_with_their_source_and_the_instants_of_their_saying() -> None:
    says = {"type": "identify", "user_id": "anne"}
    traits = {"firstName": "Anne", "address": {"city": "Lyon"}, "vip": True, "empty": " "}
    found = claimed(
        events(
            {**says, "traits": traits, "at": 5},
            {**says, "traits": {"firstName": "Anne"}, "at": 2},
            {**says, "traits": {"firstName": "Anne"}, "source": "crm", "at": 9},
        )
    )
    anne = found.identifiers[ANNE]
    assert found.values == {
        Valued(anne, "firstName", "shop", "Anne"): (2 * MINUTE, 5 * MINUTE),
        Valued(anne, "address.city", "shop", "Lyon"): (5 * MINUTE, 5 * MINUTE),
        Valued(anne, "vip", "shop", "true"): (5 * MINUTE, 5 * MINUTE),
        Valued(anne, "firstName", "crm", "Anne"): (9 * MINUTE, 9 * MINUTE),
    }


def test_only_the_identities_of_events_are_kept_in_their_spelling() -> None:
    traits = {"traits": {"userId": " " * 700 + "u1"}}
    found = claimed(events({"anonymous_id": "b7", "context": traits}))
    assert (Kind.USER_ID, "u1") in found.identifiers
    assert found.identities == {}


def test_somebody_else_may_give_what_was_of_somebody_erased() -> None:
    bob = {"user_id": "bob", "context": {"traits": {"email": "anne@orange.fr"}}}
    found = Claimed(Setting(), forgotten=frozenset({MAIL, BROWSER}))
    hear(events({**bob, "anonymous_id": "b7"}, {"anonymous_id": "b7"}), found)
    assert found.late == [("shop", "m1")]
    assert set(found.identifiers) == {(Kind.USER_ID, "bob"), BROWSER}
    assert not found.links
