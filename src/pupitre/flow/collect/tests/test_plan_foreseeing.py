"""What a plan would have refused, against the collector itself and against counting by hand."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pupitre.flow.collect.contracts import PlannedEvent, PlannedProperty, SourceView
from pupitre.flow.collect.sources.book import SourceBook
from pupitre.flow.collect.sources.foreseeing import MAX_REASONS, Arrival, foresee, samples_of
from pupitre.flow.collect.sources.inference import infer, propose
from pupitre.lake.contracts import Channel

SOLD = PlannedEvent(
    "track",
    "Sold",
    (PlannedProperty("total", "number", required=True), PlannedProperty("code", "string")),
)
WHO = PlannedEvent("identify", "", (PlannedProperty("email", "string", required=True),))


def arrival(type_: str, name: str = "", **properties: Any) -> Arrival:
    text = json.dumps(properties)
    traits = type_ in ("identify", "group")
    return Arrival(type_, name, "{}" if traits else text, text if traits else "{}")


def told(arrivals: list[Arrival], *events: PlannedEvent) -> list[tuple[int, str, str, str]]:
    found = foresee(arrivals, events)
    return [(r.count, r.type, r.name, r.detail.english if r.detail else "") for r in found.reasons]


def test_each_reason_is_counted_by_event() -> None:
    arrivals = [
        *[arrival("track", "Sold", total=3)] * 7,
        *[arrival("track", "Sold", code="x")] * 3,
        *[arrival("track", "Sold", total="3")] * 2,
        *[arrival("track", "Returned", total=3)] * 4,
        arrival("identify", email="a@b.example"),
        arrival("identify"),
        arrival("page", "Home"),
        arrival("page", "Basket"),
    ]
    found = foresee(arrivals, (SOLD, WHO))
    assert (found.read, found.unexpected, found.untold) == (20, 12, 0)
    assert told(arrivals, SOLD, WHO) == [
        (4, "track", "Returned", ""),
        (3, "track", "Sold", "“total” is missing"),
        (2, "page", "", ""),  # pages go together, whatever their names
        (2, "track", "Sold", "“total” is not of type number"),
        (1, "identify", "", "“email” is missing"),
    ]


def test_the_least_frequent_reasons_are_a_number() -> None:
    arrivals = [arrival("track", f"e{n:02}") for n in range(MAX_REASONS + 5) for _ in range(n + 1)]
    found = foresee(arrivals, ())
    assert len(found.reasons) == MAX_REASONS
    assert found.untold == 1 + 2 + 3 + 4 + 5
    assert found.unexpected == len(arrivals)


def test_nothing_arrived() -> None:
    found = foresee((), (SOLD,))
    assert (found.read, found.unexpected, found.share) == (0, 0, 0.0)


def test_a_number_that_no_machine_has_breaks_nothing() -> None:
    odd = Arrival("track", "Sold", '{"total": 1e999}', "{}")
    assert foresee((odd,), (SOLD,)).unexpected == 1
    assert [sample.properties for sample in samples_of((odd,))] == [{}]


values = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=2), st.just([]), st.just({})
)
arrivals_of_all_kinds = st.lists(
    st.builds(
        lambda type_, name, properties: arrival(type_, name, **properties),
        st.sampled_from(["track", "identify", "page"]),
        st.sampled_from(["", "Sold", "Returned"]),
        st.dictionaries(st.sampled_from(["total", "code", "email"]), values),
    ),
    max_size=40,
)


@given(arrivals=arrivals_of_all_kinds)
@settings(max_examples=150, deadline=None)
def test_it_counts_as_one_who_reads_event_by_event(arrivals: list[Arrival]) -> None:
    """Counted a second way: JSON's own types, without the collector's function."""
    types = {"total": (int, float), "code": str, "email": str}
    wrong: Counter[tuple[str, str]] = Counter()
    for one in arrivals:
        described = json.loads(one.traits if one.type == "identify" else one.properties)
        if one.type == "page" or (one.type, one.name) in (("track", ""), ("track", "Returned")):
            wrong[one.type, one.name if one.type == "track" else ""] += 1
            continue
        must, may = ("email", ()) if one.type == "identify" else ("total", ("code",))
        missing = described.get(must) is None
        bad = any(
            described.get(name) is not None
            and (
                not isinstance(described[name], types[name])  # type: ignore[arg-type]
                or isinstance(described[name], bool)
            )
            for name in (must, *may)
        )
        if missing or bad:
            wrong[one.type, one.name if one.type == "track" else ""] += 1
    found = foresee(arrivals, (SOLD, WHO))
    by_event: Counter[tuple[str, str]] = Counter()
    for reason in found.reasons:
        by_event[reason.type, reason.name] += reason.count
    assert by_event == wrong
    assert found.unexpected == wrong.total()


@given(arrivals=arrivals_of_all_kinds)
@settings(max_examples=50, deadline=None)
def test_what_is_inferred_refuses_nothing_of_what_it_was_inferred_from(
    arrivals: list[Arrival],
) -> None:
    named = [one for one in arrivals if one.type != "track" or one.name]
    assert foresee(named, propose(infer(samples_of(named)))).unexpected == 0


@pytest.mark.parametrize("place", [("track", "Sold"), ("page", "Home"), ("track", "Other")])
def test_the_line_of_the_plan_is_the_one_the_collector_takes(place: tuple[str, str]) -> None:
    type_, name = place
    plan = (SOLD, PlannedEvent("page", "", (PlannedProperty("path", "string", required=True),)))
    book = SourceBook("1", (SourceView(1, "shop", "Shop", Channel.WEB, True, plan=plan),), ())
    expected = book.planned(1, type_, name)
    found = foresee((Arrival(type_, name, '{"nothing": 1}', "{}"),), plan)
    (reason,) = found.reasons
    assert (reason.detail is None) == (expected is None)
