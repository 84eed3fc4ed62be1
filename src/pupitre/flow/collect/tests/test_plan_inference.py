"""A tracking plan out of what arrives: types, shares, and what differs from what was agreed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.sources.inference import (
    ENOUGH,
    MAX_EVENTS,
    MAX_PROPERTIES,
    Change,
    Sample,
    differences,
    infer,
    propose,
    type_of,
)
from pupitre.flow.collect.sources.planning import check_plan


def tracks(name: str, *properties: dict[str, Any]) -> list[Sample]:
    return [Sample("track", name, given) for given in properties]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "string"),
        ("", "string"),
        (1, "number"),
        (1.5, "number"),
        (True, "boolean"),
        ({}, "object"),
        ([], "array"),
    ],
)
def test_types_are_json_s(value: object, expected: str) -> None:
    assert type_of(value) == expected


def test_shares_count_values_and_not_nulls() -> None:
    (event,) = infer(tracks("Bought", {"total": 1}, {"total": None}, {"total": 2, "code": "x"}, {}))
    assert event.seen == 4
    shares = {found.name: event.share(found) for found in event.properties}
    assert shares == {"total": 0.5, "code": 0.25}


def test_a_property_of_several_types_is_any_and_says_which() -> None:
    (event,) = infer(tracks("Bought", {"total": 1}, {"total": "1"}, {"total": "2"}))
    (total,) = event.properties
    assert total.types == (("string", 2), ("number", 1))
    assert total.type == "any"


def test_tracks_go_by_their_name_and_the_others_as_a_whole() -> None:
    seen = infer(
        [
            *tracks("Bought", {}, {}, {}),
            *tracks("Searched", {}),
            Sample("page", "Home", {"path": "/"}),
            Sample("page", "Basket", {"path": "/basket"}),
            Sample("identify", "", {"email": "x"}),
        ]
    )
    assert [(event.type, event.name, event.seen) for event in seen] == [
        ("track", "Bought", 3),
        ("page", "", 2),
        ("identify", "", 1),
        ("track", "Searched", 1),
    ]


@pytest.mark.parametrize(("count", "required"), [(ENOUGH - 1, False), (ENOUGH, True)])
def test_what_is_always_there_is_required_once_enough_was_seen(count: int, required: bool) -> None:
    (planned,) = propose(infer(tracks("Bought", *[{"total": 1}] * count)))
    assert planned.properties == (PlannedProperty("total", "number", required),)


def test_what_was_missing_once_is_not_required() -> None:
    (planned,) = propose(infer(tracks("Bought", *[{"total": 1}] * 500, {})))
    assert planned.properties == (PlannedProperty("total", "number", False),)


def test_every_difference_is_named() -> None:
    def event(name: str, *properties: PlannedProperty) -> PlannedEvent:
        return PlannedEvent("track", name, properties)

    agreed = (
        event("Gone"),
        event(
            "Same",
            PlannedProperty("dropped", "string"),
            PlannedProperty("changed", "string"),
            PlannedProperty("firm", "number"),
            PlannedProperty("loose", "number", required=True),
            PlannedProperty("equal", "array", required=True),
        ),
    )
    proposed = (
        event(
            "Same",
            PlannedProperty("added", "string"),
            PlannedProperty("changed", "number"),
            PlannedProperty("firm", "number", required=True),
            PlannedProperty("loose", "number"),
            PlannedProperty("equal", "array", required=True),
        ),
        event("New"),
    )
    found = [(one.change, one.name, one.property) for one in differences(agreed, proposed)]
    assert found == [
        (Change.UNSEEN_EVENT, "Gone", ""),
        (Change.NEW_EVENT, "New", ""),
        (Change.NEW_PROPERTY, "Same", "added"),
        (Change.OTHER_TYPE, "Same", "changed"),
        (Change.UNSEEN_PROPERTY, "Same", "dropped"),
        (Change.NOW_REQUIRED, "Same", "firm"),
        (Change.NOT_REQUIRED, "Same", "loose"),
    ]
    assert differences(agreed, agreed) == ()


def test_it_is_bounded() -> None:
    many = [Sample("track", f"event {n}", {}) for n in range(MAX_EVENTS + 50)]
    assert len(infer(many)) == MAX_EVENTS
    wide = {f"property {n}": n for n in range(MAX_PROPERTIES + 50)}
    (event,) = infer(tracks("Wide", wide, wide))
    assert len(event.properties) == MAX_PROPERTIES
    assert infer(tracks("x" * 201, {})) == ()
    (event,) = infer(tracks("Long", {"x" * 201: 1, "": 2}))
    assert event.properties == ()


kept = st.characters(exclude_categories=["Cs"], exclude_characters="\0")  # by the lake
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
samples = st.builds(
    Sample,
    st.sampled_from(["track", "page", "identify", "screen", "group", "alias"]),
    st.text(kept, min_size=1, max_size=4),
    st.dictionaries(st.text(kept, max_size=4), values, max_size=5),
)


@settings(max_examples=200)
@given(st.lists(samples, max_size=40))
def test_what_is_proposed_is_a_plan_that_may_be_agreed_to(given_samples: list[Sample]) -> None:
    seen = infer(given_samples)
    plan = propose(seen)
    check_plan(plan, PlanMode.WARN)
    assert sum(event.seen for event in seen) == len(given_samples)
    assert differences(plan, plan) == ()
    assert all(0 < event.share(p) <= 1 for event in seen for p in event.properties)
