"""The truth joins the events, and agrees with them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pupitre.flow.collect.simulation import rows, truth
from pupitre.flow.collect.simulation.block import Block
from pupitre.flow.collect.simulation.contracts import Scenario
from pupitre.flow.collect.simulation.lives import Kind


def owners(true: Mapping[str, Any], kind: str) -> dict[str, set[int]]:
    table = true["identifiers"].filter(pc.equal(true["identifiers"]["kind"], kind))
    found: dict[str, set[int]] = defaultdict(set)
    for value, person in zip(table["value"].to_pylist(), table["person"].to_pylist(), strict=True):
        found[value].add(person)
    return found


def said(first: Block, column: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in pc.unique(first.table[column]).to_pylist()]


def test_every_identifier_of_an_event_has_its_person(first: Block, true: Mapping[str, Any]) -> None:
    """And that person is the one who the event truly is of."""
    for column in ("user_id", "anonymous_id"):
        known = owners(true, column)
        people = first.folk.number[first.laid.events.person]
        values = first.table[column].to_pylist()
        assert all(
            value is None or person in known[value]
            for value, person in zip(values, people.tolist(), strict=True)
        )
        assert sum(value is not None for value in values) > 10_000


def test_every_address_and_number_that_is_told_is_known(
    first: Block, true: Mapping[str, Any]
) -> None:
    mails, cards = owners(true, "email"), owners(true, "loyalty_card")
    told = said(first, "traits") + [
        context["traits"] for context in said(first, "context") if "traits" in context
    ]
    emails = {one["email"] for one in told if "email" in one}
    assert len(emails) > 2_000
    assert emails <= mails.keys()
    shown = {one["loyaltyCard"] for one in told if "loyaltyCard" in one} | {
        external["id"]
        for context in said(first, "context")
        for external in context.get("externalIds", ())
        if external["type"] == "loyalty_card"
    }
    assert len(shown) > 500
    assert shown <= cards.keys()


def local(phone: str) -> str:
    """A French number without its spelling."""
    digits = "".join(letter for letter in phone if letter.isdigit())
    return digits.removeprefix("0033").removeprefix("33").removeprefix("0")


def test_telephones_are_spelt_in_many_ways_and_known_in_one(
    first: Block, true: Mapping[str, Any]
) -> None:
    known = {local(phone) for phone in owners(true, "phone")}
    told = {one["phone"] for one in said(first, "traits") if "phone" in one}
    assert sum(phone.startswith("+33") for phone in told) > 100
    assert sum(" " in phone for phone in told) > 100
    assert sum(phone.startswith("0033") for phone in told) > 50
    assert {local(phone) for phone in told} <= known


def test_what_is_not_shared_has_one_person(true: Mapping[str, Any]) -> None:
    table = true["identifiers"]
    one = table.filter(pc.invert(table["shared"]))
    for kind in ("user_id", "email", "phone", "loyalty_card", "order_id", "handle"):
        values = one.filter(pc.equal(one["kind"], kind))
        pairs = set(zip(values["value"].to_pylist(), values["person"].to_pylist(), strict=True))
        assert len({value for value, _ in pairs}) == len(pairs), kind
    shared = table.filter(table["shared"])
    assert set(pc.unique(shared["kind"]).to_pylist()) == {"anonymous_id", "email", "phone"}


def test_errors_are_told_apart_from_what_is_right(true: Mapping[str, Any]) -> None:
    table = true["identifiers"]
    wrong = table.filter(pc.is_valid(table["correct_value"]))
    assert wrong.num_rows > 200
    right = {**owners(true, "email"), **owners(true, "phone")}
    for row in wrong.to_pylist():
        assert row["value"] != row["correct_value"]
        assert row["person"] in right[row["correct_value"]]


def test_shared_devices_go_from_hand_to_hand(company: Scenario, blocks: tuple[Block, ...]) -> None:
    """And are never in two hands at once, even those of two blocks."""
    stretches = pa.concat_tables([truth.holders(company, made) for made in blocks])
    by_device: dict[str, list[tuple[Any, Any, int]]] = defaultdict(list)
    for row in stretches.filter(pc.not_equal(stretches["device"], "own")).to_pylist():
        by_device[row["anonymous_id"]].append((row["from"], row["to"], row["person"]))
    hands = 0
    for uses in by_device.values():
        uses.sort()
        for (_, ended, before), (began, _, after) in pairwise(uses):
            assert began > ended
            hands += before != after
    assert hands > 1_000
    kiosk = {name: uses for name, uses in by_device.items() if name.startswith("kiosk-")}
    assert max(len({person for *_, person in uses}) for uses in kiosk.values()) > 10
    both = [{person >= 4_000 for *_, person in uses} for uses in kiosk.values()]
    assert any(len(blocks_seen) == 2 for blocks_seen in both)


def test_own_devices_are_in_one_hand(true: Mapping[str, Any]) -> None:
    table = true["device_holders"]
    own = table.filter(pc.equal(table["device"], "own"))
    assert len(set(own["anonymous_id"].to_pylist())) == own.num_rows > 1_000


def test_people_have_several_identifiers_over_several_channels(true: Mapping[str, Any]) -> None:
    table = true["identifiers"]
    people, counts = np.unique(table["person"].to_numpy(), return_counts=True)
    assert len(people) == 4_000
    assert np.median(counts) >= 6


def test_orders_of_the_truth_are_those_of_the_events(first: Block, true: Mapping[str, Any]) -> None:
    done = first.table.filter(pc.equal(first.table["name"], rows.ORDER))
    told = {
        json.loads(text)["order_id"]: float(amount)
        for text, amount in zip(
            done["properties"].to_pylist(), done["amount"].to_pylist(), strict=True
        )
    }
    table = true["orders"]
    known = dict(zip(table["order_id"].to_pylist(), table["euros"].to_pylist(), strict=True))
    assert told.keys() <= known.keys()
    assert len(known) - len(told) <= 2  # a latency may put the last one past midnight
    assert all(abs(known[key] - amount) < 0.005 for key, amount in told.items())
    assert (
        sum(true["people"]["euros"].to_pylist()) == sum(known.values())
        or abs(sum(true["people"]["euros"].to_pylist()) - sum(known.values())) < 1.0
    )


def test_kinds_do_what_they_are_called(first: Block) -> None:
    life, made = first.life, first.orders
    repeat = (made.first == 0) & (made.caused_by < 0)
    days = (made.at - first.devices.scenario.origin_us) / 86_400_000_000
    person = made.person
    assert not (life.kind[person[repeat]] == Kind.ONE_TIME).any()
    awake = (days < life.pause_from[person] + 1) | (days > life.pause_to[person] - 1)
    assert awake.all()
    assert (days < life.end[person] + 1).all()
    assert (days > life.start[person] - 1).all()
    assert (life.kind == Kind.RETURNING).sum() > 200
    for kind in Kind:
        assert (life.kind == kind).mean() > 0.05


def test_messages_go_only_to_those_who_agreed(first: Block, true: Mapping[str, Any]) -> None:
    table = true["consents"].filter(pc.equal(true["consents"]["purpose"], "marketing"))
    agreed = {(row["person"], row["channel"]): row for row in table.to_pylist()}
    sent = pc.is_in(first.table["name"], pa.array(["Email Sent", "SMS Sent"]))
    where = np.flatnonzero(sent.to_numpy())
    people = first.folk.number[first.laid.events.person[where]].tolist()
    part = first.table.select(["channel", "corrected_at"]).take(pa.array(where))
    late = 0
    for person, row in zip(people, part.to_pylist(), strict=True):
        consent, at = agreed[person, row["channel"]], row["corrected_at"]
        assert consent["given"]
        assert consent["asked_at"] <= at
        withdrawn, again = consent["withdrawn_at"], consent["given_again_at"]
        late += withdrawn is not None and withdrawn < at and not (again and again <= at)
    assert late == 0
    assert len(people) > 10_000


def test_consents_are_told_as_events(first: Block, true: Mapping[str, Any]) -> None:
    """Everybody who was asked told so, once; everybody who withdrew did."""
    names = first.table["name"].to_pylist()
    table = true["consents"]
    given = sum(table["given"].to_pylist())
    end = pc.max(first.table["corrected_at"]).as_py()
    withdrawn = sum(at is not None and at < end for at in table["withdrawn_at"].to_pylist())
    again = sum(at is not None and at < end for at in table["given_again_at"].to_pylist())
    assert names.count("Consent Given") == given + again
    assert abs(names.count("Consent Refused") - (table.num_rows - given)) <= 3
    assert names.count("Consent Withdrawn") == withdrawn


def test_no_campaign_reaches_its_control_group(first: Block, true: Mapping[str, Any]) -> None:
    groups = defaultdict(dict)
    for row in true["assignments"].to_pylist():
        groups[row["campaign"]][row["person"]] = row["group"]
    sent = np.flatnonzero(
        pc.is_in(first.table["name"], pa.array(["Email Sent", "SMS Sent"])).to_numpy()
    )
    people = first.folk.number[first.laid.events.person[sent]].tolist()
    properties = first.table["properties"].take(pa.array(sent)).to_pylist()
    reached = defaultdict(set)
    for person, text in zip(people, properties, strict=True):
        reached[json.loads(text)["campaign_id"]].add(person)
    assert len(groups) == 8
    for campaign, members in groups.items():
        treated = {person for person, group in members.items() if group == "treated"}
        assert reached[campaign] == treated, campaign
        assert 0 < len(treated) < len(members)
