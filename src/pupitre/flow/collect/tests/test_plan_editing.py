"""A plan edited by hand: what each edit makes of it, and what it leaves as it was."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.core.errors import Invalid
from pupitre.flow.collect.contracts import PlanMode, PlannedEvent, PlannedProperty
from pupitre.flow.collect.sources import editing
from pupitre.flow.collect.sources.inference import (
    MAX_EVENTS,
    MAX_PROPERTIES,
    NAME_CHARACTERS,
    Sample,
    infer,
    propose,
)
from pupitre.flow.collect.sources.planning import check_plan

TOTAL = PlannedProperty("total", "number", required=True)
CODE = PlannedProperty("code", "string")
SOLD = PlannedEvent("track", "Sold", (TOTAL, CODE))
PAGE = PlannedEvent("page", "")
PLAN = (SOLD, PAGE)


def samples(name: str, count: int, **properties: object) -> list[Sample]:
    return [Sample("track", name, properties)] * count


class TestProperties:
    def test_one_is_added_at_the_end(self) -> None:
        event = editing.with_property(SOLD, name=" shop ", type_="any", required=True)
        assert event.properties == (TOTAL, CODE, PlannedProperty("shop", "any", required=True))
        assert SOLD.properties == (TOTAL, CODE)

    def test_its_name_is_kept_in_one_unicode_form(self) -> None:
        event = editing.with_property(SOLD, name="cafe\u0301", type_="string", required=False)
        assert event.properties[-1].name == "café"

    @pytest.mark.parametrize(
        ("name", "type_", "field"),
        [
            ("total", "number", "property_name"),
            (" total ", "number", "property_name"),
            ("", "number", "property_name"),
            ("  ", "number", "property_name"),
            ("x" * (NAME_CHARACTERS + 1), "number", "property_name"),
            ("a\x00b", "number", "property_name"),
            ("a\nb", "number", "property_name"),
            ("a\ud800", "number", "property_name"),
            ("shop", "integer", "property_type"),
            ("shop", "", "property_type"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, name: str, type_: str, field: str) -> None:
        with pytest.raises(Invalid) as said:
            editing.with_property(SOLD, name=name, type_=type_, required=False)
        assert said.value.field == field

    def test_there_is_an_end(self) -> None:
        event = PlannedEvent("track", "Sold")
        for number in range(MAX_PROPERTIES):
            event = editing.with_property(event, name=f"p{number}", type_="any", required=False)
        with pytest.raises(Invalid, match=str(MAX_PROPERTIES)):
            editing.with_property(event, name="one more", type_="any", required=False)

    def test_one_is_taken_out(self) -> None:
        assert editing.without_property(SOLD, 0).properties == (CODE,)
        assert editing.without_property(SOLD, 1).properties == (TOTAL,)

    def test_each_is_as_chosen(self) -> None:
        event = editing.as_chosen(SOLD, types={1: "array"}, required=frozenset({1}))
        assert event.properties == (
            PlannedProperty("total", "number", required=False),
            PlannedProperty("code", "array", required=True),
        )

    def test_a_type_that_there_is_not(self) -> None:
        with pytest.raises(Invalid) as said:
            editing.as_chosen(SOLD, types={1: "date"}, required=frozenset())
        assert said.value.field == "type_1"


class TestEvents:
    def test_one_that_has_not_arrived_is_added(self) -> None:
        assert editing.with_event(PLAN, type_="track", name=" Returned ") == (
            *PLAN,
            PlannedEvent("track", "Returned"),
        )
        assert editing.with_event(PLAN, type_="identify", name="")[-1] == PlannedEvent(
            "identify", ""
        )

    @pytest.mark.parametrize(
        ("type_", "name", "field"),
        [
            ("track", "Sold", "event_name"),
            ("track", "", "event_name"),
            ("page", "", "event_name"),  # stands there
            ("screen", "Home", "event_name"),  # a plan speaks of screens as a whole
            ("purchase", "Sold", "event_type"),
            ("track", "x" * (NAME_CHARACTERS + 1), "event_name"),
            ("track", "a\x7fb", "event_name"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, type_: str, name: str, field: str) -> None:
        with pytest.raises(Invalid) as said:
            editing.with_event(PLAN, type_=type_, name=name)
        assert said.value.field == field

    def test_there_is_an_end(self) -> None:
        full = tuple(PlannedEvent("track", f"e{number}") for number in range(MAX_EVENTS))
        with pytest.raises(Invalid, match=str(MAX_EVENTS)):
            editing.with_event(full, type_="track", name="one more")
        (found,) = infer(samples("one more", 1))
        with pytest.raises(Invalid, match=str(MAX_EVENTS)):
            editing.taken_over(full, found)
        with pytest.raises(Invalid, match=str(MAX_EVENTS)):
            editing.all_taken_over(full, (found,))

    def test_one_is_taken_out(self) -> None:
        assert editing.without_event(PLAN, 0) == (PAGE,)
        assert editing.without_event(PLAN, 1) == (SOLD,)


class TestTakingOver:
    def test_what_arrives_replaces_one_event_where_it_stands(self) -> None:
        (found,) = infer(samples("Sold", 30, total="3", shop="Lyon"))
        taken = editing.taken_over(PLAN, found)
        assert taken[1] == PAGE
        assert taken[0].properties == (
            PlannedProperty("shop", "string", required=True),
            PlannedProperty("total", "string", required=True),
        )

    def test_a_new_one_comes_last(self) -> None:
        (found,) = infer(samples("Returned", 30, why="size"))
        assert editing.taken_over(PLAN, found) == (*PLAN, *propose((found,)))

    def test_what_is_rare_stays_when_all_is_taken_over(self) -> None:
        seen = infer(samples("Returned", 30, why="size"))
        assert editing.all_taken_over(PLAN, seen) == (*propose(seen), *PLAN)

    def test_too_few_events_do_not_loosen_what_was_required(self) -> None:
        (found,) = infer(samples("Sold", 2, total=3, code="x"))
        total = {p.name: p for p in editing.taken_over(PLAN, found)[0].properties}["total"]
        assert total.required


texts = st.text(max_size=NAME_CHARACTERS + 2)


@given(edits=st.lists(st.tuples(texts, texts, st.sampled_from(["", "any", "string"])), max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_the_draft_stays_a_plan(edits: list[tuple[str, str, str]]) -> None:
    events: tuple[PlannedEvent, ...] = PLAN
    for event, property_, type_ in edits:
        try:
            events = editing.with_event(events, type_="track", name=event)
            last = editing.with_property(events[-1], name=property_, type_=type_, required=True)
            events = (*events[:-1], last)
        except Invalid:
            continue
    check_plan(events, PlanMode.ENFORCE)
    assert msgspec.json.decode(msgspec.json.encode(events), type=tuple[PlannedEvent, ...]) == events


def test_a_name_that_no_database_keeps_is_in_no_plan() -> None:
    for name in ("a\x00b", "a\ud800"):
        for events in (
            (PlannedEvent("track", name),),
            (PlannedEvent("track", "Sold", (PlannedProperty(name, "any"),)),),
        ):
            with pytest.raises(Invalid):
                check_plan(events, PlanMode.WARN)
